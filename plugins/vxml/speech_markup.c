/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a prompt says, evaluated: runs of words and SSML become one synthesis request each, audio
 * stands between them with its fallback. Markup that is open around audio is closed and opened
 * again. On the machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

typedef struct {
    McpVxmlInterpreter *interpreter;
    const char *language;
    GPtrArray *segments;
    GString *markup; /* body of the SSML document */
    GString *words;
    GPtrArray *open; /* McpVxmlElement: speech elements that are open */
    gboolean plain;  /* no markup but text so far */
    gboolean content;
} Speech;

static void
segment_free(gpointer data)
{
    McpVxmlSegment *segment = data;

    g_free(segment->text);
    g_free(segment->ssml);
    g_free(segment->type);
    mcp_vxml_fetch_clear(&segment->fetch);
    g_clear_pointer(&segment->fallback, g_ptr_array_unref);
    g_free(segment);
}

GPtrArray *
mcp_vxml_segments_new(void)
{
    return g_ptr_array_new_with_free_func(segment_free);
}

static void
collapse(char *text)
{
    char *out = text;

    for (const char *in = text; *in != '\0'; in++)
        if (!g_ascii_isspace(*in))
            *out++ = *in;
        else if (out != text && out[-1] != ' ')
            *out++ = ' ';
    if (out != text && out[-1] == ' ')
        out--;
    *out = '\0';
}

McpVxmlSegment *
mcp_vxml_speech_segment(const char *text)
{
    McpVxmlSegment *segment = g_new0(McpVxmlSegment, 1);

    segment->kind = MCP_VXML_SEGMENT_SPEECH;
    segment->text = g_strdup(text);
    collapse(segment->text);
    return segment;
}

static void
append_tag(GString *out, const McpVxmlElement *element)
{
    guint count;
    const McpXmlAttribute *attributes = mcp_xml_attributes(element->node, &count);

    g_string_append_printf(out, "<%s", mcp_vxml_element_get_name(element));
    for (guint i = 0; i < count; i++) {
        gboolean xml = strcmp(attributes[i].namespace_uri, MCP_XML_NS_XML) == 0;

        if (!xml && *attributes[i].namespace_uri != '\0')
            continue;
        g_string_append_printf(out, " %s%s=\"", xml ? "xml:" : "", attributes[i].name);
        mcp_xml_append_escaped(out, attributes[i].value);
        g_string_append_c(out, '"');
    }
    g_string_append_c(out, '>');
}

static void
append_end(GString *out, const McpVxmlElement *element)
{
    g_string_append_printf(out, "</%s>", mcp_vxml_element_get_name(element));
}

static char *
finish_ssml(Speech *speech)
{
    GString *document = g_string_new("<speak version=\"1.0\" "
                                     "xmlns=\"http://www.w3.org/2001/10/synthesis\" xml:lang=\"");

    mcp_xml_append_escaped(document, speech->language != NULL ? speech->language : "en-US");
    g_string_append(document, "\">");
    g_string_append_len(document, speech->markup->str, (gssize)speech->markup->len);
    g_string_append(document, "</speak>");
    return g_string_free(document, FALSE);
}

static void
flush(Speech *speech)
{
    for (guint i = speech->open->len; i > 0; i--)
        append_end(speech->markup, speech->open->pdata[i - 1]);
    if (speech->content) {
        McpVxmlSegment *segment = mcp_vxml_speech_segment(speech->words->str);

        if (!speech->plain)
            segment->ssml = finish_ssml(speech);
        g_ptr_array_add(speech->segments, segment);
    }
    g_string_truncate(speech->markup, 0);
    g_string_truncate(speech->words, 0);
    speech->content = FALSE;
    speech->plain = speech->open->len == 0;
    for (guint i = 0; i < speech->open->len; i++)
        append_tag(speech->markup, speech->open->pdata[i]);
}

static gboolean
say(Speech *speech, const char *text)
{
    if (!mcp_vxml_spend_prompt(speech->interpreter, strlen(text)))
        return FALSE;
    for (const char *c = text; *c != '\0' && !speech->content; c++)
        speech->content = !g_ascii_isspace(*c);
    g_string_append(speech->words, text);
    mcp_xml_append_escaped(speech->markup, text);
    return TRUE;
}

static gboolean say_list(Speech *speech, const McpVxmlElement *first, const McpVxmlElement *last);

/* 2.1 §4: a place in the list that is played, whatever synthesizes around it. */
static gboolean
say_mark(Speech *speech, const McpVxmlElement *element)
{
    McpVxmlSegment *segment;
    g_autofree char *name = NULL;

    if (!mcp_vxml_attribute_or_expr(speech->interpreter, element, "name", "nameexpr", &name))
        return FALSE;
    if (name == NULL || *name == '\0')
        return TRUE;
    flush(speech);
    segment = g_new0(McpVxmlSegment, 1);
    segment->kind = MCP_VXML_SEGMENT_MARK;
    segment->text = g_steal_pointer(&name);
    g_ptr_array_add(speech->segments, segment);
    return TRUE;
}

static gboolean
say_markup(Speech *speech, const McpVxmlElement *element)
{
    const char *name = mcp_vxml_element_get_name(element);

    if (strcmp(name, "mark") == 0)
        return say_mark(speech, element);
    speech->plain = FALSE;
    /* A pause is something to play even without words. */
    if (strcmp(name, "break") == 0)
        speech->content = TRUE;
    append_tag(speech->markup, element);
    g_ptr_array_add(speech->open, (gpointer)element);
    if (!say_list(speech, element->first, NULL))
        return FALSE;
    g_ptr_array_set_size(speech->open, (int)speech->open->len - 1);
    append_end(speech->markup, element);
    return TRUE;
}

static gboolean
say_value(Speech *speech, const McpVxmlElement *element)
{
    g_autofree char *text = NULL;

    if (!mcp_vxml_eval_string(speech->interpreter, mcp_vxml_element_code(element, "expr"), &text))
        return FALSE;
    return say(speech, text);
}

/* "builtin:prompt/NAME" is below the platform's own folder; a name of plain characters stays there.
 */
static char *
resolve_audio(McpVxmlInterpreter *interpreter, const char *source)
{
    static const char prefix[] = "builtin:prompt/";
    const char *base = mcp_vxml_document_get_base(interpreter->context->document);
    const char *name = source + strlen(prefix);
    const char *folder = NULL;

    if (!g_str_has_prefix(source, prefix))
        return g_uri_resolve_relative(base, source, G_URI_FLAGS_ENCODED, NULL);
    if (interpreter->setup.properties != NULL)
        folder = g_hash_table_lookup(interpreter->setup.properties, "mcp.builtin_prompts");
    if (folder == NULL || *name == '\0' || strstr(name, "..") != NULL || *name == '/' ||
        name[strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-/")] != '\0')
        return NULL;
    return g_strconcat(folder, name, NULL);
}

/* FALSE with no event: there is nothing to play (§4.1.3: expr is undefined). */
static gboolean
find_audio(Speech *speech, const McpVxmlElement *element, McpVxmlSegment *segment)
{
    McpVxmlInterpreter *interpreter = speech->interpreter;
    McpScriptCode *code = mcp_vxml_element_code(element, "expr");
    g_auto(McpScriptValue) value = {0};
    g_autofree char *source = NULL;
    const char *object;

    if (code != NULL && !mcp_vxml_eval(interpreter, code, &value))
        return FALSE;
    if (code != NULL && value.kind == MCP_SCRIPT_UNDEFINED)
        return FALSE;
    source = code != NULL ? mcp_vxml_value_to_text(&value)
                          : g_strdup(mcp_vxml_element_get(element, "src"));
    object = g_hash_table_lookup(interpreter->recordings, source);
    segment->kind = object != NULL ? MCP_VXML_SEGMENT_RECORDING : MCP_VXML_SEGMENT_AUDIO;
    segment->text = object != NULL ? g_strdup(object) : resolve_audio(interpreter, source);
    if (segment->text == NULL)
        segment->text = g_strdup(source);
    if (object != NULL)
        segment->type = g_strdup(g_hash_table_lookup(interpreter->recording_types, object));
    mcp_vxml_fill_fetch(interpreter, element, "audio", &segment->fetch);
    return TRUE;
}

static gboolean
say_audio(Speech *speech, const McpVxmlElement *element)
{
    McpVxmlSegment *segment;

    if (!mcp_vxml_spend_prompt(speech->interpreter, 0))
        return FALSE;
    segment = g_new0(McpVxmlSegment, 1);
    if (!find_audio(speech, element, segment)) {
        segment_free(segment);
        return speech->interpreter->event == NULL;
    }
    segment->fallback =
        mcp_vxml_build_segments(speech->interpreter, element->first, NULL, speech->language);
    if (segment->fallback == NULL) {
        segment_free(segment);
        return FALSE;
    }
    flush(speech);
    g_ptr_array_add(speech->segments, segment);
    return TRUE;
}

static gboolean
say_choice(Speech *speech, const McpVxmlElement *enumerate, const McpVxmlElement *choice)
{
    McpVxmlInterpreter *interpreter = speech->interpreter;
    McpScript *script = interpreter->context->script;
    g_autofree char *words = mcp_vxml_plain_text(choice);
    g_autofree char *keys = mcp_vxml_choice_dtmf(choice);
    gboolean ok;

    if (enumerate->first == NULL) {
        g_autofree char *text = keys != NULL ? g_strdup_printf("For %s, press %s. ", words, keys)
                                             : g_strdup_printf("%s. ", words);

        return say(speech, text);
    }
    if (!mcp_script_push_scope(script, NULL, FALSE, NULL))
        return mcp_vxml_throw(interpreter, "error.semantic", "no scope for <enumerate>");
    mcp_script_set_string(script, NULL, "_prompt", words, NULL);
    mcp_script_set_string(script, NULL, "_dtmf", keys != NULL ? keys : "", NULL);
    ok = say_list(speech, enumerate->first, NULL);
    mcp_script_pop_scope(script);
    return ok && say(speech, " ");
}

static gboolean
say_enumerate(Speech *speech, const McpVxmlElement *element)
{
    McpVxmlItem *item = speech->interpreter->context->current;
    const McpVxmlElement *child = item != NULL ? item->element->first : NULL;
    guint count = 0;

    for (; child != NULL; child = child->next) {
        if (child->kind != MCP_VXML_CHOICE && child->kind != MCP_VXML_OPTION)
            continue;
        count++;
        if (!say_choice(speech, element, child))
            return FALSE;
    }
    if (count == 0)
        return mcp_vxml_throw(speech->interpreter, "error.semantic",
                              "<enumerate> in line %u has nothing to list", element->line);
    return TRUE;
}

static gboolean
say_foreach(Speech *speech, const McpVxmlElement *element)
{
    McpScript *script = speech->interpreter->context->script;
    g_autoptr(McpScriptItems) items = NULL;
    GError *error = NULL;

    items = mcp_script_eval_items(script, mcp_vxml_element_code(element, "array"), &error);
    if (!mcp_vxml_check(speech->interpreter, items != NULL, &error))
        return FALSE;
    for (guint i = 0; i < mcp_script_items_length(items); i++) {
        const char *name = mcp_vxml_element_get(element, "item");

        if (!mcp_vxml_check(speech->interpreter, mcp_script_items_store(items, i, name, &error),
                            &error) ||
            !say_list(speech, element->first, NULL))
            return FALSE;
    }
    return TRUE;
}

static gboolean
say_element(Speech *speech, const McpVxmlElement *element)
{
    if (!mcp_vxml_supports(speech->interpreter, element))
        return FALSE;
    switch ((int)element->kind) {
    case MCP_VXML_TEXT:
        return say(speech, element->text);
    case MCP_VXML_VALUE:
        return say_value(speech, element);
    case MCP_VXML_AUDIO:
        return say_audio(speech, element);
    case MCP_VXML_ENUMERATE:
        return say_enumerate(speech, element);
    case MCP_VXML_FOREACH:
        return say_foreach(speech, element);
    case MCP_VXML_SPEECH:
        return say_markup(speech, element);
    default:
        return TRUE;
    }
}

static gboolean
say_list(Speech *speech, const McpVxmlElement *first, const McpVxmlElement *last)
{
    for (; first != NULL && first != last; first = first->next) {
        if (!say_element(speech, first))
            return FALSE;
        speech->interpreter->work++;
    }
    return TRUE;
}

GPtrArray *
mcp_vxml_build_segments(McpVxmlInterpreter *interpreter, const McpVxmlElement *first,
                        const McpVxmlElement *last, const char *language)
{
    Speech speech = {.interpreter = interpreter, .language = language, .plain = TRUE};
    gboolean ok;

    speech.segments = mcp_vxml_segments_new();
    speech.markup = g_string_new(NULL);
    speech.words = g_string_new(NULL);
    speech.open = g_ptr_array_new();
    ok = say_list(&speech, first, last);
    if (ok)
        flush(&speech);
    else
        g_clear_pointer(&speech.segments, g_ptr_array_unref);
    g_string_free(speech.markup, TRUE);
    g_string_free(speech.words, TRUE);
    g_ptr_array_unref(speech.open);
    return speech.segments;
}

char *
mcp_vxml_plain_text(const McpVxmlElement *element)
{
    GString *text = g_string_new(NULL);

    for (const McpVxmlElement *child = element->first; child != NULL; child = child->next)
        if (child->kind == MCP_VXML_TEXT)
            g_string_append(text, child->text);
    collapse(text->str);
    return g_string_free(text, FALSE);
}
