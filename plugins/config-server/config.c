/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sections [config-server] and [config-server.certificates "NAME"]: checked, and made into what
 * is asked. Control context.
 */
#include "config.h"

#include <mcp/error.h>
#include <peer_http/peer_http.h>
#include <string.h>

#define SECTION "config-server"
#define FILES "config-server.certificates"
#define FILES_MAX 64

const McpSettingDef mcp_config_server_setting_defs[] = {
    {SECTION, "url", MCP_SETTING_STRING, "http://127.0.0.1:8888", NULL, MCP_SETTING_NONE, "0.1",
     "The server, with its path prefix if it has one."},
    {SECTION, "application", MCP_SETTING_STRING, "mcp", NULL, MCP_SETTING_NONE, "0.1",
     "Application whose settings are asked for."},
    {SECTION, "profile", MCP_SETTING_STRING, "default", NULL, MCP_SETTING_NONE, "0.1",
     "Profile, or several separated by commas."},
    {SECTION, "label", MCP_SETTING_STRING, "", NULL, MCP_SETTING_NONE, "0.1",
     "Label (branch, version); empty: the server's own."},
    {SECTION, "prefix", MCP_SETTING_STRING, "mcp.", NULL, MCP_SETTING_NONE, "0.1",
     "What names of properties begin with that are settings; others are not looked at."},
    {SECTION, "username", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Name for Basic authentication."},
    {SECTION, "password", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Password for Basic authentication."},
    {SECTION, "ca_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "PEM file of the authorities of an https server; unset: those of the system."},
    {SECTION, "certificate_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "PEM file of our certificate for an https server."},
    {SECTION, "key_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "PEM file of the key of our certificate."},
    {SECTION, "interval", MCP_SETTING_DURATION, "60s", "1s..1d", MCP_SETTING_NONE, "0.1",
     "Time between two looks for changes."},
    {SECTION, "timeout", MCP_SETTING_DURATION, "5s", "100ms..1m", MCP_SETTING_NONE, "0.1",
     "Time for the answer to a request."},
    {SECTION, "start_timeout", MCP_SETTING_DURATION, "10s", "100ms..2m", MCP_SETTING_NONE, "0.1",
     "Time that the server has at start until the last good copy counts."},
    {SECTION, "directory", MCP_SETTING_PATH, "/var/lib/mcp/config-server", NULL, MCP_SETTING_NONE,
     "0.1", "Folder of the last good copies."},
    {SECTION, "warn_before", MCP_SETTING_DURATION, "30d", "1h..365d", MCP_SETTING_NONE, "0.1",
     "Time before the end of a certificate from which on it is warned of."},
    {FILES " *", "path", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_REQUIRED, "0.1",
     "File on the server with the certificates, PEM or DER."},
    {NULL},
};

static void
file_free(gpointer data)
{
    McpConfigServerFile *file = data;

    g_free(file->name);
    g_free(file->path);
    g_free(file);
}

void
mcp_config_server_config_free(McpConfigServerConfig *config)
{
    if (config->authorization != NULL)
        explicit_bzero(config->authorization, strlen(config->authorization));
    g_free(config->authorization);
    g_free(config->url);
    g_free(config->application);
    g_free(config->path);
    g_free(config->prefix);
    g_free(config->ca_file);
    g_free(config->certificate_file);
    g_free(config->key_file);
    g_free(config->directory);
    g_free(config->copy_id);
    g_ptr_array_unref(config->files);
    g_free(config);
}

static gboolean G_GNUC_PRINTF(4, 5)
    refuse(McpSettings *settings, const char *key, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: [" SECTION "] %s: %s",
                mcp_settings_get_origin(settings, SECTION, NULL, key), key, text);
    return FALSE;
}

static char *
get(McpSettings *settings, const char *key)
{
    return g_strdup(mcp_settings_get_string(settings, SECTION, NULL, key));
}

static const char *
peek(McpSettings *settings, const char *key)
{
    const char *text = mcp_settings_get_string(settings, SECTION, NULL, key);

    return text != NULL ? text : "";
}

/* A part of a path: "/" would be a new one, and is "(_)" in labels. */
static char *
escape(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);
    g_autofree char *joined = g_strjoinv("(_)", parts);

    return g_uri_escape_string(joined, ",()", FALSE);
}

static gboolean
read_basic(McpConfigServerConfig *config, McpSettings *settings, GError **error)
{
    const char *name = mcp_settings_get_string(settings, SECTION, NULL, "username");
    const McpSecret *password = mcp_settings_get_secret(settings, SECTION, NULL, "password");
    g_autofree char *pair = NULL;
    g_autofree char *encoded = NULL;

    if (name == NULL && password == NULL)
        return TRUE;
    if (name == NULL || password == NULL)
        return refuse(settings, name != NULL ? "username" : "password", error,
                      "username and password are wanted together");
    /* RFC 7617 §2: the name ends at the first colon. */
    if (strchr(name, ':') != NULL)
        return refuse(settings, "username", error, "has a colon");
    pair = g_strconcat(name, ":", mcp_secret_peek(password, NULL), NULL);
    encoded = g_base64_encode((const guchar *)pair, strlen(pair));
    config->authorization = g_strconcat("Basic ", encoded, NULL);
    explicit_bzero(pair, strlen(pair));
    explicit_bzero(encoded, strlen(encoded));
    return TRUE;
}

static gboolean
is_name(const char *text)
{
    gsize length = strlen(text);

    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && strchr("-_", text[i]) == NULL)
            return FALSE;
    }
    return length > 0 && length <= 64;
}

/* Whether each part of a path can be asked for: none is empty or leads upwards. */
static gboolean
is_path(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);

    for (guint i = 0; parts[i] != NULL; i++) {
        if (*parts[i] == '\0' || strcmp(parts[i], ".") == 0 || strcmp(parts[i], "..") == 0)
            return FALSE;
    }
    return parts[0] != NULL;
}

static gboolean
read_file(McpConfigServerConfig *config, McpSettings *settings, const char *name, const char *base,
          gboolean label, GError **error)
{
    const char *path = mcp_settings_get_string(settings, FILES, name, "path");
    McpConfigServerFile *file = NULL;
    g_autofree char *escaped = NULL;

    if (path == NULL || !is_name(name) || !is_path(path)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "[" FILES " \"%s\"] path: the name has letters, digits, - and _, the path "
                    "parts separated by /",
                    name);
        return FALSE;
    }
    escaped = g_uri_escape_string(path, "/", FALSE);
    file = g_new0(McpConfigServerFile, 1);
    file->name = g_strdup(name);
    file->path = g_strconcat(base, "/", escaped, label ? "" : "?useDefaultLabel", NULL);
    g_ptr_array_add(config->files, file);
    return TRUE;
}

static gboolean
read_paths(McpConfigServerConfig *config, McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, FILES);
    g_autofree char *application = escape(peek(settings, "application"));
    g_autofree char *profile = escape(peek(settings, "profile"));
    g_autofree char *label = escape(peek(settings, "label"));
    gboolean labelled = *label != '\0';

    config->path = g_strconcat("/", application, "/", profile, labelled ? "/" : "", label, NULL);
    if (g_strv_length((char **)names) > FILES_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "more than %d [" FILES "] sections",
                    FILES_MAX);
        return FALSE;
    }
    for (; *names != NULL; names++) {
        if (!read_file(config, settings, *names, config->path, labelled, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check(McpConfigServerConfig *config, McpSettings *settings, GError **error)
{
    g_autoptr(GError) why = NULL;
    gboolean files =
        config->ca_file != NULL || config->certificate_file != NULL || config->key_file != NULL;

    if (config->url == NULL || !mcp_peer_http_check_url(config->url, &why))
        return refuse(settings, "url", error, "\"%s\" %s", config->url != NULL ? config->url : "",
                      why != NULL ? why->message : "is not set");
    if (*peek(settings, "application") == '\0' || *peek(settings, "profile") == '\0')
        return refuse(settings, "application", error, "application and profile are wanted");
    if (files && !g_str_has_prefix(config->url, "https:"))
        return refuse(settings, "url", error, "ca_file, certificate_file and key_file need https");
    if ((config->certificate_file == NULL) != (config->key_file == NULL))
        return refuse(settings, "certificate_file", error,
                      "certificate_file and key_file are wanted together");
    return TRUE;
}

McpConfigServerConfig *
mcp_config_server_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpConfigServerConfig) config = g_new0(McpConfigServerConfig, 1);
    g_autofree char *asked = NULL;

    config->files = g_ptr_array_new_with_free_func(file_free);
    config->url = get(settings, "url");
    config->application = get(settings, "application");
    config->prefix = g_strdup(peek(settings, "prefix"));
    config->ca_file = get(settings, "ca_file");
    config->certificate_file = get(settings, "certificate_file");
    config->key_file = get(settings, "key_file");
    config->directory = get(settings, "directory");
    config->interval = mcp_settings_get_int(settings, SECTION, NULL, "interval");
    config->timeout = mcp_settings_get_int(settings, SECTION, NULL, "timeout");
    config->start_timeout = mcp_settings_get_int(settings, SECTION, NULL, "start_timeout");
    config->warn_before = mcp_settings_get_int(settings, SECTION, NULL, "warn_before");
    if (!check(config, settings, error) || !read_basic(config, settings, error) ||
        !read_paths(config, settings, error))
        return NULL;
    asked = g_strconcat(config->url, "\n", config->path, NULL);
    config->copy_id = g_compute_checksum_for_string(G_CHECKSUM_SHA256, asked, -1);
    config->copy_id[16] = '\0';
    return g_steal_pointer(&config);
}
