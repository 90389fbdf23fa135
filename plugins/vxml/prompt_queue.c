/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which prompts of a form item are due (VoiceXML 2.0 §4.1.6) and the queue that collects them until
 * input is awaited or the application ends (§4.1.8). On the machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

static void
prompt_free(gpointer data)
{
    McpVxmlPrompt *prompt = data;

    g_ptr_array_unref(prompt->segments);
    g_free(prompt->language);
    mcp_vxml_engines_clear(&prompt->engines);
    g_free(prompt);
}

GPtrArray *
mcp_vxml_prompts_new(void)
{
    return g_ptr_array_new_with_free_func(prompt_free);
}

static void
note_prompt(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, GPtrArray *segments)
{
    for (guint i = 0; i < segments->len; i++) {
        McpVxmlSegment *segment = segments->pdata[i];

        if (segment->kind != MCP_VXML_SEGMENT_MARK)
            mcp_vxml_note(interpreter, MCP_EVENT_PROMPT, "queued", element, segment->text);
    }
}

static void
add_prompt(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, GPtrArray *segments)
{
    gboolean own = element->kind == MCP_VXML_PROMPT;
    const char *timeout = own ? mcp_vxml_element_get(element, "timeout") : NULL;
    const char *type = own ? mcp_vxml_element_get(element, "bargeintype") : NULL;
    gboolean barge_in = mcp_vxml_property_bool(interpreter, "bargein", TRUE);
    McpVxmlPrompt *prompt;

    if (type == NULL)
        type = mcp_vxml_property(interpreter, "bargeintype");
    /* An empty prompt still carries a time-out. */
    if (segments->len == 0 && timeout == NULL) {
        g_ptr_array_unref(segments);
        return;
    }
    note_prompt(interpreter, element, segments);
    prompt = g_new0(McpVxmlPrompt, 1);
    prompt->segments = segments;
    prompt->barge_in = own ? mcp_vxml_element_get_bool(element, "bargein", barge_in) : barge_in;
    prompt->hotword = g_strcmp0(type, "hotword") == 0;
    prompt->timeout = -1;
    if (timeout != NULL)
        mcp_vxml_time(timeout, &prompt->timeout);
    prompt->language = g_strdup(mcp_vxml_language(interpreter, element));
    mcp_vxml_fill_engines(interpreter, "tts", &prompt->engines);
    g_ptr_array_add(interpreter->prompts, prompt);
}

static gboolean
queue_unconditional(McpVxmlInterpreter *interpreter, const McpVxmlElement *prompt)
{
    GPtrArray *segments = mcp_vxml_build_segments(interpreter, prompt->first, NULL,
                                                  mcp_vxml_language(interpreter, prompt));

    if (segments == NULL)
        return FALSE;
    add_prompt(interpreter, prompt, segments);
    return TRUE;
}

gboolean
mcp_vxml_queue_prompt(McpVxmlInterpreter *interpreter, const McpVxmlElement *prompt)
{
    if (!mcp_vxml_condition(interpreter, prompt))
        return interpreter->event == NULL;
    return queue_unconditional(interpreter, prompt);
}

static gboolean
is_blank(const McpVxmlElement *element)
{
    return element->kind == MCP_VXML_TEXT && mcp_xml_is_blank(element->node);
}

static const McpVxmlElement *
end_of_run(const McpVxmlElement *first, gboolean *out_blank)
{
    *out_blank = TRUE;
    for (; first != NULL && mcp_vxml_element_is_speech(first); first = first->next)
        *out_blank &= is_blank(first);
    return first;
}

gboolean
mcp_vxml_queue_run(McpVxmlInterpreter *interpreter, const McpVxmlElement *first,
                   const McpVxmlElement **out_next)
{
    gboolean blank;
    const McpVxmlElement *end = end_of_run(first, &blank);
    GPtrArray *segments;

    *out_next = end;
    if (blank)
        return TRUE;
    segments =
        mcp_vxml_build_segments(interpreter, first, end, mcp_vxml_language(interpreter, first));
    if (segments == NULL)
        return FALSE;
    add_prompt(interpreter, first, segments);
    return TRUE;
}

void
mcp_vxml_queue_text(McpVxmlInterpreter *interpreter, const char *text)
{
    McpVxmlPrompt *prompt = g_new0(McpVxmlPrompt, 1);

    prompt->segments = mcp_vxml_segments_new();
    g_ptr_array_add(prompt->segments, mcp_vxml_speech_segment(text));
    prompt->barge_in = TRUE;
    prompt->timeout = -1;
    prompt->language = g_strdup(mcp_vxml_property(interpreter, "mcp.language"));
    mcp_vxml_fill_engines(interpreter, "tts", &prompt->engines);
    g_ptr_array_add(interpreter->prompts, prompt);
    mcp_vxml_note(interpreter, MCP_EVENT_PROMPT, "queued", NULL, text);
}

/* ---- selection ---- */

typedef struct {
    const McpVxmlElement *first;
    gint64 count;
} Candidate;

static gint64
count_of(const McpVxmlElement *prompt)
{
    const char *text = mcp_vxml_element_get(prompt, "count");
    gint64 count = 1;

    if (text != NULL)
        mcp_vxml_number(text, &count);
    return count;
}

static GArray *
find_candidates(McpVxmlInterpreter *interpreter, const McpVxmlElement *item, guint limit)
{
    GArray *candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    const McpVxmlElement *child = item->first;

    while (child != NULL && interpreter->event == NULL) {
        Candidate candidate = {child, 1};
        const McpVxmlElement *next = child->next;
        gboolean due = FALSE;

        if (child->kind == MCP_VXML_PROMPT) {
            candidate.count = count_of(child);
            due = candidate.count <= limit && mcp_vxml_condition(interpreter, child);
        } else if (mcp_vxml_element_is_speech(child)) {
            gboolean blank;

            next = end_of_run(child, &blank);
            due = !blank;
        }
        if (due)
            g_array_append_val(candidates, candidate);
        child = next;
    }
    return candidates;
}

gboolean
mcp_vxml_queue_item_prompts(McpVxmlInterpreter *interpreter, const McpVxmlElement *item,
                            guint count)
{
    g_autoptr(GArray) candidates = find_candidates(interpreter, item, count);
    const McpVxmlElement *next;
    gint64 best = 0;

    for (guint i = 0; i < candidates->len; i++)
        best = MAX(best, g_array_index(candidates, Candidate, i).count);
    for (guint i = 0; i < candidates->len && interpreter->event == NULL; i++) {
        Candidate *candidate = &g_array_index(candidates, Candidate, i);

        if (candidate->count != best)
            continue;
        if (candidate->first->kind == MCP_VXML_PROMPT)
            queue_unconditional(interpreter, candidate->first);
        else
            mcp_vxml_queue_run(interpreter, candidate->first, &next);
    }
    return interpreter->event == NULL;
}
