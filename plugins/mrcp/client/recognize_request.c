/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the recognizer contract to requests of MRCPv2 (RFC 6787 §9.4, §9.8, §9.9). Pure functions.
 */
#include "recognize_request.h"

#include <string.h>

#define PREFIX "mcp-"
#define SUFFIX "@form-level.store"

char *
mcp_mrcp_grammar_id(guint turn, guint index)
{
    return g_strdup_printf(PREFIX "%u-%u" SUFFIX, turn, index);
}

gint
mcp_mrcp_grammar_index(guint turn, const char *uri)
{
    g_autofree char *head = g_strdup_printf(PREFIX "%u-", turn);
    const char *found = uri != NULL ? strstr(uri, head) : NULL;
    guint64 index = 0;
    char *end = NULL;

    if (found == NULL || !g_ascii_isdigit(found[strlen(head)]))
        return -1;
    index = g_ascii_strtoull(found + strlen(head), &end, 10);
    return end != NULL && g_str_has_prefix(end, SUFFIX) && index < G_MAXINT16 ? (gint)index : -1;
}

static const char *
type_of(const McpRecognitionGrammar *grammar)
{
    const char *text = grammar->text;

    if (grammar->content_type != NULL)
        return grammar->content_type;
    while (g_ascii_isspace(*text))
        text++;
    return *text == '<' ? "application/srgs+xml" : "application/srgs";
}

void
mcp_mrcp_fill_define(McpMrcpMessage *message, const McpRecognitionGrammar *grammar, const char *id)
{
    g_autoptr(GBytes) body = g_bytes_new(grammar->text, strlen(grammar->text));
    g_autofree char *content_id = g_strdup_printf("<%s>", id);

    mcp_mrcp_message_set(message, "Content-ID", content_id);
    if (grammar->base != NULL)
        mcp_mrcp_message_set(message, "Content-Base", grammar->base);
    mcp_mrcp_message_set_body(message, type_of(grammar), body);
}

static void
set_number(McpMrcpMessage *message, const char *name, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    mcp_mrcp_message_set(message, name, g_ascii_formatd(text, sizeof text, "%.2f", value));
}

/* µs as ms; 0 is the server's own. */
static void
set_time(McpMrcpMessage *message, const char *name, gint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, (value + 999) / 1000);

    if (value > 0)
        mcp_mrcp_message_set(message, name, text);
}

static char *
uri_of(const McpRecognitionGrammar *grammar, guint turn, guint index)
{
    g_autofree char *id = mcp_mrcp_grammar_id(turn, index);

    if (grammar->text != NULL)
        return g_strconcat("session:", id, NULL);
    if (grammar->base != NULL && g_uri_peek_scheme(grammar->uri) == NULL)
        return g_uri_resolve_relative(grammar->base, grammar->uri, G_URI_FLAGS_PARSE_RELAXED, NULL);
    return g_strdup(grammar->uri);
}

/* §9.5.1: a list of URIs, or with weights one of references. */
static void
set_grammars(McpMrcpMessage *message, const McpRecognitionRequest *request, guint turn)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GBytes) body = NULL;
    gboolean weighted = FALSE;

    for (guint i = 0; i < request->n_grammars; i++)
        weighted |= request->grammars[i].weight > 0 && request->grammars[i].weight != 1;
    for (guint i = 0; i < request->n_grammars; i++) {
        const McpRecognitionGrammar *grammar = &request->grammars[i];
        g_autofree char *uri = uri_of(grammar, turn, i);
        char weight[G_ASCII_DTOSTR_BUF_SIZE];

        if (uri == NULL)
            continue;
        if (weighted)
            g_string_append_printf(text, "<%s>;weight=\"%s\"\r\n", uri,
                                   g_ascii_formatd(weight, sizeof weight, "%.3f",
                                                   grammar->weight > 0 ? grammar->weight : 1));
        else
            g_string_append_printf(text, "%s\r\n", uri);
    }
    body = g_bytes_new(text->str, text->len);
    mcp_mrcp_message_set_body(message, weighted ? "text/grammar-ref-list" : "text/uri-list", body);
}

/* RFC 6787 §6.2.16: name=value, quoted where the value has what parts them. */
static void
set_parameters(McpMrcpMessage *message, GHashTable *parameters)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GHashTableIter iter;
    gpointer name = NULL;
    gpointer value = NULL;

    if (parameters == NULL)
        return;
    g_hash_table_iter_init(&iter, parameters);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        /* What is for a voicebot or our own platform is none of the server's. */
        if (g_str_has_prefix(name, "com.genesyslab."))
            continue;
        if (text->len > 0)
            g_string_append_c(text, ';');
        if (strpbrk(value, ";\" \t=") == NULL)
            g_string_append_printf(text, "%s=%s", (const char *)name, (const char *)value);
        else if (strchr(value, '"') == NULL)
            g_string_append_printf(text, "%s=\"%s\"", (const char *)name, (const char *)value);
    }
    if (text->len > 0)
        mcp_mrcp_message_set(message, "Vendor-Specific-Parameters", text->str);
}

void
mcp_mrcp_fill_recognize(McpMrcpMessage *message, const McpRecognitionRequest *request, guint turn)
{
    g_autofree char *best = g_strdup_printf("%u", MAX(request->n_best, 1));

    set_number(message, "Confidence-Threshold", request->confidence);
    set_number(message, "Sensitivity-Level", request->sensitivity);
    set_number(message, "Speed-Vs-Accuracy", request->accuracy);
    mcp_mrcp_message_set(message, "N-Best-List-Length", best);
    mcp_mrcp_message_set(message, "Recognition-Mode", request->hotword ? "hotword" : "normal");
    if (request->language != NULL)
        mcp_mrcp_message_set(message, "Speech-Language", request->language);
    set_time(message, "Speech-Complete-Timeout", request->complete_timeout);
    set_time(message, "Speech-Incomplete-Timeout", request->incomplete_timeout);
    set_time(message, request->hotword ? "Hotword-Max-Duration" : "Recognition-Timeout",
             request->max_speech);
    /* How long nobody says anything is watched by whoever asks. */
    mcp_mrcp_message_set(message, "Start-Input-Timers", "false");
    mcp_mrcp_message_set(message, "Cancel-If-Queue", "false");
    set_parameters(message, request->parameters);
    set_grammars(message, request, turn);
}
