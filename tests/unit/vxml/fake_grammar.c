/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A grammar engine for tests of the interpreter alone: DTMF grammars whose sentences can be listed,
 * with tags of the form out="x" and out.name="x"; builtin digits and boolean. One thread.
 */
#include <mcp/error.h>
#include <mcp/json.h>
#include <string.h>

#include "fakes.h"
#include "xml/xml.h"

/* One sentence: its keys, and members of the result; the name "" is the result itself. */
typedef struct {
    GString *keys;
    GPtrArray *members; /* name, value, name, value … */
} Sentence;

struct _McpGrammar {
    gatomicrefcount refs;
    McpGrammarMode mode;
    GPtrArray *sentences; /* Sentence */
    gboolean digits;      /* any keys, minimum to maximum */
    guint minimum;
    guint maximum;
};

struct _McpDtmfMatcher {
    GPtrArray *grammars;
    GString *keys;
};

struct _FakeGrammarEngine {
    GObject parent_instance;
    McpFetcher *fetcher;
};

static void engine_iface_init(McpGrammarEngineInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeGrammarEngine, fake_grammar_engine, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_GRAMMAR_ENGINE, engine_iface_init))

static void
sentence_free(gpointer data)
{
    Sentence *sentence = data;

    g_string_free(sentence->keys, TRUE);
    g_ptr_array_unref(sentence->members);
    g_free(sentence);
}

static Sentence *
sentence_new(const char *keys)
{
    Sentence *sentence = g_new0(Sentence, 1);

    sentence->keys = g_string_new(keys);
    sentence->members = g_ptr_array_new_with_free_func(g_free);
    return sentence;
}

static void
grammar_free(McpGrammar *grammar)
{
    g_ptr_array_unref(grammar->sentences);
    g_free(grammar);
}

static McpGrammar *
grammar_new(McpGrammarMode mode)
{
    McpGrammar *grammar = g_new0(McpGrammar, 1);

    g_atomic_ref_count_init(&grammar->refs);
    grammar->mode = mode;
    grammar->sentences = g_ptr_array_new_with_free_func(sentence_free);
    return grammar;
}

/* ---- listing the sentences ---- */

static GPtrArray *expand_children(const McpXmlNode *node);

static void
add_tag(Sentence *sentence, const char *tag)
{
    const char *equals = strchr(tag, '=');
    const char *dot = strstr(tag, "out.");
    const char *quote = equals != NULL ? strpbrk(equals, "'\"") : NULL;
    const char *end = quote != NULL ? strchr(quote + 1, *quote) : NULL;
    gboolean named = dot != NULL && dot < equals;

    if (end == NULL)
        return;
    g_ptr_array_add(sentence->members,
                    named ? g_strstrip(g_strndup(dot + 4, (gsize)(equals - dot - 4)))
                          : g_strdup(""));
    g_ptr_array_add(sentence->members, g_strndup(quote + 1, (gsize)(end - quote - 1)));
}

static GPtrArray *
join(GPtrArray *heads, GPtrArray *tails)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(sentence_free);

    for (guint i = 0; i < heads->len; i++) {
        for (guint j = 0; j < tails->len; j++) {
            Sentence *head = heads->pdata[i];
            Sentence *tail = tails->pdata[j];
            Sentence *whole = sentence_new(head->keys->str);

            g_string_append(whole->keys, tail->keys->str);
            for (guint k = 0; k < head->members->len; k++)
                g_ptr_array_add(whole->members, g_strdup(head->members->pdata[k]));
            for (guint k = 0; k < tail->members->len; k++)
                g_ptr_array_add(whole->members, g_strdup(tail->members->pdata[k]));
            g_ptr_array_add(all, whole);
        }
    }
    g_ptr_array_unref(heads);
    g_ptr_array_unref(tails);
    return all;
}

static GPtrArray *
expand(const McpXmlNode *node)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(sentence_free);
    Sentence *sentence = sentence_new("");

    if (mcp_xml_kind(node) == MCP_XML_TEXT) {
        for (const char *c = mcp_xml_text(node); *c != '\0'; c++)
            if (!g_ascii_isspace(*c))
                g_string_append_c(sentence->keys, *c);
    } else if (strcmp(mcp_xml_name(node), "tag") == 0) {
        g_autofree char *tag = mcp_xml_content(node);

        add_tag(sentence, tag);
    } else if (strcmp(mcp_xml_name(node), "one-of") == 0) {
        sentence_free(sentence);
        for (node = mcp_xml_first_element(node); node != NULL; node = mcp_xml_next_element(node)) {
            g_autoptr(GPtrArray) item = expand(node);

            for (guint i = 0; i < item->len; i++)
                g_ptr_array_add(list, item->pdata[i]);
            g_ptr_array_set_free_func(item, NULL);
        }
        return list;
    } else {
        sentence_free(sentence);
        g_ptr_array_unref(list);
        return expand_children(node);
    }
    g_ptr_array_add(list, sentence);
    return list;
}

static GPtrArray *
expand_children(const McpXmlNode *node)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(sentence_free);

    g_ptr_array_add(list, sentence_new(""));
    for (node = mcp_xml_first_child(node); node != NULL; node = mcp_xml_next(node))
        list = join(list, expand(node));
    return list;
}

static const McpXmlNode *
find_rule(const McpXmlNode *root)
{
    const char *name = mcp_xml_attribute(root, "root");
    const McpXmlNode *rule = mcp_xml_first_element(root);

    for (; rule != NULL; rule = mcp_xml_next_element(rule))
        if (name == NULL || g_strcmp0(mcp_xml_attribute(rule, "id"), name) == 0)
            return rule;
    return NULL;
}

static McpGrammar *
compile(GBytes *bytes, McpGrammarMode fallback, GError **error)
{
    g_autoptr(GError) fault = NULL;
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(bytes, NULL, NULL, &fault);
    McpGrammarMode mode = fallback;
    const McpXmlNode *rule;
    const char *said;
    McpGrammar *grammar;

    if (document == NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, fault->message);
        return NULL;
    }
    said = mcp_xml_attribute(mcp_xml_document_root(document), "mode");
    if (said != NULL)
        mode = strcmp(said, "dtmf") == 0 ? MCP_GRAMMAR_DTMF : MCP_GRAMMAR_VOICE;
    rule = find_rule(mcp_xml_document_root(document));
    if (rule == NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, "the grammar has no root rule");
        return NULL;
    }
    grammar = grammar_new(mode);
    if (mode == MCP_GRAMMAR_DTMF) {
        g_ptr_array_unref(grammar->sentences);
        grammar->sentences = expand_children(rule);
    }
    return grammar;
}

static guint
parameter(const char *uri, const char *name, guint fallback)
{
    const char *found = strstr(uri, name);

    return found != NULL ? (guint)g_ascii_strtoull(found + strlen(name), NULL, 10) : fallback;
}

static McpGrammar *
compile_builtin(const char *uri, GError **error)
{
    McpGrammar *grammar;

    if (strstr(uri, "digits") == NULL && strstr(uri, "boolean") == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "no builtin %s", uri);
        return NULL;
    }
    grammar = grammar_new(MCP_GRAMMAR_DTMF);
    if (strstr(uri, "boolean") != NULL) {
        for (guint i = 0; i < 2; i++) {
            Sentence *sentence = sentence_new(i == 0 ? "1" : "2");

            g_ptr_array_add(sentence->members, g_strdup("raw"));
            g_ptr_array_add(sentence->members, g_strdup(i == 0 ? "true" : "false"));
            g_ptr_array_add(grammar->sentences, sentence);
        }
        return grammar;
    }
    grammar->digits = TRUE;
    grammar->minimum = parameter(uri, "minlength=", parameter(uri, "length=", 1));
    grammar->maximum = parameter(uri, "maxlength=", parameter(uri, "length=", 100));
    return grammar;
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    GError *error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts = response != NULL ? mcp_fetch_response_get_facts(response) : NULL;
    McpGrammar *grammar = NULL;

    if (facts != NULL && facts->status != 200)
        g_set_error(&error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "http %u", facts->status);
    else if (facts != NULL)
        grammar = compile(facts->body, (McpGrammarMode)GPOINTER_TO_INT(g_task_get_task_data(task)),
                          &error);
    if (grammar != NULL)
        g_task_return_pointer(task, grammar, (GDestroyNotify)grammar_free);
    else
        g_task_return_error(task, error);
}

static void
compile_async(McpGrammarEngine *engine, const McpGrammarSource *source, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(engine, cancellable, callback, user_data);
    McpFetchRequest request = {.url = source->uri, .base = source->base, .method = "GET"};
    McpGrammar *grammar;
    GError *error = NULL;

    if (source->bytes == NULL && !g_str_has_prefix(source->uri, "builtin:")) {
        g_task_set_task_data(task, GINT_TO_POINTER((int)source->mode), NULL);
        mcp_fetcher_fetch_async(FAKE_GRAMMAR_ENGINE(engine)->fetcher, &request, cancellable,
                                on_fetched, g_object_ref(task));
        return;
    }
    grammar = source->bytes != NULL ? compile(source->bytes, source->mode, &error)
                                    : compile_builtin(source->uri, &error);
    if (grammar != NULL)
        g_task_return_pointer(task, grammar, (GDestroyNotify)grammar_free);
    else
        g_task_return_error(task, error);
}

static McpGrammar *
compile_finish(McpGrammarEngine *engine, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static McpGrammar *
engine_grammar_ref(McpGrammarEngine *engine, McpGrammar *grammar)
{
    g_atomic_ref_count_inc(&grammar->refs);
    return grammar;
}

static void
engine_grammar_unref(McpGrammarEngine *engine, McpGrammar *grammar)
{
    if (g_atomic_ref_count_dec(&grammar->refs))
        grammar_free(grammar);
}

static McpGrammarMode
get_mode(McpGrammarEngine *engine, McpGrammar *grammar)
{
    return grammar->mode;
}

static McpDtmfMatcher *
matcher_new(McpGrammarEngine *engine, McpGrammar *const *grammars, guint n_grammars)
{
    McpDtmfMatcher *matcher = g_new0(McpDtmfMatcher, 1);

    matcher->grammars = g_ptr_array_new();
    matcher->keys = g_string_new(NULL);
    for (guint i = 0; i < n_grammars; i++)
        g_ptr_array_add(matcher->grammars, engine_grammar_ref(engine, grammars[i]));
    return matcher;
}

static void
look(const McpGrammar *grammar, const GString *keys, gboolean *matches, gboolean *more)
{
    if (grammar->digits) {
        *matches |= keys->len >= grammar->minimum && keys->len <= grammar->maximum &&
                    strspn(keys->str, "0123456789") == keys->len;
        *more |= keys->len < grammar->maximum && strspn(keys->str, "0123456789") == keys->len;
    }
    for (guint i = 0; i < grammar->sentences->len; i++) {
        const Sentence *sentence = grammar->sentences->pdata[i];

        if (!g_str_has_prefix(sentence->keys->str, keys->str))
            continue;
        *matches |= sentence->keys->len == keys->len;
        *more |= sentence->keys->len > keys->len;
    }
}

static McpMatchState
matcher_feed(McpGrammarEngine *engine, McpDtmfMatcher *matcher, char digit)
{
    gboolean matches = FALSE;
    gboolean more = FALSE;

    g_string_append_c(matcher->keys, digit);
    for (guint i = 0; i < matcher->grammars->len; i++)
        look(matcher->grammars->pdata[i], matcher->keys, &matches, &more);
    if (!matches && !more) {
        g_string_assign(matcher->keys, "x");
        return MCP_MATCH_NONE;
    }
    return matches ? (more ? MCP_MATCH_MORE : MCP_MATCH_COMPLETE) : MCP_MATCH_PARTIAL;
}

static char *
write_result(const McpGrammar *grammar, const GString *keys)
{
    const Sentence *found = NULL;
    McpJson *json = mcp_json_new();

    for (guint i = 0; i < grammar->sentences->len && found == NULL; i++) {
        const Sentence *sentence = grammar->sentences->pdata[i];

        if (strcmp(sentence->keys->str, keys->str) == 0)
            found = sentence;
    }
    if (found == NULL || found->members->len == 0) {
        mcp_json_string(json, NULL, keys->str);
    } else if (strcmp(found->members->pdata[0], "raw") == 0) {
        mcp_json_raw(json, NULL, found->members->pdata[1]);
    } else if (*(char *)found->members->pdata[0] == '\0') {
        mcp_json_string(json, NULL, found->members->pdata[1]);
    } else {
        mcp_json_begin_object(json, NULL);
        for (guint i = 0; i + 1 < found->members->len; i += 2)
            mcp_json_string(json, found->members->pdata[i], found->members->pdata[i + 1]);
        mcp_json_end_object(json);
    }
    return mcp_json_finish(json);
}

/* Keys as SRGS tokens: "1 2 3". */
static char *
write_utterance(const GString *keys)
{
    GString *out = g_string_new(NULL);

    for (gsize i = 0; i < keys->len; i++)
        g_string_append_printf(out, "%s%c", i > 0 ? " " : "", keys->str[i]);
    return g_string_free(out, FALSE);
}

static McpGrammarResult *
matcher_result(McpGrammarEngine *engine, McpDtmfMatcher *matcher, GError **error)
{
    for (guint i = 0; i < matcher->grammars->len; i++) {
        McpGrammar *grammar = matcher->grammars->pdata[i];
        gboolean matches = FALSE;
        gboolean more = FALSE;
        McpGrammarResult *result;

        look(grammar, matcher->keys, &matches, &more);
        if (!matches)
            continue;
        result = g_new0(McpGrammarResult, 1);
        result->index = i;
        result->utterance = write_utterance(matcher->keys);
        result->interpretation = write_result(grammar, matcher->keys);
        return result;
    }
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_STATE, "nothing matches");
    return NULL;
}

static void
matcher_free(McpGrammarEngine *engine, McpDtmfMatcher *matcher)
{
    for (guint i = 0; i < matcher->grammars->len; i++)
        engine_grammar_unref(engine, matcher->grammars->pdata[i]);
    g_ptr_array_unref(matcher->grammars);
    g_string_free(matcher->keys, TRUE);
    g_free(matcher);
}

static void
engine_iface_init(McpGrammarEngineInterface *iface)
{
    iface->compile_async = compile_async;
    iface->compile_finish = compile_finish;
    iface->grammar_ref = engine_grammar_ref;
    iface->grammar_unref = engine_grammar_unref;
    iface->get_mode = get_mode;
    iface->matcher_new = matcher_new;
    iface->matcher_feed = matcher_feed;
    iface->matcher_result = matcher_result;
    iface->matcher_free = matcher_free;
}

static void
finalize(GObject *object)
{
    g_clear_object(&FAKE_GRAMMAR_ENGINE(object)->fetcher);
    G_OBJECT_CLASS(fake_grammar_engine_parent_class)->finalize(object);
}

static void
fake_grammar_engine_class_init(FakeGrammarEngineClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void
fake_grammar_engine_init(FakeGrammarEngine *self)
{
}

FakeGrammarEngine *
fake_grammar_engine_new(McpFetcher *fetcher)
{
    FakeGrammarEngine *self = g_object_new(FAKE_TYPE_GRAMMAR_ENGINE, NULL);

    self->fetcher = g_object_ref(fetcher);
    return self;
}
