/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys against grammars without an end of input: the first match counts at once, the longest one is
 * not waited for, and what matches nothing is forgotten. On the call's shard.
 */
#include "hotword_listener.h"

struct _McpVxmlHotwordListener {
    McpGrammarEngine *engine;
    GPtrArray *active; /* McpGrammar, referenced */
    GArray *places;    /* guint: index in the list that was given */
    McpDtmfMatcher *matcher;
    GString *keys; /* since the matcher began */
    gint64 last;   /* when the last one began */
};

McpVxmlHotwordListener *
mcp_vxml_hotword_listener_new(McpGrammarEngine *engine, GPtrArray *compiled)
{
    g_autoptr(McpVxmlHotwordListener) listener = g_new0(McpVxmlHotwordListener, 1);

    listener->engine = engine;
    listener->active = g_ptr_array_new();
    listener->places = g_array_new(FALSE, FALSE, sizeof(guint));
    listener->keys = g_string_new(NULL);
    for (guint i = 0; i < compiled->len; i++) {
        McpGrammar *grammar = compiled->pdata[i];

        if (grammar == NULL || mcp_grammar_get_mode(engine, grammar) != MCP_GRAMMAR_DTMF)
            continue;
        g_ptr_array_add(listener->active, mcp_grammar_ref(engine, grammar));
        g_array_append_val(listener->places, i);
    }
    return listener->active->len > 0 ? g_steal_pointer(&listener) : NULL;
}

void
mcp_vxml_hotword_listener_free(McpVxmlHotwordListener *listener)
{
    if (listener->matcher != NULL)
        mcp_grammar_matcher_free(listener->engine, listener->matcher);
    for (guint i = 0; i < listener->active->len; i++)
        mcp_grammar_unref(listener->engine, listener->active->pdata[i]);
    g_ptr_array_unref(listener->active);
    g_array_unref(listener->places);
    g_string_free(listener->keys, TRUE);
    g_free(listener);
}

static void
begin(McpVxmlHotwordListener *listener)
{
    if (listener->matcher != NULL)
        mcp_grammar_matcher_free(listener->engine, listener->matcher);
    listener->matcher = mcp_grammar_matcher_new(
        listener->engine, (McpGrammar **)listener->active->pdata, listener->active->len);
}

static McpMatchState
feed_keys(McpVxmlHotwordListener *listener)
{
    McpMatchState state = MCP_MATCH_NONE;

    begin(listener);
    for (gsize i = 0; listener->matcher != NULL && i < listener->keys->len; i++) {
        state =
            mcp_grammar_matcher_feed(listener->engine, listener->matcher, listener->keys->str[i]);
        if (state == MCP_MATCH_NONE)
            break;
    }
    return state;
}

McpGrammarResult *
mcp_vxml_hotword_listener_feed(McpVxmlHotwordListener *listener, const McpDigit *digit,
                               gint64 interdigit)
{
    McpGrammarResult *result;
    McpMatchState state;

    if (listener->keys->len > 0 && digit->start - listener->last > interdigit)
        g_string_truncate(listener->keys, 0);
    listener->last = digit->start;
    g_string_append_c(listener->keys, digit->digit);
    state = feed_keys(listener);
    /* "1*9" ends with "*9" if that is what is listened for. */
    while (state == MCP_MATCH_NONE && listener->keys->len > 0) {
        g_string_erase(listener->keys, 0, 1);
        state = feed_keys(listener);
    }
    if (state != MCP_MATCH_MORE && state != MCP_MATCH_COMPLETE)
        return NULL;
    result = mcp_grammar_matcher_result(listener->engine, listener->matcher, NULL);
    g_string_truncate(listener->keys, 0);
    if (result != NULL)
        result->index = g_array_index(listener->places, guint, result->index);
    return result;
}

gboolean
mcp_vxml_hotword_listener_waits(const McpVxmlHotwordListener *listener)
{
    return listener->keys->len > 0;
}
