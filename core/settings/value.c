/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value: text to its type, with range check. Immutable and counted once made.
 */
#include "settings/private.h"

#include <gio/gio.h>
#include <string.h>

typedef struct {
    const char *unit;
    gint64 factor;
} Unit;

static const Unit duration_units[] = {
    {"us", 1},
    {"ms", 1000},
    {"s", G_USEC_PER_SEC},
    {"m", 60 * (gint64)G_USEC_PER_SEC},
    {"h", 3600 * (gint64)G_USEC_PER_SEC},
    {"d", 86400 * (gint64)G_USEC_PER_SEC},
    {NULL, 0},
};
static const Unit size_units[] = {
    {"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0},
};
static const Unit int_units[] = {{"", 1}, {NULL, 0}};

void
mcp_value_unref(McpValue *value)
{
    if (!g_atomic_ref_count_dec(&value->refs))
        return;
    g_free(value->text);
    g_free(value->string);
    g_strfreev(value->list);
    if (value->secret != NULL) {
        explicit_bzero(value->secret->bytes, value->secret->length);
        g_free(value->secret->bytes);
        g_free(value->secret);
    }
    g_free(value->origin);
    g_free(value);
}

McpValue *
mcp_value_ref(McpValue *value)
{
    g_atomic_ref_count_inc(&value->refs);
    return value;
}

static const Unit *
units_of(McpSettingType type)
{
    if (type == MCP_SETTING_DURATION)
        return duration_units;
    return type == MCP_SETTING_SIZE ? size_units : int_units;
}

static gboolean
parse_number(McpSettingType type, const char *text, gint64 *out_number)
{
    char *end = NULL;
    gint64 number = g_ascii_strtoll(text, &end, 10);

    if (end == text || (number == 0 && *end == '\0' && type == MCP_SETTING_DURATION)) {
        *out_number = 0;
        return end != text;
    }
    while (*end == ' ')
        end++;
    for (const Unit *unit = units_of(type); unit->unit != NULL; unit++) {
        if (g_ascii_strcasecmp(end, unit->unit) == 0)
            return __builtin_mul_overflow(number, unit->factor, out_number) == 0;
    }
    return FALSE;
}

static gboolean
in_range(const McpSettingDef *def, gint64 number)
{
    g_auto(GStrv) ends = def->range != NULL ? g_strsplit(def->range, "..", 2) : NULL;
    gint64 low = G_MININT64;
    gint64 high = G_MAXINT64;

    if (ends == NULL)
        return TRUE;
    if (*ends[0] != '\0')
        parse_number(def->type, ends[0], &low);
    if (ends[1] != NULL && *ends[1] != '\0')
        parse_number(def->type, ends[1], &high);
    return number >= low && number <= high;
}

static gboolean
take_number(const McpSettingDef *def, McpValue *value, GError **error)
{
    static const char *const hints[] = {
        [MCP_SETTING_INT] = "a whole number",
        [MCP_SETTING_DURATION] = "a time such as 500ms, 20s or 5m",
        [MCP_SETTING_SIZE] = "a size such as 64K or 10M",
    };

    if (!parse_number(def->type, value->text, &value->number)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is not %s", value->text,
                    hints[def->type]);
        return FALSE;
    }
    if (!in_range(def, value->number)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s is out of range %s", value->text,
                    def->range);
        return FALSE;
    }
    return TRUE;
}

static gboolean
take_bool(McpValue *value, GError **error)
{
    static const char *const yes[] = {"true", "yes", "on", "1", NULL};
    static const char *const no[] = {"false", "no", "off", "0", NULL};
    g_autofree char *text = g_ascii_strdown(value->text, -1);

    value->number = g_strv_contains(yes, text);
    if (value->number || g_strv_contains(no, text))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is neither true nor false",
                value->text);
    return FALSE;
}

static gboolean
is_one_of(const char *range, const char *text)
{
    g_auto(GStrv) names = g_strsplit(range, "|", -1);

    return g_strv_contains((const char *const *)names, text);
}

static gboolean
take_enum(const McpSettingDef *def, McpValue *value, GError **error)
{
    value->string = g_strdup(value->text);
    if (is_one_of(def->range, value->text))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is none of %s", value->text,
                def->range);
    return FALSE;
}

static gboolean
take_list(const McpSettingDef *def, McpValue *value, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(value->text, ",", -1);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();

    for (guint i = 0; parts[i] != NULL; i++) {
        g_strstrip(parts[i]);
        if (*parts[i] == '\0')
            continue;
        if (def->range != NULL && !is_one_of(def->range, parts[i])) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is none of %s", parts[i],
                        def->range);
            return FALSE;
        }
        g_strv_builder_add(list, parts[i]);
    }
    value->list = g_strv_builder_end(list);
    return TRUE;
}

static gboolean
is_port(const char *text)
{
    gint64 port = 0;

    return parse_number(MCP_SETTING_INT, text, &port) && port >= 0 && port <= 65535 &&
           g_ascii_isdigit(*text);
}

/* "auto", HOST, HOST:PORT, [V6] or [V6]:PORT, each host a literal; a bare V6 has no port. */
static gboolean
is_address(const char *text)
{
    const char *rest = NULL;
    g_autofree char *host = NULL;

    if (*text == '[') {
        const char *close = strchr(text, ']');

        if (close == NULL)
            return FALSE;
        host = g_strndup(text + 1, (gsize)(close - text - 1));
        rest = close + 1;
    } else if (strchr(text, ':') != NULL && strchr(text, ':') == strrchr(text, ':')) {
        rest = strchr(text, ':');
        host = g_strndup(text, (gsize)(rest - text));
    } else {
        rest = "";
        host = g_strdup(text);
    }
    if (!g_hostname_is_ip_address(host) && strcmp(host, "auto") != 0)
        return FALSE;
    return *rest == '\0' || (*rest == ':' && is_port(rest + 1));
}

static gboolean
take_address(McpValue *value, GError **error)
{
    value->string = g_strdup(value->text);
    if (is_address(value->text))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "\"%s\" is not an address such as 192.0.2.1:5060, [2001:db8::1]:5060 or auto",
                value->text);
    return FALSE;
}

static char *
credential_path(const char *name, GError **error)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

    if (folder == NULL || strchr(name, '/') != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "no credential \"%s\": %s", name,
                    folder == NULL ? "CREDENTIALS_DIRECTORY is not set" : "name has a slash");
        return NULL;
    }
    return g_build_filename(folder, name, NULL);
}

static char *
read_secret(const char *text, const char *folder, GError **error)
{
    g_autofree char *path = NULL;
    char *contents = NULL;

    if (g_str_has_prefix(text, "@env:")) {
        const char *value = g_getenv(text + 5);

        if (value == NULL)
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "variable %s is not set", text + 5);
        return g_strdup(value);
    }
    if (g_str_has_prefix(text, "@file:"))
        path = g_canonicalize_filename(text + 6, folder);
    else if (g_str_has_prefix(text, "@credential:"))
        path = credential_path(text + 12, error);
    else
        return g_strdup(text);
    if (path == NULL || !g_file_get_contents(path, &contents, NULL, error))
        return NULL;
    return g_strchomp(contents);
}

static gboolean
take_secret(McpValue *value, const char *folder, GError **error)
{
    char *bytes = read_secret(value->text, folder, error);

    if (bytes == NULL)
        return FALSE;
    value->secret = g_new(McpSecret, 1);
    value->secret->bytes = bytes;
    value->secret->length = strlen(bytes);
    if (*value->text != '@') {
        explicit_bzero(value->text, strlen(value->text));
        g_free(value->text);
        value->text = g_strdup("");
    }
    return TRUE;
}

static gboolean
take(const McpSettingDef *def, McpValue *value, const char *folder, GError **error)
{
    switch (def->type) {
    case MCP_SETTING_BOOL:
        return take_bool(value, error);
    case MCP_SETTING_INT:
    case MCP_SETTING_DURATION:
    case MCP_SETTING_SIZE:
        return take_number(def, value, error);
    case MCP_SETTING_ENUM:
        return take_enum(def, value, error);
    case MCP_SETTING_PATH:
        value->string = *value->text != '\0' ? g_canonicalize_filename(value->text, folder) : NULL;
        return TRUE;
    case MCP_SETTING_ADDRESS:
        return take_address(value, error);
    case MCP_SETTING_SECRET:
        return take_secret(value, folder, error);
    case MCP_SETTING_LIST:
        return take_list(def, value, error);
    case MCP_SETTING_STRING:
        break;
    }
    value->string = g_strdup(value->text);
    return TRUE;
}

McpValue *
mcp_value_parse(const McpSettingDef *def, const char *text, const char *folder, GError **error)
{
    McpValue *value = g_new0(McpValue, 1);

    g_atomic_ref_count_init(&value->refs);
    value->text = g_strdup(text);
    if (take(def, value, folder, error))
        return value;
    mcp_value_unref(value);
    return NULL;
}

gboolean
mcp_value_check_def(const McpSettingDef *def, GError **error)
{
    McpValue *value;

    if (def->section == NULL || def->summary == NULL || def->since == NULL ||
        (def->type == MCP_SETTING_ENUM && def->range == NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "setting \"%s\" lacks section, range, since or summary", def->key);
        return FALSE;
    }
    if (def->default_value == NULL || def->type == MCP_SETTING_SECRET)
        return TRUE;
    value = mcp_value_parse(def, def->default_value, "/", error);
    if (value == NULL) {
        g_prefix_error(error, "default of setting [%s] %s: ", def->section, def->key);
        return FALSE;
    }
    mcp_value_unref(value);
    return TRUE;
}

const char *
mcp_secret_peek(const McpSecret *secret, gsize *out_length)
{
    if (out_length != NULL)
        *out_length = secret->length;
    return secret->bytes;
}
