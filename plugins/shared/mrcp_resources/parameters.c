/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header fields that steer a resource (RFC 6787 §6.1, §8.4, §9.4): a table of what they may be,
 * what holds without them, and which of them a session keeps. Pure but for the answers.
 */
#include "resource.h"

#include <math.h>
#include <mcp/log.h>
#include <string.h>

#define SYNTH (1u << MCP_MRCP_SPEECHSYNTH)
#define RECOG (1u << MCP_MRCP_SPEECHRECOG)
#define NUMBER_MAX G_GUINT64_CONSTANT(1000000000)

typedef enum {
    VALUE_TEXT,    /* anything but nothing */
    VALUE_BOOLEAN, /* true, false */
    VALUE_FALSE,   /* a boolean whose truth cannot be had here */
    VALUE_NUMBER,
    VALUE_COUNT, /* from 1 on */
    VALUE_LEVEL, /* 0.0 … 1.0 */
    VALUE_KEY,   /* of a telephone, or nothing */
    VALUE_NAMES, /* one of @names */
} Value;

typedef struct {
    const char *name;
    guint resources;
    Value value;
    const char *preset; /* nullable: of a request alone, no parameter of the session */
    const char *names;
} Row;

static const Row rows[] = {
    {"Speech-Language", SYNTH | RECOG, VALUE_TEXT, "en-US"},
    {"Fetch-Timeout", SYNTH | RECOG, VALUE_NUMBER, "0"},
    {"Vendor-Specific-Parameters", SYNTH | RECOG, VALUE_TEXT, ""},
    {"Kill-On-Barge-In", SYNTH, VALUE_BOOLEAN, "true"},
    {"Voice-Name", SYNTH, VALUE_TEXT, "default"},
    {"Voice-Gender", SYNTH, VALUE_NAMES, "neutral", "male|female|neutral"},
    {"Voice-Age", SYNTH, VALUE_NUMBER, "30"},
    {"Voice-Variant", SYNTH, VALUE_NUMBER, "1"},
    {"Prosody-Rate", SYNTH, VALUE_TEXT, "default"},
    {"Prosody-Pitch", SYNTH, VALUE_TEXT, "default"},
    {"Prosody-Volume", SYNTH, VALUE_TEXT, "default"},
    {"Confidence-Threshold", RECOG, VALUE_LEVEL, "0.5"},
    {"Sensitivity-Level", RECOG, VALUE_LEVEL, "0.5"},
    {"Speed-Vs-Accuracy", RECOG, VALUE_LEVEL, "0.5"},
    {"N-Best-List-Length", RECOG, VALUE_COUNT, "1"},
    {"No-Input-Timeout", RECOG, VALUE_NUMBER, "5000"},
    {"Recognition-Timeout", RECOG, VALUE_NUMBER, "10000"},
    /* 0: the engine's own. */
    {"Speech-Complete-Timeout", RECOG, VALUE_NUMBER, "0"},
    {"Speech-Incomplete-Timeout", RECOG, VALUE_NUMBER, "0"},
    {"Hotword-Max-Duration", RECOG, VALUE_NUMBER, "0"},
    {"DTMF-Interdigit-Timeout", RECOG, VALUE_NUMBER, "5000"},
    {"DTMF-Term-Timeout", RECOG, VALUE_NUMBER, "10000"},
    {"DTMF-Term-Char", RECOG, VALUE_KEY, ""},
    {"Save-Waveform", RECOG, VALUE_FALSE, "false"},
    {"Recognition-Mode", RECOG, VALUE_NAMES, NULL, "normal|hotword"},
    {"Start-Input-Timers", RECOG, VALUE_BOOLEAN},
    {"Cancel-If-Queue", RECOG, VALUE_BOOLEAN},
    {"Clear-DTMF-Buffer", RECOG, VALUE_BOOLEAN},
    {"Ver-Buffer-Utterance", RECOG, VALUE_FALSE},
    {"Enroll-Utterance", RECOG, VALUE_FALSE},
};

/* What any message may have; no parameters. */
static const char *const generic[] = {
    "Channel-Identifier", "Content-Type",  "Content-Length", "Content-ID",
    "Content-Base",       "Accept",        "Accept-Charset", "Content-Encoding",
    "Content-Location",   "Cache-Control", "Logging-Tag",    "Active-Request-Id-List",
    "Set-Cookie",         "Set-Cookie2",
};

static const Row *
find_row(McpMrcpResource kind, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if ((rows[i].resources & 1u << kind) != 0 && g_ascii_strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static gboolean
is_generic(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(generic); i++)
        if (g_ascii_strcasecmp(generic[i], name) == 0)
            return TRUE;
    return FALSE;
}

/* --- values --- */

static gboolean
is_name(const char *names, const char *value)
{
    g_auto(GStrv) all = g_strsplit(names, "|", -1);

    for (guint i = 0; all[i] != NULL; i++)
        if (g_ascii_strcasecmp(all[i], value) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
is_level(const char *value)
{
    char *end = NULL;
    double level = g_ascii_strtod(value, &end);

    return end != value && *end == '\0' && isfinite(level) && level >= 0 && level <= 1;
}

/* 0: it can be taken; else the status that says why not. */
static guint
judge(const Row *row, const char *value)
{
    guint64 number = 0;

    switch (row->value) {
    case VALUE_BOOLEAN:
        return is_name("true|false", value) ? 0 : 404;
    case VALUE_FALSE:
        return g_ascii_strcasecmp(value, "true") == 0 ? 409 : is_name("false", value) ? 0 : 404;
    case VALUE_NUMBER:
    case VALUE_COUNT:
        if (!mcp_mrcp_number(value, G_MAXUINT64, &number))
            return 404;
        if (row->value == VALUE_COUNT && number == 0)
            return 404;
        return number <= NUMBER_MAX ? 0 : 409;
    case VALUE_LEVEL:
        return is_level(value) ? 0 : 404;
    case VALUE_KEY:
        if (strlen(value) > 1)
            return 404;
        return value[0] == '\0' || strchr("0123456789*#ABCDabcd", value[0]) != NULL ? 0 : 409;
    case VALUE_NAMES:
        return is_name(row->names, value) ? 0 : 404;
    case VALUE_TEXT:
    default:
        return value[0] != '\0' ? 0 : 404;
    }
}

/* RFC 6787 §6.1.1: 404 before 403 before 409. */
static guint
worse(guint a, guint b)
{
    static const guint order[] = {404, 403, 409};

    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return 0;
}

/* Of a request all that is not known is passed over; @session: what is set must be known. */
static guint
judge_field(McpMrcpdResource *resource, const McpMrcpField *field, gboolean session)
{
    const Row *row = find_row(resource->class->kind, field->name);

    if (row != NULL && (!session || row->preset != NULL))
        return judge(row, field->value);
    return session && !is_generic(field->name) ? 403 : 0;
}

static gboolean
check(McpMrcpdResource *resource, const McpMrcpMessage *request, gboolean session)
{
    McpMrcpMessage *answer = NULL;
    g_autoptr(GString) what = g_string_new(NULL);
    guint status = 0;

    for (guint i = 0; i < request->fields->len; i++)
        status =
            worse(status, judge_field(resource, mcp_mrcp_fields_at(request->fields, i), session));
    if (status == 0)
        return TRUE;
    answer = mcp_mrcpd_respond(request, status, MCP_MRCP_COMPLETE);
    for (guint i = 0; i < request->fields->len; i++) {
        const McpMrcpField *field = mcp_mrcp_fields_at(request->fields, i);

        if (judge_field(resource, field, session) != status)
            continue;
        mcp_mrcp_fields_add(answer->fields, field->name, field->value);
        g_string_append_printf(what, " %s: %.60s", field->name, field->value);
    }
    mcp_log_info(
        "mrcp-request", resource->session->call_id, "channel %s: %s %u is refused with %u:%s",
        mcp_mrcpd_channel_get_id(resource->channel), request->name, request->id, status, what->str);
    mcp_mrcpd_send(resource, answer);
    return FALSE;
}

gboolean
mcp_mrcpd_check(McpMrcpdResource *resource, const McpMrcpMessage *request)
{
    return check(resource, request, FALSE);
}

/* --- the generic methods --- */

void
mcp_mrcpd_set_params(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    const char *tag = mcp_mrcp_message_get(request, "Logging-Tag");

    if (!check(resource, request, TRUE))
        return;
    if (tag != NULL)
        mcp_log_info("mrcp-tag", resource->session->call_id,
                     "channel %s: the client's tag is %.80s",
                     mcp_mrcpd_channel_get_id(resource->channel), tag);
    for (guint i = 0; i < request->fields->len; i++) {
        const McpMrcpField *field = mcp_mrcp_fields_at(request->fields, i);

        if (find_row(resource->class->kind, field->name) != NULL)
            mcp_mrcp_fields_set(resource->params, field->name, field->value);
    }
    mcp_mrcpd_send(resource, mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE));
}

static void
add_value(McpMrcpdResource *resource, McpMrcpMessage *answer, const Row *row, const char *name)
{
    const char *value = mcp_mrcp_fields_get(resource->params, row->name);

    mcp_mrcp_fields_add(answer->fields, name, value != NULL ? value : row->preset);
}

static void
add_all(McpMrcpdResource *resource, McpMrcpMessage *answer)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *value = mcp_mrcp_fields_get(resource->params, rows[i].name);

        if ((rows[i].resources & 1u << resource->class->kind) == 0 || rows[i].preset == NULL)
            continue;
        if (value != NULL || rows[i].preset[0] != '\0')
            add_value(resource, answer, &rows[i], rows[i].name);
    }
}

/* RFC 6787 §6.1.2 */
void
mcp_mrcpd_get_params(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    g_autoptr(McpMrcpMessage) answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE);
    g_autoptr(McpMrcpMessage) refusal = mcp_mrcpd_respond(request, 403, MCP_MRCP_COMPLETE);
    gboolean asked = FALSE;

    for (guint i = 0; i < request->fields->len; i++) {
        const McpMrcpField *field = mcp_mrcp_fields_at(request->fields, i);
        const Row *row = find_row(resource->class->kind, field->name);

        if (is_generic(field->name))
            continue;
        asked = TRUE;
        if (row != NULL && row->preset != NULL)
            add_value(resource, answer, row, field->name);
        else
            mcp_mrcp_fields_add(refusal->fields, field->name, "");
    }
    if (!asked)
        add_all(resource, answer);
    mcp_mrcpd_send(resource,
                   refusal->fields->len > 0 ? g_steal_pointer(&refusal) : g_steal_pointer(&answer));
}

/* --- what holds for a request --- */

const char *
mcp_mrcpd_get_set(const McpMrcpdResource *resource, const McpMrcpMessage *request, const char *name)
{
    const char *value = mcp_mrcp_message_get(request, name);

    return value != NULL ? value : mcp_mrcp_fields_get(resource->params, name);
}

const char *
mcp_mrcpd_get(const McpMrcpdResource *resource, const McpMrcpMessage *request, const char *name)
{
    const char *value = mcp_mrcpd_get_set(resource, request, name);
    const Row *row = find_row(resource->class->kind, name);

    if (value == NULL && row != NULL)
        value = row->preset;
    return value != NULL ? value : "";
}

gboolean
mcp_mrcpd_get_bool(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                   const char *name)
{
    return g_ascii_strcasecmp(mcp_mrcpd_get(resource, request, name), "true") == 0;
}

double
mcp_mrcpd_get_level(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                    const char *name)
{
    return g_ascii_strtod(mcp_mrcpd_get(resource, request, name), NULL);
}

gint64
mcp_mrcpd_get_time(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                   const char *name)
{
    return g_ascii_strtoll(mcp_mrcpd_get(resource, request, name), NULL, 10) * 1000;
}

/* name=value;name="value" (RFC 6787 §6.2.16) */
GHashTable *
mcp_mrcpd_get_vendor(const McpMrcpdResource *resource, const McpMrcpMessage *request)
{
    const char *text = mcp_mrcpd_get_set(resource, request, "Vendor-Specific-Parameters");
    GHashTable *table = NULL;

    while (text != NULL && *text != '\0') {
        gsize name = strcspn(text, "=;");
        const char *value = text[name] == '=' ? text + name + 1 : text + name;
        gboolean quoted = *value == '"';
        gsize length = strcspn(value + (quoted ? 1 : 0), quoted ? "\"" : ";");

        if (table == NULL)
            table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_hash_table_insert(table, g_strstrip(g_strndup(text, name)),
                            g_strndup(value + (quoted ? 1 : 0), length));
        text = value + (quoted ? 1 : 0) + length;
        text += strcspn(text, ";");
        text += strspn(text, "; ");
    }
    return table;
}
