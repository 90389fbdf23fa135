/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structured log lines: level, plugin, id, call, text. One write(2) a line, so that lines of
 * several
 * threads never mix. Any thread.
 */
#include "util/log.h"

#include <errno.h>
#include <mcp/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/control_character.h"

/* Bits 0 to 7: the level; from bit 8 on: 1 + the level up to which the override speaks. */
static gint log_levels = MCP_LOG_INFO;        /* atomic */
static gpointer log_override;                 /* atomic: McpLogOverride */
static gint log_output = MCP_LOG_OUTPUT_AUTO; /* atomic, never AUTO after the first line */

/* Whoever calls @func counts as a user of its place meanwhile: it is not taken away under him. */
typedef struct {
    gpointer func; /* atomic: McpLogObserver, NULL: the place is free */
    gpointer user_data;
    gint users; /* atomic */
} Observer;

#define OBSERVERS_MAX 8

static GMutex observers_lock; /* who adds and removes */
static Observer observers[OBSERVERS_MAX];
static gint n_observers; /* atomic */

static const char *const level_names[] = {"error", "warning", "info", "debug"};

#define LEVEL_MASK 0xff
#define OVERRIDE_SHIFT 8

static gboolean
ask_override(McpLogLevel level, const char *call_id)
{
    McpLogOverride func = (McpLogOverride)g_atomic_pointer_get(&log_override);

    return func != NULL && func(level, call_id);
}

gboolean
mcp_log_wanted(McpLogLevel level, const char *call_id)
{
    gint levels = g_atomic_int_get(&log_levels);

    if ((gint)level <= (levels & LEVEL_MASK))
        return TRUE;
    return (gint)level < levels >> OVERRIDE_SHIFT && ask_override(level, call_id);
}

gboolean
mcp_log_enabled(McpLogLevel level)
{
    return mcp_log_wanted(level, NULL);
}

/* Replaces the bits of @mask by @bits. */
static void
change_levels(gint mask, gint bits)
{
    gint before = g_atomic_int_get(&log_levels);

    while (!g_atomic_int_compare_and_exchange(&log_levels, before, (before & ~mask) | bits))
        before = g_atomic_int_get(&log_levels);
}

void
mcp_log_set_override(McpLogOverride func, McpLogLevel highest)
{
    g_atomic_pointer_set(&log_override, (gpointer)func);
    change_levels(~LEVEL_MASK, func != NULL ? ((gint)highest + 1) << OVERRIDE_SHIFT : 0);
}

void
mcp_log_set_level(McpLogLevel level)
{
    change_levels(LEVEL_MASK, (gint)level);
}

McpLogLevel
mcp_log_get_level(void)
{
    return (McpLogLevel)(g_atomic_int_get(&log_levels) & LEVEL_MASK);
}

const char *
mcp_log_level_to_string(McpLogLevel level)
{
    return level_names[level];
}

gboolean
mcp_log_level_from_string(const char *name, McpLogLevel *out_level)
{
    for (guint i = 0; i < G_N_ELEMENTS(level_names); i++) {
        if (g_strcmp0(name, level_names[i]) == 0) {
            *out_level = (McpLogLevel)i;
            return TRUE;
        }
    }
    return FALSE;
}

void
mcp_log_set_output(McpLogOutput output)
{
    g_atomic_int_set(&log_output, (gint)output);
}

void
mcp_log_configure(const char *level, const char *output)
{
    static const char *const outputs[] = {"auto", "human", "json", "journal"};
    McpLogLevel wanted = MCP_LOG_INFO;

    if (mcp_log_level_from_string(level, &wanted))
        mcp_log_set_level(wanted);
    for (guint i = 0; i < G_N_ELEMENTS(outputs); i++) {
        if (g_strcmp0(output, outputs[i]) == 0)
            mcp_log_set_output((McpLogOutput)i);
    }
}

guint
mcp_log_add_observer(McpLogObserver observer, gpointer user_data)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&observers_lock);

    for (guint i = 0; i < OBSERVERS_MAX; i++) {
        if (observers[i].func != NULL)
            continue;
        observers[i].user_data = user_data;
        g_atomic_pointer_set(&observers[i].func, (gpointer)observer);
        g_atomic_int_inc(&n_observers);
        return i + 1;
    }
    return 0;
}

void
mcp_log_remove_observer(guint number)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&observers_lock);

    if (number == 0 || number > OBSERVERS_MAX || observers[number - 1].func == NULL)
        return;
    g_atomic_int_add(&n_observers, -1);
    g_atomic_pointer_set(&observers[number - 1].func, NULL);
    while (g_atomic_int_get(&observers[number - 1].users) > 0)
        g_thread_yield();
}

static void
tell_observers(McpLogLevel level, const char *plugin, const char *id, const char *call_id,
               const char *text)
{
    for (guint i = 0; i < OBSERVERS_MAX && g_atomic_int_get(&n_observers) > 0; i++) {
        McpLogObserver func;

        if (g_atomic_pointer_get(&observers[i].func) == NULL)
            continue;
        g_atomic_int_inc(&observers[i].users);
        func = (McpLogObserver)g_atomic_pointer_get(&observers[i].func);
        if (func != NULL)
            func(level, plugin, id, call_id, text, observers[i].user_data);
        g_atomic_int_add(&observers[i].users, -1);
    }
}

static McpLogOutput
effective_output(void)
{
    McpLogOutput output = (McpLogOutput)g_atomic_int_get(&log_output);

    if (output != MCP_LOG_OUTPUT_AUTO)
        return output;
    if (isatty(STDERR_FILENO))
        output = MCP_LOG_OUTPUT_HUMAN;
    else if (g_log_writer_is_journald(STDERR_FILENO))
        output = MCP_LOG_OUTPUT_JOURNAL;
    else
        output = MCP_LOG_OUTPUT_JSON;
    g_atomic_int_set(&log_output, (gint)output);
    return output;
}

/* Control characters would let a header forge lines or drive a terminal. */
static void
escape_controls(GString *line, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar control = mcp_control_character(p);

        if (control > 0x7f)
            g_string_append_printf(line, "\\u%04x", control);
        else if (control != 0)
            g_string_append_printf(line, "\\x%02x", control);
        else
            g_string_append_len(line, p, g_utf8_next_char(p) - p);
    }
}

static void
write_line(GString *line)
{
    gsize done = 0;

    g_string_append_c(line, '\n');
    while (done < line->len) {
        ssize_t n = write(STDERR_FILENO, line->str + done, line->len - done);

        if (n < 0 && errno != EINTR)
            return;
        if (n > 0)
            done += (gsize)n;
    }
}

static void
write_human(McpLogLevel level, const char *plugin, const char *id, const char *call_id,
            const char *text)
{
    static const char *const colours[] = {"\033[31m", "\033[33m", "", "\033[2m"};
    gboolean colour = isatty(STDERR_FILENO) && *colours[level] != '\0';
    g_autoptr(GString) line = g_string_sized_new(160);
    gint64 now = g_get_real_time();
    time_t seconds = (time_t)(now / G_USEC_PER_SEC);
    struct tm local = {0};

    /* Not GDateTime: its time zone is one object for all threads, counted up and down by each. */
    localtime_r(&seconds, &local);
    g_string_append_printf(line, "%02d:%02d:%02d.%03d %s%-7s%s %-8s %s", local.tm_hour,
                           local.tm_min, local.tm_sec, (int)(now % G_USEC_PER_SEC / 1000),
                           colour ? colours[level] : "", level_names[level],
                           colour ? "\033[0m" : "", plugin, id);
    if (call_id != NULL)
        g_string_append_printf(line, " [%s]", call_id);
    g_string_append(line, ": ");
    escape_controls(line, text);
    write_line(line);
}

static void
write_json(McpLogLevel level, const char *plugin, const char *id, const char *call_id,
           const char *text)
{
    McpJson *json = mcp_json_new();
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *object = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_time(json, "time", g_get_real_time());
    mcp_json_string(json, "level", level_names[level]);
    mcp_json_string(json, "plugin", plugin);
    mcp_json_string(json, "id", id);
    if (call_id != NULL)
        mcp_json_string(json, "call", call_id);
    mcp_json_string(json, "message", text);
    mcp_json_end_object(json);
    object = mcp_json_finish(json);
    g_string_append(line, object);
    write_line(line);
}

static void
write_journal(McpLogLevel level, const char *plugin, const char *id, const char *call_id,
              const char *text)
{
    static const char *const priorities[] = {"3", "4", "6", "7"};
    g_autoptr(GString) line = g_string_sized_new(160);
    GLogField fields[] = {
        {"MESSAGE", NULL, -1},  {"PRIORITY", priorities[level], -1}, {"MCP_PLUGIN", plugin, -1},
        {"MCP_LOG_ID", id, -1}, {"SYSLOG_IDENTIFIER", "mcpd", -1},   {"MCP_CALL", call_id, -1},
    };

    escape_controls(line, text);
    fields[0].value = line->str;
    g_log_writer_journald(G_LOG_LEVEL_MESSAGE, fields,
                          G_N_ELEMENTS(fields) - (call_id == NULL ? 1 : 0), NULL);
}

static void
emit(McpLogLevel level, const char *domain, const char *id, const char *call_id, const char *text)
{
    const char *plugin = domain != NULL && g_str_has_prefix(domain, "mcp-") ? domain + 4 : domain;

    if (plugin == NULL)
        plugin = "library";
    tell_observers(level, plugin, id, call_id, text);
    switch (effective_output()) {
    case MCP_LOG_OUTPUT_JSON:
        write_json(level, plugin, id, call_id, text);
        break;
    case MCP_LOG_OUTPUT_JOURNAL:
        write_journal(level, plugin, id, call_id, text);
        break;
    case MCP_LOG_OUTPUT_HUMAN:
    case MCP_LOG_OUTPUT_AUTO:
        write_human(level, plugin, id, call_id, text);
        break;
    }
}

void
mcp_log_message(McpLogLevel level, const char *domain, const char *id, const char *call_id,
                const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    emit(level, domain, id, call_id, text);
}

static const char *
field_value(const GLogField *fields, gsize n_fields, const char *key)
{
    for (gsize i = 0; i < n_fields; i++) {
        if (strcmp(fields[i].key, key) == 0 && fields[i].length < 0)
            return fields[i].value;
    }
    return NULL;
}

static GLogWriterOutput
library_writer(GLogLevelFlags flags, const GLogField *fields, gsize n_fields, gpointer user_data)
{
    const char *text = field_value(fields, n_fields, "MESSAGE");
    const char *domain = field_value(fields, n_fields, "GLIB_DOMAIN");
    McpLogLevel level = MCP_LOG_DEBUG;

    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        level = MCP_LOG_ERROR;
    else if (flags & G_LOG_LEVEL_WARNING)
        level = MCP_LOG_WARNING;
    else if (flags & G_LOG_LEVEL_MESSAGE)
        level = MCP_LOG_INFO;
    if (mcp_log_enabled(level))
        emit(level, domain, "library", NULL, text != NULL ? text : "");
    return G_LOG_WRITER_HANDLED;
}

void
mcp_log_install_writer(void)
{
    g_log_set_writer_func(library_writer, NULL, NULL);
}
