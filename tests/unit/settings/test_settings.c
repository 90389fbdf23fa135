/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of settings: reading, faults, environment, secrets, drop-ins, reload, dump. */
#include "settings/settings.h"

#include <glib/gstdio.h>
#include <string.h>

static const McpSettingDef table[] = {
    {"core", "size", MCP_SETTING_SIZE, "64K", "1K..1G", MCP_SETTING_RELOADABLE, "0.1", "A size."},
    {"core", "wait", MCP_SETTING_DURATION, "5s", "1ms..1h", MCP_SETTING_NONE, "0.1", "A time."},
    {"core", "on", MCP_SETTING_BOOL, "no", NULL, MCP_SETTING_RELOADABLE, "0.1", "A switch."},
    {"core", "mode", MCP_SETTING_ENUM, "fast", "fast|slow", MCP_SETTING_RELOADABLE, "0.1",
     "A choice."},
    {"core", "names", MCP_SETTING_LIST, "a", NULL, MCP_SETTING_RELOADABLE, "0.1", "Some names."},
    {"core", "file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1", "A file."},
    {"core", "token", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1", "A secret."},
    {"sip.port *", "address", MCP_SETTING_ADDRESS, NULL, NULL, MCP_SETTING_REQUIRED, "0.1",
     "Where to listen."},
    {"sip.port *", "certificate-file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "A file."},
    {NULL},
};

typedef struct {
    char *folder;
    char *file;
    char *drop_ins;
    McpSchema *schema;
    GPtrArray *errors;
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
    f->folder = g_dir_make_tmp("mcp-settings-XXXXXX", NULL);
    f->file = g_build_filename(f->folder, "a.conf", NULL);
    f->drop_ins = g_build_filename(f->folder, "conf.d", NULL);
    g_mkdir(f->drop_ins, 0700);
    f->schema = mcp_schema_new();
    g_assert_true(mcp_schema_add(f->schema, table, NULL));
    f->errors = g_ptr_array_new_with_free_func(g_free);
}

/* Thousands are written: nothing waits for the disk. */
static void
write_file(const char *path, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
    g_assert_no_error(error);
}

static void
drop(Fixture *f, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(f->drop_ins, name, NULL);

    write_file(path, text);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    g_autoptr(GDir) dir = g_dir_open(f->drop_ins, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(f->drop_ins, name, NULL);

        g_unlink(path);
    }
    g_rmdir(f->drop_ins);
    g_unlink(f->file);
    g_rmdir(f->folder);
    g_free(f->folder);
    g_free(f->file);
    g_free(f->drop_ins);
    mcp_schema_unref(f->schema);
    g_ptr_array_unref(f->errors);
}

static McpSettings *
load(Fixture *f, const char *text, const char *const *environment)
{
    McpSettingsSource source = {f->file, f->drop_ins, environment};

    write_file(f->file, text);
    return mcp_settings_load(f->schema, &source, f->errors);
}

static void
assert_error(Fixture *f, const char *needle)
{
    for (guint i = 0; i < f->errors->len; i++) {
        if (strstr(g_ptr_array_index(f->errors, i), needle) != NULL)
            return;
    }
    g_error("no fault says \"%s\"", needle);
}

static void
test_values(Fixture *f, gconstpointer data)
{
    g_autoptr(McpSettings) s = load(f,
                                    "# comment\n[core]\nsize = 2M\nwait=250ms\non = yes\n"
                                    "mode = slow\nnames = b, c ,, d\nfile = x/y\n"
                                    "[sip.port \"main\"]\naddress = [::1]:5060\n",
                                    NULL);

    g_assert_nonnull(s);
    g_assert_cmpint(mcp_settings_get_int(s, "core", NULL, "size"), ==, 2 << 20);
    g_assert_cmpint(mcp_settings_get_int(s, "core", NULL, "wait"), ==, 250000);
    g_assert_true(mcp_settings_get_bool(s, "core", NULL, "on"));
    g_assert_cmpstr(mcp_settings_get_string(s, "core", NULL, "mode"), ==, "slow");
    g_assert_cmpstr(mcp_settings_get_list(s, "core", NULL, "names")[2], ==, "d");
    g_assert_true(g_str_has_prefix(mcp_settings_get_string(s, "core", NULL, "file"), f->folder));
    g_assert_cmpstr(mcp_settings_get_instances(s, "sip.port")[0], ==, "main");
    g_assert_true(g_str_has_suffix(mcp_settings_get_origin(s, "core", NULL, "size"), "a.conf:3"));
    g_assert_cmpstr(mcp_settings_get_origin(s, "core", NULL, "token"), ==, "default");
}

static void
test_all_faults_at_once(Fixture *f, gconstpointer data)
{
    g_autoptr(McpSettings) s = load(f,
                                    "size = 1\n[core]\n size = 2T\nwait = 0s\nmode = medium\n"
                                    "naems = x\non = maybe\non = yes\n[cor]\nx = 1\n[sip.port]\n"
                                    "[sip.port \"a\"]\naddress = host:1\n[sip.port \"b\"]\n[\n",
                                    NULL);

    g_assert_null(s);
    assert_error(f, "a.conf:1:1: key \"size\" stands before the first section");
    assert_error(f, "a.conf:3:2: size: \"2T\" is not a size");
    assert_error(f, "a.conf:4:1: wait: 0s is out of range 1ms..1h");
    assert_error(f, "a.conf:5:1: mode: \"medium\" is none of fast|slow");
    assert_error(f, "unknown key \"naems\" in [core]; did you mean \"names\"?");
    assert_error(f, "a.conf:8:1: key \"on\" stands already in line 7");
    assert_error(f, "unknown section [cor]; did you mean [core]?");
    assert_error(f, "section [sip.port] needs a name");
    assert_error(f, "\"host:1\" is not an address");
    assert_error(f, "[sip.port \"b\"]: key \"address\" is required");
    assert_error(f, "a.conf:15:1: section heading");
    g_assert_cmpuint(f->errors->len, >=, 11);
}

static void
test_drop_ins_and_lists(Fixture *f, gconstpointer data)
{
    g_autoptr(McpSettings) s = NULL;

    drop(f, "20.conf", "[core]\nnames += z\nmode = fast\n");
    drop(f, "10.conf", "[core]\nnames += y\n");
    drop(f, "30.off", "[core]\nbroken\n");
    s = load(f, "[core]\nnames = x\nmode = slow\n", NULL);
    g_assert_nonnull(s);
    g_assert_cmpstr(mcp_settings_get_list(s, "core", NULL, "names")[0], ==, "x");
    g_assert_cmpstr(mcp_settings_get_list(s, "core", NULL, "names")[1], ==, "y");
    g_assert_cmpstr(mcp_settings_get_list(s, "core", NULL, "names")[2], ==, "z");
    g_assert_cmpstr(mcp_settings_get_string(s, "core", NULL, "mode"), ==, "fast");
}

static void
test_environment(Fixture *f, gconstpointer data)
{
    const char *const good[] = {"MCP__CORE__MODE=slow", "MCP__SIP_PORT__MAIN__ADDRESS=10.0.0.1:7",
                                "MCP__SIP_PORT__NEW__ADDRESS=auto", "OTHER=1", NULL};
    const char *const bad[] = {"MCP__CORE__MOOD=slow", NULL};
    g_autoptr(McpSettings) s = load(f, "[sip.port \"Main\"]\naddress = auto\n", good);
    g_autoptr(McpSettings) refused = NULL;

    g_assert_nonnull(s);
    g_assert_cmpstr(mcp_settings_get_string(s, "core", NULL, "mode"), ==, "slow");
    g_assert_cmpstr(mcp_settings_get_string(s, "sip.port", "Main", "address"), ==, "10.0.0.1:7");
    g_assert_cmpstr(mcp_settings_get_origin(s, "core", NULL, "mode"), ==, "environment");
    g_assert_cmpstr(mcp_settings_get_instances(s, "sip.port")[1], ==, "new");
    refused = load(f, "", bad);
    g_assert_null(refused);
    assert_error(f, "MCP__CORE__MOOD fits no setting");
}

static void
test_secrets(Fixture *f, gconstpointer data)
{
    g_autofree char *path = g_build_filename(f->folder, "secret", NULL);
    g_autoptr(McpSettings) inline_secret = load(f, "[core]\ntoken = canary\n", NULL);
    g_autofree char *dump = mcp_settings_dump(inline_secret);
    g_autoptr(McpSettings) from_file = NULL;
    g_autoptr(McpSettings) missing = NULL;

    g_assert_null(strstr(dump, "canary"));
    g_assert_nonnull(strstr(dump, "token = ***"));
    write_file(path, "hush\n");
    from_file = load(f, "[core]\ntoken = @file:secret\n", NULL);
    g_assert_cmpstr(
        mcp_secret_peek(mcp_settings_get_secret(from_file, "core", NULL, "token"), NULL), ==,
        "hush");
    missing = load(f, "[core]\ntoken = @file:absent\n", NULL);
    g_assert_null(missing);
    g_unlink(path);
}

static void
test_carry_over(Fixture *f, gconstpointer data)
{
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(McpSettings) present = load(f, "[core]\nwait = 1s\nmode = fast\n", NULL);
    g_autoptr(McpSettings) read = load(f, "[core]\nwait = 2s\nmode = slow\n", NULL);
    g_autoptr(McpSettings) next = mcp_settings_carry_over(present, read, notes);

    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_nonnull(strstr(g_ptr_array_index(notes, 0), "[core] wait"));
    g_assert_cmpint(mcp_settings_get_int(next, "core", NULL, "wait"), ==, G_USEC_PER_SEC);
    g_assert_cmpstr(mcp_settings_get_string(next, "core", NULL, "mode"), ==, "slow");
}

static void
test_reference(Fixture *f, gconstpointer data)
{
    g_autofree char *text = mcp_schema_write_reference(f->schema);

    g_assert_nonnull(strstr(text, "## [sip.port \"NAME\"]"));
    g_assert_nonnull(strstr(text, "| `size` | size 1K..1G | `64K` |"));
}

/* Whatever bytes a file has, the answer is settings or faults. */
static void
test_hostile_files(Fixture *f, gconstpointer data)
{
    static const char alphabet[] = "[]\"=+\n\n #;abc.core sip.port names \xff\x01";
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (guint round = 0; round < 2000; round++) {
        char text[160];
        guint length = (guint)g_rand_int_range(rand, 0, sizeof text - 1);
        g_autoptr(McpSettings) s = NULL;

        for (guint i = 0; i < length; i++)
            text[i] = alphabet[g_rand_int_range(rand, 0, sizeof alphabet - 1)];
        text[length] = '\0';
        g_ptr_array_set_size(f->errors, 0);
        s = load(f, text, NULL);
        g_assert_true((s != NULL) == (f->errors->len == 0));
    }
}

#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/settings/values", test_values);
    ADD("/settings/all-faults-at-once", test_all_faults_at_once);
    ADD("/settings/drop-ins-and-lists", test_drop_ins_and_lists);
    ADD("/settings/environment", test_environment);
    ADD("/settings/secrets", test_secrets);
    ADD("/settings/carry-over", test_carry_over);
    ADD("/settings/reference", test_reference);
    ADD("/settings/hostile-files", test_hostile_files);
    return g_test_run();
}
