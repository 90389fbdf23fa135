/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of one version of MRCP into those of the other: v2 is spoken inside, so that a v1 peer
 * differs at the edge alone. Pure functions.
 */
#include "translate.h"

#include <math.h>
#include <mcp/error.h>
#include <string.h>

/* Media types that have one name in RFC 4463 (§7.5, §8.5) and another in RFC 6787. */
static const char *const types[][2] = {
    {"application/x-nlsml", "application/nlsml+xml"},
    {"application/grammar+xml", "application/srgs+xml"},
    {"application/grammar", "application/srgs"},
    {"application/synthesis+ssml", "application/ssml+xml"},
};
#define REFERENCES "text/grammar-ref-list"
#define URIS "text/uri-list"

/* 0.0–1.0 and 0–100. Returns: (transfer full): @value as it is when it is no number. */
static char *
translate_fraction(McpMrcpVersion to, const char *value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    char *end = NULL;
    double number = g_ascii_strtod(value, &end);

    if (end == value || *end != '\0' || !isfinite(number))
        return g_strdup(value);
    if (to == MCP_MRCP_V1)
        return g_strdup_printf("%d", (int)lround(CLAMP(number, 0.0, 1.0) * 100));
    number = CLAMP(number, 0.0, 100.0) / 100;
    g_ascii_formatd(text, sizeof text, number == floor(number) ? "%.1f" : "%.4g", number);
    return g_strdup(text);
}

/* RFC 6787 §8.4.8 has a timestamp before the mark, of which v1 knows nothing. */
static char *
translate_mark(McpMrcpVersion to, const char *value)
{
    const char *mark = strchr(value, ';');

    if (to == MCP_MRCP_V2)
        return g_strdup_printf("timestamp=0;%s", value);
    if (g_ascii_strncasecmp(value, "timestamp=", strlen("timestamp=")) != 0)
        return g_strdup(value);
    return g_strdup(mark != NULL ? mark + 1 : "");
}

static char *
translate_cause(McpMrcpVersion to, McpMrcpResource resource, const char *value)
{
    McpMrcpVersion from = to == MCP_MRCP_V1 ? MCP_MRCP_V2 : MCP_MRCP_V1;
    guint code = 0;

    if (!mcp_mrcp_cause_parse(from, resource, value, &code))
        return g_strdup(value);
    return mcp_mrcp_cause_text(to, resource, mcp_mrcp_cause_translate(to, resource, code));
}

static char *
translate_type(McpMrcpVersion to, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, ";", 2);
    guint column = to == MCP_MRCP_V1 ? 1 : 0;

    for (guint i = 0; parts[0] != NULL && i < G_N_ELEMENTS(types); i++) {
        if (g_ascii_strcasecmp(g_strchomp(parts[0]), types[i][column]) != 0)
            continue;
        g_free(parts[0]);
        parts[0] = g_strdup(types[i][1 - column]);
        return g_strjoinv(";", parts);
    }
    return g_strdup(value);
}

/* RFC 4463 §5.4.5 has the name alone, RFC 6787 §6.2.7 stands it between < and >. */
static char *
translate_id(McpMrcpVersion to, const char *value)
{
    gsize length = strlen(value);
    gboolean framed = length > 2 && value[0] == '<' && value[length - 1] == '>';

    if (framed == (to == MCP_MRCP_V2))
        return g_strdup(value);
    return framed ? g_strndup(value + 1, length - 2) : g_strdup_printf("<%s>", value);
}

static char *
translate_value(McpMrcpVersion to, McpMrcpResource resource, const McpMrcpField *field,
                McpMrcpScale scale)
{
    if (g_ascii_strcasecmp(field->name, "Completion-Cause") == 0)
        return translate_cause(to, resource, field->value);
    if (g_ascii_strcasecmp(field->name, "Content-Type") == 0)
        return translate_type(to, field->value);
    if (g_ascii_strcasecmp(field->name, "Content-Id") == 0)
        return translate_id(to, field->value);
    switch (scale) {
    case MCP_MRCP_FRACTION:
        return translate_fraction(to, field->value);
    case MCP_MRCP_MARK:
        return translate_mark(to, field->value);
    case MCP_MRCP_AS_IT_IS:
    default:
        return g_strdup(field->value);
    }
}

static void
translate_fields(McpMrcpMessage *message, McpMrcpVersion to, McpMrcpResource resource)
{
    McpMrcpFields *fields = mcp_mrcp_fields_new();

    for (guint i = 0; i < message->fields->len; i++) {
        const McpMrcpField *field = mcp_mrcp_fields_at(message->fields, i);
        McpMrcpScale scale = MCP_MRCP_AS_IT_IS;
        const char *name = mcp_mrcp_field_translate(to, field->name, &scale);
        g_autofree char *value = NULL;

        if (name == NULL)
            continue;
        value = translate_value(to, resource, field, scale);
        /* A timestamp alone is nothing in v1. */
        if (scale != MCP_MRCP_MARK || *value != '\0')
            mcp_mrcp_fields_add(fields, name, value);
    }
    g_ptr_array_unref(message->fields);
    message->fields = fields;
}

/* v1 has no weights: what stands first in the list has precedence (RFC 4463 §8.5.1). */
static void
drop_weights(McpMrcpMessage *message)
{
    const char *type = mcp_mrcp_message_get(message, "Content-Type");
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GBytes) body = NULL;
    g_auto(GStrv) lines = NULL;
    g_autofree char *text = NULL;

    if (type == NULL || message->body == NULL || g_ascii_strcasecmp(type, REFERENCES) != 0)
        return;
    text = g_strndup(g_bytes_get_data(message->body, NULL), g_bytes_get_size(message->body));
    lines = g_strsplit_set(text, "\r\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *end = strchr(lines[i], '>');

        if (lines[i][0] == '<' && end != NULL)
            g_string_append_printf(out, "%.*s\r\n", (int)(end - lines[i] - 1), lines[i] + 1);
        else if (lines[i][0] != '\0')
            g_string_append_printf(out, "%s\r\n", lines[i]);
    }
    body = g_bytes_new(out->str, out->len);
    mcp_mrcp_message_set_body(message, URIS, body);
}

gboolean
mcp_mrcp_message_translate(McpMrcpMessage *message, McpMrcpVersion to, McpMrcpResource resource,
                           GError **error)
{
    const char *name = NULL;

    if (message->version == to)
        return TRUE;
    if (message->name != NULL)
        name = mcp_mrcp_method_translate(to, message->name);
    if (mcp_mrcp_resource_name(MCP_MRCP_V1, resource) == NULL ||
        (message->name != NULL && name == NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "MRCP version %d has no %s of a %s",
                    (int)to, message->name != NULL ? message->name : "response",
                    mcp_mrcp_resource_name(MCP_MRCP_V2, resource));
        return FALSE;
    }
    translate_fields(message, to, resource);
    if (to == MCP_MRCP_V1)
        drop_weights(message);
    message->version = to;
    if (name != NULL) {
        g_free(message->name);
        message->name = g_strdup(name);
    }
    return TRUE;
}
