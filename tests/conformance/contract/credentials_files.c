/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's store, as a provider of the credentials suite: openssl makes each new state. */
#include "contract.h"
#include "credential_file.h"
#include "credential_store.h"
#include "credentials_suite.h"
#include "settings/settings.h"

#include <glib/gstdio.h>
#include <mcp/log.h>

static char *folder;
static McpClock *store_clock;
static McpPool *pool;
static McpSettings *settings;

static void
make_files(void)
{
    const char *argv[] = {
        "openssl", "req",   "-x509", "-newkey", "ec",   "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-subj", "/CN=x", "-days",   "3650", "-keyout",  "key.pem",
        "-out",    "x.pem", NULL};
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_spawn_sync(folder, (char **)(gpointer)argv, NULL,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status,
                 &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
}

static void
change(McpCredentials *credentials)
{
    make_files();
    mcp_credential_store_apply(MCP_CREDENTIAL_STORE(credentials), settings);
}

static McpCredentials *
open_store(void)
{
    McpSchema *schema = mcp_schema_new();
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *file = NULL;
    McpSettingsSource source = {0};
    McpCredentialStore *store = NULL;

    mcp_log_set_level(MCP_LOG_ERROR);
    folder = g_dir_make_tmp("mcp-credentials-XXXXXX", NULL);
    file = g_build_filename(folder, "mcp.conf", NULL);
    source.file = file;
    g_assert_true(g_file_set_contents(
        file, "[credentials \"x\"]\ncertificate_file = x.pem\nkey_file = key.pem\n", -1, NULL));
    mcp_schema_add(schema, mcp_credential_setting_defs, NULL);
    settings = mcp_settings_load(schema, &source, errors);
    mcp_schema_unref(schema);
    g_assert_nonnull(settings);
    store_clock = mcp_clock_new();
    pool = mcp_pool_new("disk", 1, 10);
    store = mcp_credential_store_new(store_clock, pool, NULL, NULL);
    change(MCP_CREDENTIALS(store));
    return MCP_CREDENTIALS(store);
}

static void
close_store(McpCredentials *credentials)
{
    static const char *const names[] = {"x.pem", "key.pem", "mcp.conf"};

    mcp_credential_store_close(MCP_CREDENTIAL_STORE(credentials));
    g_assert_finalize_object(credentials);
    g_object_unref(pool);
    g_object_unref(store_clock);
    mcp_settings_unref(settings);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

const CredentialsProvider credentials_provider = {
    .name = "files", .open = open_store, .change = change, .close = close_store};
