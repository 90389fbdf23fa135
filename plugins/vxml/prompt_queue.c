/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which prompts of a form item are due (VoiceXML 2.0 §4.1.6) and the queue that collects them until
 * input is awaited or the application ends (§4.1.8). On the machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

/* Of one item, as many are made ahead. */
#define NEXT_MAX 4

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

/* (transfer full) (nullable): takes @segments. */
static McpVxmlPrompt *
prompt_of(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, GPtrArray *segments)
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
        return NULL;
    }
    prompt = g_new0(McpVxmlPrompt, 1);
    prompt->segments = segments;
    prompt->barge_in = own ? mcp_vxml_element_get_bool(element, "bargein", barge_in) : barge_in;
    prompt->hotword = g_strcmp0(type, "hotword") == 0;
    prompt->timeout = -1;
    if (timeout != NULL)
        mcp_vxml_time(timeout, &prompt->timeout);
    prompt->language = g_strdup(mcp_vxml_language(interpreter, element));
    mcp_vxml_fill_engines(interpreter, "tts", &prompt->engines);
    return prompt;
}

static void
add_prompt(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, GPtrArray *segments)
{
    McpVxmlPrompt *prompt = prompt_of(interpreter, element, segments);

    if (prompt == NULL)
        return;
    note_prompt(interpreter, element, segments);
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

/* ---- what comes next ---- */

/* It says the same whatever happens before it is due. */
static gboolean
is_fixed(const McpVxmlElement *element)
{
    if (mcp_vxml_element_get(element, "expr") != NULL ||
        mcp_vxml_element_get(element, "cond") != NULL || element->kind == MCP_VXML_VALUE ||
        element->kind == MCP_VXML_ENUMERATE || element->kind == MCP_VXML_FOREACH)
        return FALSE;
    for (const McpVxmlElement *child = element->first; child != NULL; child = child->next)
        if (!is_fixed(child))
            return FALSE;
    return TRUE;
}

/* The item that the form goes on with; of conditions and variables nothing is known yet. */
static const McpVxmlElement *
next_item(const McpVxmlElement *item)
{
    for (item = item->next; item != NULL; item = item->next)
        if (mcp_vxml_element_is_item(item))
            break;
    return item != NULL && mcp_vxml_element_get(item, "cond") == NULL &&
                   mcp_vxml_element_get(item, "expr") == NULL
               ? item
               : NULL;
}

static void
add_next(McpVxmlInterpreter *interpreter, GPtrArray *list, const McpVxmlElement *first,
         const McpVxmlElement *end, const McpVxmlElement *owner)
{
    GPtrArray *segments =
        mcp_vxml_build_segments(interpreter, first, end, mcp_vxml_language(interpreter, owner));
    McpVxmlPrompt *prompt = segments != NULL ? prompt_of(interpreter, owner, segments) : NULL;

    if (prompt != NULL)
        g_ptr_array_add(list, prompt);
}

static gboolean
is_run_fixed(const McpVxmlElement *first, const McpVxmlElement *end)
{
    for (; first != end; first = first->next)
        if (!is_fixed(first))
            return FALSE;
    return TRUE;
}

/* Those of its first visit. */
static void
add_next_of(McpVxmlInterpreter *interpreter, GPtrArray *list, const McpVxmlElement *item)
{
    const McpVxmlElement *child = item->first;

    while (child != NULL && list->len < NEXT_MAX) {
        const McpVxmlElement *next = child->next;
        gboolean blank = TRUE;

        if (child->kind == MCP_VXML_PROMPT) {
            if (is_fixed(child) && count_of(child) == 1)
                add_next(interpreter, list, child->first, NULL, child);
        } else if (mcp_vxml_element_is_speech(child)) {
            next = end_of_run(child, &blank);
            if (!blank && is_run_fixed(child, next))
                add_next(interpreter, list, child, next, child);
        }
        child = next;
    }
}

GPtrArray *
mcp_vxml_build_next_prompts(McpVxmlInterpreter *interpreter)
{
    const McpVxmlItem *current = interpreter->context->current;
    const McpVxmlElement *item = NULL;
    GPtrArray *list = NULL;

    if (!interpreter->setup.next_prompts || current == NULL ||
        current->element->kind == MCP_VXML_MENU)
        return NULL;
    item = next_item(current->element);
    if (item == NULL)
        return NULL;
    list = mcp_vxml_prompts_new();
    add_next_of(interpreter, list, item);
    if (list->len == 0)
        g_clear_pointer(&list, g_ptr_array_unref);
    return list;
}
