/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The builtin grammars of VoiceXML 2.0 Appendix P: each is written as SRGS and compiled as any
 * other; the result of keys is made from them, that of words by tags (builtin_voice.c). Pure
 * functions, any thread.
 */
#include "builtin.h"
#include "builtin_voice.h"
#include <mcp/error.h>
#include <mcp/json.h>
#include <string.h>

#define MAX_DIGITS 500

/* The rules that the builtin ones share; "d" is a digit. */
#define DIGIT                                                                                     \
    "<rule id='d'><one-of><item>0</item><item>1</item><item>2</item><item>3</item><item>4</item>" \
    "<item>5</item><item>6</item><item>7</item><item>8</item><item>9</item></one-of></rule>"
#define D "<ruleref uri='#d'/>"
#define DIGITS "<item repeat='1-'>" D "</item>"

static const struct {
    const char *name;
    McpBuiltinKind kind;
    const char *dtmf; /* body of the rule; NULL: depends on the parameters */
} builtins[] = {
    {"boolean", MCP_BUILTIN_BOOLEAN, NULL},
    {"digits", MCP_BUILTIN_DIGITS, NULL},
    {"number", MCP_BUILTIN_NUMBER,
     "<one-of><item>" DIGITS "<item repeat='0-1'>*<item repeat='0-'>" D "</item></item></item>"
     "<item>*" DIGITS "</item></one-of>"},
    {"phone", MCP_BUILTIN_PHONE, DIGITS "<item repeat='0-1'>*" DIGITS "</item>"},
    {"currency", MCP_BUILTIN_CURRENCY,
     "<one-of><item>" DIGITS "<item repeat='0-1'>*<item repeat='0-2'>" D "</item></item></item>"
     "<item>*<item repeat='1-2'>" D "</item></item></one-of>"},
    {"date", MCP_BUILTIN_DATE,
     "<item repeat='4'>" D "</item>"
     "<one-of><item>0<one-of><item>1</item><item>2</item><item>3</item><item>4</item>"
     "<item>5</item><item>6</item><item>7</item><item>8</item><item>9</item></one-of></item>"
     "<item>1<one-of><item>0</item><item>1</item><item>2</item></one-of></item></one-of>"
     "<one-of><item>0<one-of><item>1</item><item>2</item><item>3</item><item>4</item>"
     "<item>5</item><item>6</item><item>7</item><item>8</item><item>9</item></one-of></item>"
     "<item><one-of><item>1</item><item>2</item></one-of>" D "</item>"
     "<item>3<one-of><item>0</item><item>1</item></one-of></item></one-of>"},
    {"time", MCP_BUILTIN_TIME,
     "<one-of><item><one-of><item>0</item><item>1</item></one-of>" D "</item>"
     "<item>2<one-of><item>0</item><item>1</item><item>2</item><item>3</item></one-of></item>"
     "</one-of><one-of><item>0</item><item>1</item><item>2</item><item>3</item><item>4</item>"
     "<item>5</item></one-of>" D},
};

gboolean
mcp_builtin_is(const char *uri)
{
    return uri != NULL && g_str_has_prefix(uri, "builtin:");
}

static gboolean
parse_length(const char *value, guint *out)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(value, 10, 0, MAX_DIGITS, &number, NULL))
        return FALSE;
    *out = (guint)number;
    return TRUE;
}

static gboolean
parse_key(const char *value, char *out)
{
    if (strlen(value) != 1 || strchr("0123456789*#", *value) == NULL)
        return FALSE;
    *out = *value;
    return TRUE;
}

/* FALSE without an error: not a parameter of this type. */
static gboolean
set_parameter(McpBuiltin *builtin, const char *name, const char *value, gboolean *out_good)
{
    gboolean digits = builtin->kind == MCP_BUILTIN_DIGITS;
    gboolean keys = builtin->kind == MCP_BUILTIN_BOOLEAN;

    if (digits && g_str_equal(name, "length"))
        *out_good = parse_length(value, &builtin->min) && parse_length(value, &builtin->max);
    else if (digits && g_str_equal(name, "minlength"))
        *out_good = parse_length(value, &builtin->min);
    else if (digits && g_str_equal(name, "maxlength"))
        *out_good = parse_length(value, &builtin->max);
    else if (keys && g_str_equal(name, "y"))
        *out_good = parse_key(value, &builtin->yes);
    else if (keys && g_str_equal(name, "n"))
        *out_good = parse_key(value, &builtin->no);
    else
        return FALSE;
    return TRUE;
}

static gboolean
parse_parameters(McpBuiltin *builtin, const char *uri, const char *query, GError **error)
{
    g_auto(GStrv) fields = g_strsplit_set(query, ";&", -1);

    for (guint i = 0; fields[i] != NULL; i++) {
        char *value = strchr(fields[i], '=');
        gboolean good = FALSE;

        if (*fields[i] == '\0')
            continue;
        if (value != NULL)
            *value++ = '\0';
        if (value == NULL || !set_parameter(builtin, fields[i], value, &good)) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                        "'%.120s' has no parameter '%.40s'", uri, fields[i]);
            return FALSE;
        }
        if (!good) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%.120s': %.40s is '%.40s'", uri,
                        fields[i], value);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
parse_type(McpBuiltin *builtin, const char *uri, const char *type, gsize length, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(builtins); i++)
        if (strlen(builtins[i].name) == length && strncmp(builtins[i].name, type, length) == 0)
            builtin->kind = builtins[i].kind;
    if (builtin->kind != MCP_BUILTIN_NONE)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "builtin grammar '%.120s' is not known",
                uri);
    return FALSE;
}

gboolean
mcp_builtin_parse(const char *uri, McpBuiltin *out, GError **error)
{
    McpBuiltin builtin = {.yes = '1', .no = '2', .min = 1, .max = MAX_DIGITS};
    const char *type = uri + strlen("builtin:");
    const char *query;

    if (g_str_has_prefix(type, "dtmf/")) {
        builtin.mode = MCP_GRAMMAR_DTMF;
        type += strlen("dtmf/");
    } else if (g_str_has_prefix(type, "grammar/") || g_str_has_prefix(type, "voice/")) {
        builtin.mode = MCP_GRAMMAR_VOICE;
        type = strchr(type, '/') + 1;
    } else {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "'%.120s' is neither builtin:dtmf/ nor builtin:grammar/", uri);
        return FALSE;
    }
    query = type + strcspn(type, "?");
    if (!parse_type(&builtin, uri, type, (gsize)(query - type), error))
        return FALSE;
    if (*query == '?' && !parse_parameters(&builtin, uri, query + 1, error))
        return FALSE;
    if (builtin.min > builtin.max || builtin.max == 0 || builtin.yes == builtin.no) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%.120s' contradicts itself", uri);
        return FALSE;
    }
    *out = builtin;
    return TRUE;
}

static char *
dtmf_body(const McpBuiltin *builtin)
{
    if (builtin->kind == MCP_BUILTIN_BOOLEAN)
        return g_strdup_printf("<one-of><item>%c</item><item>%c</item></one-of>", builtin->yes,
                               builtin->no);
    if (builtin->kind == MCP_BUILTIN_DIGITS)
        return g_strdup_printf("<item repeat='%u-%u'>" D "</item>", builtin->min, builtin->max);
    for (guint i = 0; i < G_N_ELEMENTS(builtins); i++)
        if (builtins[i].kind == builtin->kind)
            return g_strdup(builtins[i].dtmf);
    return g_strdup("");
}

GBytes *
mcp_builtin_source(const McpBuiltin *builtin)
{
    gboolean dtmf = builtin->mode == MCP_GRAMMAR_DTMF;
    g_autofree char *body = dtmf ? dtmf_body(builtin) : mcp_builtin_voice_rules(builtin);
    g_autofree char *rules =
        dtmf ? g_strdup_printf("<rule id='builtin' scope='public'>%s</rule>" DIGIT, body)
             : g_steal_pointer(&body);
    char *text = g_strdup_printf(
        "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' mode='%s' xml:lang='en'"
        " root='builtin'%s>%s</grammar>",
        dtmf ? "dtmf" : "voice", dtmf ? "" : " tag-format='semantics/1.0'", rules);

    return g_bytes_new_take(text, strlen(text));
}

/* Two decimals, as Appendix P has it: "mm.nn". */
static char *
format_currency(const char *input)
{
    const char *point = strchr(input, '*');
    g_autofree char *whole =
        point != NULL ? g_strndup(input, (gsize)(point - input)) : g_strdup(input);
    const char *cents = point != NULL ? point + 1 : "";

    return g_strdup_printf("%s.%s%s", *whole != '\0' ? whole : "0", cents, &"00"[strlen(cents)]);
}

/* Keys have no way to say morning or afternoon: after noon and at night only the 24-hour clock is
 * meant, else it stays open. */
static char *
format_time(const char *input)
{
    guint hour = (guint)(input[0] - '0') * 10 + (guint)(input[1] - '0');

    return g_strdup_printf("%s%c", input, hour == 0 || hour > 12 ? 'h' : '?');
}

char *
mcp_builtin_result(const McpBuiltin *builtin, const char *input)
{
    g_autoptr(McpJson) json = mcp_json_new();
    g_autofree char *text = NULL;

    if (builtin->kind == MCP_BUILTIN_BOOLEAN) {
        mcp_json_bool(json, NULL, input[0] == builtin->yes);
        return mcp_json_finish(g_steal_pointer(&json));
    }
    if (builtin->kind == MCP_BUILTIN_CURRENCY)
        text = format_currency(input);
    else if (builtin->kind == MCP_BUILTIN_TIME)
        text = format_time(input);
    else if (builtin->kind == MCP_BUILTIN_NUMBER)
        text = g_strdelimit(g_strdup(input), "*", '.');
    else if (builtin->kind == MCP_BUILTIN_PHONE)
        text = g_strdelimit(g_strdup(input), "*", 'x');
    mcp_json_string(json, NULL, text != NULL ? text : input);
    return mcp_json_finish(g_steal_pointer(&json));
}
