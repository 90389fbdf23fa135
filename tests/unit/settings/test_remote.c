/* SPDX-License-Identifier: Apache-2.0 */
/* Settings from elsewhere: their names, their place below files and environment, their origins. */
#include "settings/settings.h"

#include <glib/gstdio.h>
#include <string.h>

static const McpSettingDef table[] = {
    {"core", "size", MCP_SETTING_SIZE, "64K", "1K..1G", MCP_SETTING_RELOADABLE, "0.1", "A size."},
    {"core", "names", MCP_SETTING_LIST, "a", NULL, MCP_SETTING_RELOADABLE, "0.1", "Some names."},
    {"core", "plugins", MCP_SETTING_LIST, "a", NULL, MCP_SETTING_NONE, "0.1", "Plugins."},
    {"core", "token", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1", "A secret."},
    {"sip", "identity", MCP_SETTING_STRING, "x", NULL, MCP_SETTING_RELOADABLE, "0.1", "A name."},
    {"sip.peer *", "addresses", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1", "A."},
    {"sip.peer *", "port", MCP_SETTING_INT, "5060", "1..65535", MCP_SETTING_RELOADABLE, "0.1",
     "A port."},
    {NULL},
};

typedef struct {
    McpSchema *schema;
    GPtrArray *values;
    GPtrArray *errors;
    McpSettings *settings;
    char *file;
    const char *environ[3];
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
    int fd = g_file_open_tmp("mcp-remote-XXXXXX", &f->file, NULL);

    g_close(fd, NULL);
    f->schema = mcp_schema_new();
    g_assert_true(mcp_schema_add(f->schema, table, NULL));
    f->values = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_config_value_free);
    f->errors = g_ptr_array_new_with_free_func(g_free);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    g_clear_pointer(&f->settings, mcp_settings_unref);
    g_ptr_array_unref(f->values);
    g_ptr_array_unref(f->errors);
    mcp_schema_unref(f->schema);
    g_unlink(f->file);
    g_free(f->file);
}

static void
add(Fixture *f, const char *name, const char *text)
{
    g_ptr_array_add(f->values, mcp_config_value_new(name, text, "config server mcp (vault)"));
}

static void
load(Fixture *f, const char *text)
{
    McpSettingsSource source = {.remote = f->values, .file = f->file, .environ = f->environ};

    g_assert_true(g_file_set_contents(f->file, text, -1, NULL));
    f->settings = mcp_settings_load(f->schema, &source, f->errors);
}

static const char *
origin(Fixture *f, const char *section, const char *instance, const char *key)
{
    return mcp_settings_get_origin(f->settings, section, instance, key);
}

static void
test_precedence(Fixture *f, gconstpointer data)
{
    add(f, "core.size", "1M");
    add(f, "core.names", "b, c");
    add(f, "sip.identity", "from-server");
    f->environ[0] = "MCP__SIP__IDENTITY=from-environment";
    load(f, "[core]\nsize = 2M\nnames += d\n");
    g_assert_nonnull(f->settings);
    g_assert_cmpint(mcp_settings_get_int(f->settings, "core", NULL, "size"), ==, 2 * 1024 * 1024);
    g_assert_cmpstr(mcp_settings_get_list(f->settings, "core", NULL, "names")[2], ==, "d");
    g_assert_cmpstr(mcp_settings_get_list(f->settings, "core", NULL, "names")[0], ==, "b");
    g_assert_cmpstr(mcp_settings_get_string(f->settings, "sip", NULL, "identity"), ==,
                    "from-environment");
    g_assert_cmpstr(origin(f, "sip", NULL, "identity"), ==, "environment");
}

static void
test_names(Fixture *f, gconstpointer data)
{
    g_autofree char *dump = NULL;

    add(f, "core.names[0]", "b");
    add(f, "core.names[1]", "c");
    add(f, "sip.peer.sbc.port", "5062");
    add(f, "sip.peer[a.example].port", "5063");
    add(f, "sip.peer.b.example.addresses[0]", "192.0.2.1");
    add(f, "core.token", "hush");
    load(f, "[sip.peer \"sbc\"]\naddresses = 192.0.2.2\n");
    g_assert_nonnull(f->settings);
    g_assert_cmpstr(mcp_settings_get_list(f->settings, "core", NULL, "names")[1], ==, "c");
    g_assert_cmpint(mcp_settings_get_int(f->settings, "sip.peer", "sbc", "port"), ==, 5062);
    g_assert_cmpint(mcp_settings_get_int(f->settings, "sip.peer", "a.example", "port"), ==, 5063);
    g_assert_cmpint(mcp_settings_get_int(f->settings, "sip.peer", "b.example", "port"), ==, 5060);
    g_assert_cmpstr(mcp_settings_get_list(f->settings, "sip.peer", "b.example", "addresses")[0], ==,
                    "192.0.2.1");
    g_assert_cmpstr(origin(f, "sip.peer", "sbc", "port"), ==, "config server mcp (vault)");
    dump = mcp_settings_dump(f->settings);
    g_assert_nonnull(strstr(dump, "# config server mcp (vault)\nport = 5062\n"));
    g_assert_nonnull(strstr(dump, "token = ***"));
    g_assert_null(strstr(dump, "hush"));
}

typedef struct {
    const char *name;
    const char *text;
    const char *fault;
} Bad;

static void
test_faults(Fixture *f, gconstpointer data)
{
    static const Bad rows[] = {
        {"core.sise", "1M", "unknown setting core.sise"},
        {"size", "1M", "unknown setting size"},
        {"", "1M", "unknown setting "},
        {".", "1M", "unknown setting ."},
        {"core.", "1M", "unknown setting core."},
        {"core.sub.size", "1M", "unknown setting core.sub.size"},
        {"sip.peer.port", "1", "unknown setting sip.peer.port"},
        {"sip.peer[].port", "1", "unknown setting sip.peer[].port"},
        {"sip.peer[a.port", "1", "unknown setting sip.peer[a.port"},
        {"sip.peer", "1", "unknown setting sip.peer"},
        {"[0]", "1", "unknown setting [0]"},
        {"core.size", "many", "size: \"many\" is not a size such as 64K or 10M"},
        {"core.plugins", "b", "core.plugins can only be set on the host itself"},
        {"core.plugins[0]", "b", "core.plugins[0] can only be set on the host itself"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *wanted = g_strdup_printf("config server mcp (vault): %s", rows[i].fault);

        g_ptr_array_set_size(f->values, 0);
        g_ptr_array_set_size(f->errors, 0);
        g_clear_pointer(&f->settings, mcp_settings_unref);
        add(f, rows[i].name, rows[i].text);
        load(f, "");
        g_assert_null(f->settings);
        g_assert_cmpuint(f->errors->len, ==, 1);
        g_assert_cmpstr(g_ptr_array_index(f->errors, 0), ==, wanted);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/settings/remote/precedence", Fixture, NULL, set_up, test_precedence, tear_down);
    g_test_add("/settings/remote/names", Fixture, NULL, set_up, test_names, tear_down);
    g_test_add("/settings/remote/faults", Fixture, NULL, set_up, test_faults, tear_down);
    return g_test_run();
}
