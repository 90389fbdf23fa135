/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what is supported. An element or property without a row of its own, or with
 * SUPPORT_FULL, is carried out as the recommendations say. Any thread.
 */
#include "support_table.h"

#include <string.h>

#include "document.h"

#define FULL MCP_VXML_SUPPORT_FULL
#define PART MCP_VXML_SUPPORT_PART
#define NONE MCP_VXML_SUPPORT_NONE
#define VOICE "where a recognizer is running"

const McpVxmlSupportDef mcp_vxml_support_defs[] = {
    {"transfer", "type", "bridge|blind|consultation", FULL, NULL},
    {"object", NULL, NULL, PART,
     "those that plugins register; others give error.unsupported.objectname"},
    {"data", "method", "get|post", FULL, NULL},
    {"data", "enctype", "application/x-www-form-urlencoded|multipart/form-data", FULL, NULL},
    {"grammar", NULL, NULL, PART, "SRGS in XML and ABNF; those of mode voice are active " VOICE},
    {"grammar", "mode", "voice|dtmf", FULL, "voice " VOICE},
    {"grammar", "scope", "document|dialog", FULL, NULL},
    {"grammar", "weight", NULL, FULL, VOICE},
    {"field", "type", NULL, PART,
     "boolean, date, digits, currency, number, phone, time: by keys, and by words " VOICE},
    {"form", "scope", "dialog|document", FULL, NULL},
    {"menu", "scope", "dialog|document", FULL, NULL},
    {"menu", "accept", "exact|approximate", FULL, VOICE},
    {"choice", "accept", "exact|approximate", FULL, VOICE},
    {"option", "accept", "exact|approximate", FULL, VOICE},
    {"filled", "mode", "all|any", FULL, NULL},
    {"prompt", "bargeintype", "speech|hotword", FULL, "speech " VOICE},
    {"record", "type", NULL, PART,
     "audio/x-wav, audio/wav, audio/vnd.wave (;codec=mulaw, alaw), "
     "audio/basic, audio/x-alaw-basic, audio/L16, audio/ogg, audio/mpeg"},
    {"submit", "method", "get|post", FULL, NULL},
    {"submit", "enctype", "application/x-www-form-urlencoded|multipart/form-data", FULL, NULL},
    {"subdialog", "method", "get|post", FULL, NULL},
    {"subdialog", "enctype", "application/x-www-form-urlencoded|multipart/form-data", FULL, NULL},
    {"param", "valuetype", "data|ref", PART, "of meaning for <object> alone"},
    {"param", "type", NULL, PART, "of meaning for <object> alone"},
    {"*", "fetchhint", "prefetch|safe", FULL, NULL},
    {NULL, NULL, NULL, FULL, NULL},
};

const McpVxmlPropertyDef mcp_vxml_property_defs[] = {
    {"audiofetchhint", MCP_VXML_PROPERTY_WORD, "prefetch|safe", NULL, FULL, NULL},
    {"audiomaxage", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"audiomaxstale", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"bargein", MCP_VXML_PROPERTY_BOOLEAN, NULL, NULL, FULL, NULL},
    {"bargeintype", MCP_VXML_PROPERTY_WORD, "speech|hotword", "speech", FULL, NULL},
    {"completetimeout", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, VOICE},
    {"confidencelevel", MCP_VXML_PROPERTY_UNIT, NULL, "0.5", FULL, VOICE},
    {"datafetchhint", MCP_VXML_PROPERTY_WORD, "prefetch|safe", NULL, FULL, NULL},
    {"datamaxage", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"datamaxstale", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"documentfetchhint", MCP_VXML_PROPERTY_WORD, "prefetch|safe", NULL, FULL, NULL},
    {"documentmaxage", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"documentmaxstale", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"fetchaudio", MCP_VXML_PROPERTY_TEXT, NULL, NULL, FULL, "a URL"},
    {"fetchaudiodelay", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, NULL},
    {"fetchaudiominimum", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, NULL},
    {"fetchtimeout", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, NULL},
    {"grammarfetchhint", MCP_VXML_PROPERTY_WORD, "prefetch|safe", NULL, FULL, NULL},
    {"grammarmaxage", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"grammarmaxstale", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"incompletetimeout", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, VOICE},
    {"inputmodes", MCP_VXML_PROPERTY_WORDS, "dtmf|voice", "dtmf voice", FULL, "voice " VOICE},
    {"interdigittimeout", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, NULL},
    {"maxnbest", MCP_VXML_PROPERTY_COUNT, NULL, "1", FULL, "20 at most; more than one " VOICE},
    {"maxspeechtimeout", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, VOICE},
    {"objectfetchhint", MCP_VXML_PROPERTY_WORD, "prefetch|safe", NULL, NONE, "as <object>"},
    {"objectmaxage", MCP_VXML_PROPERTY_COUNT, NULL, NULL, NONE, "as <object>"},
    {"objectmaxstale", MCP_VXML_PROPERTY_COUNT, NULL, NULL, NONE, "as <object>"},
    {"recordutterance", MCP_VXML_PROPERTY_BOOLEAN, NULL, "false", FULL, NULL},
    {"recordutterancetype", MCP_VXML_PROPERTY_TEXT, NULL, NULL, FULL, "a type of <record>"},
    {"scriptfetchhint", MCP_VXML_PROPERTY_WORD, "prefetch|safe", NULL, FULL, NULL},
    {"scriptmaxage", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"scriptmaxstale", MCP_VXML_PROPERTY_COUNT, NULL, NULL, FULL, "seconds"},
    {"sensitivity", MCP_VXML_PROPERTY_UNIT, NULL, "0.5", FULL, VOICE},
    {"speedvsaccuracy", MCP_VXML_PROPERTY_UNIT, NULL, "0.5", FULL, VOICE},
    {"termchar", MCP_VXML_PROPERTY_KEY, NULL, NULL, FULL, "empty: none"},
    {"termtimeout", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, NULL},
    {"timeout", MCP_VXML_PROPERTY_TIME, NULL, NULL, FULL, NULL},
    {"universals", MCP_VXML_PROPERTY_WORDS, "none|all|cancel|exit|help", "none", FULL, VOICE},
    {NULL, MCP_VXML_PROPERTY_TEXT, NULL, NULL, FULL, NULL},
};

const McpVxmlSupportDef *
mcp_vxml_support_find(const char *element, const char *attribute)
{
    for (const McpVxmlSupportDef *def = mcp_vxml_support_defs; def->element != NULL; def++)
        if ((strcmp(def->element, element) == 0 || strcmp(def->element, "*") == 0) &&
            g_strcmp0(def->attribute, attribute) == 0)
            return def;
    return NULL;
}

const McpVxmlPropertyDef *
mcp_vxml_property_find(const char *name)
{
    for (const McpVxmlPropertyDef *def = mcp_vxml_property_defs; def->name != NULL; def++)
        if (strcmp(def->name, name) == 0)
            return def;
    return NULL;
}

gboolean
mcp_vxml_is_one_of(const char *word, const char *values)
{
    g_auto(GStrv) words = g_strsplit(values, "|", -1);

    return g_strv_contains((const char *const *)words, word);
}

static gboolean
are_of(const char *list, const char *values)
{
    g_auto(GStrv) words = g_strsplit_set(list, " \t\r\n", -1);
    guint count = 0;

    for (guint i = 0; words[i] != NULL; i++) {
        if (*words[i] == '\0')
            continue;
        if (!mcp_vxml_is_one_of(words[i], values))
            return FALSE;
        count++;
    }
    return count > 0;
}

static gboolean
is_unit(const char *value)
{
    char *end = NULL;
    double number = g_ascii_strtod(value, &end);

    return end != value && *end == '\0' && number >= 0.0 && number <= 1.0;
}

gboolean
mcp_vxml_property_check(const McpVxmlPropertyDef *def, const char *value)
{
    gint64 number;

    switch (def->type) {
    case MCP_VXML_PROPERTY_TIME:
        return mcp_vxml_time(value, &number);
    case MCP_VXML_PROPERTY_BOOLEAN:
        return mcp_vxml_is_one_of(value, "true|false");
    case MCP_VXML_PROPERTY_UNIT:
        return is_unit(value);
    case MCP_VXML_PROPERTY_COUNT:
        return mcp_vxml_number(value, &number);
    case MCP_VXML_PROPERTY_WORD:
        return mcp_vxml_is_one_of(value, def->values);
    case MCP_VXML_PROPERTY_WORDS:
        return are_of(value, def->values);
    case MCP_VXML_PROPERTY_KEY:
        return *value == '\0' || (value[1] == '\0' && strchr("0123456789*#ABCD", *value) != NULL);
    case MCP_VXML_PROPERTY_TEXT:
    default:
        return TRUE;
    }
}
