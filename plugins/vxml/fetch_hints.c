/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the properties of fetching say beside timing (VoiceXML 2.0 §6.1): what is heard while a page
 * or document is on its way, and what of a page is worth fetching before it is needed. On the
 * machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

/* Of one page: what is fetched ahead, and how many elements are asked for it. */
#define PREFETCH_MAX 32
#define CANDIDATES_MAX 512

static gint64
age_property(McpVxmlInterpreter *interpreter, const char *name)
{
    const char *value = mcp_vxml_property(interpreter, name);
    gint64 seconds;

    return value != NULL && mcp_vxml_number(value, &seconds) ? seconds : -1;
}

static char *
absolute_url(const McpVxmlDocument *document, const char *url)
{
    return g_uri_resolve_relative(mcp_vxml_document_get_base(document), url, G_URI_FLAGS_ENCODED,
                                  NULL);
}

/* ---- fetchaudio ---- */

/* The clip has rules of its own: those of the element are for the page. */
static McpVxmlPrompt *
clip_new(McpVxmlInterpreter *interpreter, char *url)
{
    McpVxmlPrompt *prompt = g_new0(McpVxmlPrompt, 1);
    McpVxmlSegment *segment = g_new0(McpVxmlSegment, 1);

    segment->kind = MCP_VXML_SEGMENT_AUDIO;
    segment->text = url;
    segment->fetch.timeout = mcp_vxml_property_time(interpreter, "fetchtimeout", 0);
    segment->fetch.max_age = age_property(interpreter, "audiomaxage");
    segment->fetch.max_stale = age_property(interpreter, "audiomaxstale");
    prompt->segments = mcp_vxml_segments_new();
    g_ptr_array_add(prompt->segments, segment);
    prompt->timeout = -1;
    return prompt;
}

GPtrArray *
mcp_vxml_clip(McpVxmlInterpreter *interpreter, const char *source)
{
    char *url = absolute_url(interpreter->context->document, source);
    GPtrArray *prompts;

    if (url == NULL)
        return NULL;
    prompts = mcp_vxml_prompts_new();
    g_ptr_array_add(prompts, clip_new(interpreter, url));
    return prompts;
}

void
mcp_vxml_fill_clip(McpVxmlInterpreter *interpreter, const char *source)
{
    McpVxmlAction *action = &interpreter->action;
    GPtrArray *clip;

    if (source == NULL)
        source = mcp_vxml_property(interpreter, "fetchaudio");
    if (source == NULL || *source == '\0' || interpreter->disconnected)
        return;
    clip = mcp_vxml_clip(interpreter, source);
    if (clip == NULL)
        return;
    g_clear_pointer(&action->fetch_audio, g_ptr_array_unref);
    action->fetch_audio = clip;
    action->fetch_audio_delay = mcp_vxml_property_time(interpreter, "fetchaudiodelay", 0);
    action->fetch_audio_minimum = mcp_vxml_property_time(interpreter, "fetchaudiominimum", 0);
}

void
mcp_vxml_fill_fetch_audio(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    mcp_vxml_fill_clip(interpreter, mcp_vxml_element_get(element, "fetchaudio"));
}

/* ---- fetchhint ---- */

typedef struct {
    McpVxmlInterpreter *interpreter;
    const McpVxmlDocument *document;
    GPtrArray *list; /* McpVxmlPrefetch */
    guint candidates;
} Search;

static void
prefetch_free(gpointer data)
{
    McpVxmlPrefetch *prefetch = data;

    mcp_vxml_fetch_clear(&prefetch->fetch);
    g_free(prefetch);
}

/* An attribute, or the property of the given name as it is in force at the element. */
static const char *
rule(const Search *search, const McpVxmlElement *element, const char *attribute,
     const char *property)
{
    const char *value = mcp_vxml_element_get(element, attribute);

    return value != NULL ? value : mcp_vxml_property_at(search->interpreter, element, property);
}

static gint64
age_rule(const Search *search, const McpVxmlElement *element, const char *kind, const char *name)
{
    g_autofree char *property = g_strconcat(kind, name, NULL);
    const char *value = rule(search, element, name, property);
    gint64 seconds;

    return value != NULL && mcp_vxml_number(value, &seconds) ? seconds : -1;
}

static void
add(Search *search, const McpVxmlElement *element, McpVxmlResource resource, const char *kind,
    const char *source)
{
    g_autofree char *property = g_strconcat(kind, "fetchhint", NULL);
    McpVxmlPrefetch *prefetch;
    const char *timeout;
    g_autofree char *url = NULL;

    search->candidates++;
    if (*source == '#' || g_strcmp0(rule(search, element, "fetchhint", property), "prefetch") != 0)
        return;
    url = absolute_url(search->document, source);
    if (url == NULL || !(g_str_has_prefix(url, "http:") || g_str_has_prefix(url, "https:")))
        return;
    prefetch = g_new0(McpVxmlPrefetch, 1);
    prefetch->resource = resource;
    prefetch->fetch.url = g_strndup(url, strcspn(url, "#"));
    prefetch->fetch.max_age = age_rule(search, element, kind, "maxage");
    prefetch->fetch.max_stale = age_rule(search, element, kind, "maxstale");
    timeout = rule(search, element, "fetchtimeout", "fetchtimeout");
    if (timeout != NULL)
        mcp_vxml_time(timeout, &prefetch->fetch.timeout);
    g_ptr_array_add(search->list, prefetch);
}

/* What is named by an expression is not known before it is due. */
static void
consider(Search *search, const McpVxmlElement *element)
{
    const char *source = mcp_vxml_element_get(element, "src");
    const char *next = mcp_vxml_element_get(element, "next");

    switch ((int)element->kind) {
    case MCP_VXML_AUDIO:
        if (source != NULL)
            add(search, element, MCP_VXML_RESOURCE_AUDIO, "audio", source);
        break;
    case MCP_VXML_GRAMMAR:
        if (source != NULL)
            add(search, element, MCP_VXML_RESOURCE_GRAMMAR, "grammar", source);
        break;
    case MCP_VXML_SCRIPT:
        if (source != NULL)
            add(search, element, MCP_VXML_RESOURCE_SCRIPT, "script", source);
        break;
    case MCP_VXML_GOTO:
    case MCP_VXML_CHOICE:
    case MCP_VXML_LINK:
        if (next != NULL)
            add(search, element, MCP_VXML_RESOURCE_DOCUMENT, "document", next);
        break;
    case MCP_VXML_SUBDIALOG:
        if (source != NULL && mcp_vxml_element_get(element, "namelist") == NULL)
            add(search, element, MCP_VXML_RESOURCE_DOCUMENT, "document", source);
        break;
    default:
        break;
    }
}

static void
search_below(Search *search, const McpVxmlElement *element)
{
    for (; element != NULL; element = element->next) {
        if (search->list->len >= PREFETCH_MAX || search->candidates >= CANDIDATES_MAX)
            return;
        consider(search, element);
        search_below(search, element->first);
    }
}

GPtrArray *
mcp_vxml_build_prefetch(McpVxmlInterpreter *interpreter)
{
    const McpVxmlDocument *document = interpreter->context->document;
    Search search = {.interpreter = interpreter, .document = document};

    search.list = g_ptr_array_new_with_free_func(prefetch_free);
    search_below(&search, mcp_vxml_document_get_root(document)->first);
    if (search.list->len == 0)
        g_clear_pointer(&search.list, g_ptr_array_unref);
    return search.list;
}
