/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns what the engine threw into an error with file and line. Owner thread, within a run: reading
 * a thrown object may run code of the page.
 */
#include <string.h>

#include "engine.h"

#define MESSAGE_MAX 1000

static const struct {
    const char *name;
    McpScriptError code;
} CODES[] = {
    {"SyntaxError", MCP_SCRIPT_ERROR_SYNTAX},
    {"ReferenceError", MCP_SCRIPT_ERROR_REFERENCE},
    {"TypeError", MCP_SCRIPT_ERROR_TYPE},
};

/* A thrown value, or a member of it, as the engine's text. */
typedef struct {
    JSValueConst value;
    const char *name; /* (nullable) */
    const char *text; /* (nullable): nothing, or unreadable */
    size_t length;
} Reading;

static int
read_text(McpScript *script, gpointer data)
{
    Reading *reading = data;
    JSContext *context = script->context;
    JSValue value = reading->name != NULL
                        ? JS_GetPropertyStr(context, reading->value, reading->name)
                        : JS_DupValue(context, reading->value);

    if (!JS_IsException(value) && (reading->name == NULL || !JS_IsUndefined(value)))
        reading->text = JS_ToCStringLen(context, &reading->length, value);
    JS_FreeValue(context, value);
    if (reading->text == NULL)
        JS_FreeValue(context, JS_GetException(context));
    return 0;
}

/* UTF-8 of bounded length; what cannot be read is "". */
static char *
member(McpScript *script, JSValueConst thrown, const char *name)
{
    Reading reading = {.value = thrown, .name = name};
    char *copy = NULL;

    if (mcp_script_try(script, read_text, &reading) < 0 || reading.text == NULL)
        return g_strdup("");
    copy = g_utf8_make_valid(reading.text, (gssize)MIN(reading.length, MESSAGE_MAX));
    JS_FreeCString(script->context, reading.text);
    return copy;
}

/* The first frame of a stack is "    at name (file:line:column)" or "    at file:line:column"; what
 * is wanted is "file:line". Frames of native functions name no place. */
static char *
place_of(const McpScript *script, const char *stack)
{
    static const char EVALUATED[] = "<input>";
    g_auto(GStrv) lines = g_strsplit(stack, "\n", 8);
    g_autoptr(GRegex) pattern =
        g_regex_new("(?:\\(|at )([^()]*?:[0-9]+)(?::[0-9]+)?\\)?$", 0, 0, NULL);

    for (guint i = 0; lines[i] != NULL; i++) {
        g_autoptr(GMatchInfo) match = NULL;

        if (g_regex_match(pattern, lines[i], 0, &match)) {
            g_autofree char *place = g_match_info_fetch(match, 1);

            if (script->program == NULL || !g_str_has_prefix(place, EVALUATED))
                return g_steal_pointer(&place);
            return g_strconcat(mcp_script_code_file(script->program), place + strlen(EVALUATED),
                               NULL);
        }
    }
    return g_strdup("script");
}

static McpScriptError
code_of(const char *name, const char *message)
{
    for (gsize i = 0; i < G_N_ELEMENTS(CODES); i++) {
        if (strcmp(name, CODES[i].name) == 0)
            return CODES[i].code;
    }
    if (strcmp(name, "InternalError") == 0 &&
        (strstr(message, "memory") != NULL || strstr(message, "stack overflow") != NULL))
        return MCP_SCRIPT_ERROR_MEMORY;
    return MCP_SCRIPT_ERROR_OTHER;
}

static void
set_from_error(McpScript *script, JSValueConst thrown, GError **error)
{
    g_autofree char *name = member(script, thrown, "name");
    g_autofree char *message = member(script, thrown, "message");
    g_autofree char *stack = member(script, thrown, "stack");
    g_autofree char *place = place_of(script, stack);

    g_set_error(error, MCP_SCRIPT_ERROR, (gint)code_of(name, message), "%s: %s: %s", place, name,
                message);
}

void
mcp_script_set_stopped(const McpScript *script, GError **error)
{
    if (script->starved)
        g_set_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_MEMORY,
                    "script needed more than %" G_GSIZE_FORMAT " KB of memory",
                    script->limits.memory / 1024);
    else
        g_set_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TIMEOUT,
                    "script took more than %" G_GINT64_FORMAT " ms of CPU",
                    (script->deadline_ns - script->start_ns) / 1000000);
}

void
mcp_script_take_exception(McpScript *script, GError **error)
{
    JSValue thrown = JS_UNDEFINED;

    if (!script->buried)
        thrown = JS_GetException(script->context);
    if (script->interrupted) {
        mcp_script_set_stopped(script, error);
    } else if (JS_IsError(script->context, thrown)) {
        set_from_error(script, thrown, error);
    } else {
        g_autofree char *text = member(script, thrown, NULL);

        g_set_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_OTHER, "script threw %s", text);
    }
    mcp_script_drop(script, thrown);
}
