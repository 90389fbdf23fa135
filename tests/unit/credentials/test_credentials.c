/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of credentials from files: what is taken, what is refused and why, changes and who is told
 * of them, expiry. The certificates are made by openssl; the clock is a virtual one, in 2030.
 */
#include "credential_file.h"
#include "credential_store.h"

#include "plugin/metrics.h"
#include "settings/settings.h"

#include <glib/gstdio.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define YEAR_2030 ((gint64)1893456000)
#define DAY ((gint64)86400)

static char *folder;

static char *
path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* Runs a command line in the folder. */
static void
run(const char *format, ...)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *line = NULL;
    g_auto(GStrv) argv = NULL;
    g_autofree char *output = NULL;
    int status = 0;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    g_assert_true(g_shell_parse_argv(line, NULL, &argv, &error));
    g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                 NULL, &output, &status, &error);
    g_assert_no_error(error);
    if (status != 0)
        g_test_message("%s", output);
    g_assert_cmpint(status, ==, 0);
}

/* A certificate of its own authority: NAME.pem and NAME.key, valid until @days after 2030 began. */
static void
make_leaf(const char *name, gint days)
{
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%s "
        "-addext subjectAltName=DNS:%s.example,DNS:*.Sub.example -days %d -keyout %s.key "
        "-out %s.pem",
        name, name, (int)((YEAR_2030 - now) / DAY) + 1 + days, name, name);
}

static void
copy(const char *from, const char *to)
{
    g_autofree char *source = path_of(from);
    g_autofree char *target = path_of(to);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(source, &text, NULL, NULL));
    g_assert_true(g_file_set_contents(target, text, -1, NULL));
}

static void
install(const char *name)
{
    g_autofree char *certificate = g_strconcat(name, ".pem", NULL);
    g_autofree char *key = g_strconcat(name, ".key", NULL);

    copy(key, "now.key");
    copy(certificate, "now.pem");
}

static McpSettings *
settings_from(const char *text)
{
    McpSchema *schema = mcp_schema_new();
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *file = path_of("mcp.conf");
    McpSettingsSource source = {.file = file};
    McpSettings *settings = NULL;

    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    g_assert_true(mcp_schema_add(schema, mcp_credential_setting_defs, NULL));
    settings = mcp_settings_load(schema, &source, errors);
    mcp_schema_unref(schema);
    g_assert_nonnull(settings);
    return settings;
}

static McpSettings *
settings_for_now(void)
{
    return settings_from("[credentials \"x\"]\ncertificate_file = now.pem\nkey_file = now.key\n");
}

/* Expects the set of @lines to be refused with @part, which names the key of the fault. */
static void
check_refused(const char *lines, const char *part)
{
    g_autofree char *text = g_strconcat("[credentials \"x\"]\n", lines, NULL);
    g_autoptr(McpSettings) settings = settings_from(text);
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_credential_file_load(settings, "x", YEAR_2030, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, part));
    g_assert_true(lines[0] == '\0' || strstr(error->message, "mcp.conf:") != NULL);
}

static void
test_taken(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[credentials \"x\"]\ncertificate_file = good.pem\nkey_file = good.key\n"
                      "ca_file = other.pem\n"
                      "[credentials \"locked\"]\ncertificate_file = good.pem\n"
                      "key_file = locked.key\nkey_password = open sesame\n"
                      "[credentials \"anchors\"]\nca_file = good.pem\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(McpCredentialSet) set = mcp_credential_file_load(settings, "x", YEAR_2030, &error);
    g_autoptr(McpCredentialSet) locked =
        mcp_credential_file_load(settings, "locked", YEAR_2030, NULL);
    g_autoptr(McpCredentialSet) anchors =
        mcp_credential_file_load(settings, "anchors", YEAR_2030, NULL);

    g_assert_no_error(error);
    g_assert_cmpstr(mcp_credential_set_get_name(set), ==, "x");
    g_assert_true(g_str_has_prefix(mcp_credential_set_peek_key(set, NULL), "-----BEGIN PRIVATE"));
    g_assert_cmpstr(mcp_credential_set_get_server_names(set)[0], ==, "good.example");
    g_assert_cmpstr(mcp_credential_set_get_server_names(set)[1], ==, "*.sub.example");
    g_assert_nonnull(mcp_credential_set_get_authorities(set));
    g_assert_null(mcp_credential_set_get_revocations(set));
    g_assert_cmpint(mcp_credential_set_get_expiry(set), >, YEAR_2030 + 99 * DAY);
    g_assert_cmpint(mcp_credential_set_get_expiry(set), <, YEAR_2030 + 102 * DAY);
    g_assert_cmpuint(strlen(mcp_credential_set_get_serial(set)), >=, 16);
    /* The same key, without its password. */
    g_assert_cmpstr(mcp_credential_set_peek_key(locked, NULL), ==,
                    mcp_credential_set_peek_key(set, NULL));
    g_assert_null(mcp_credential_set_get_certificates(anchors));
    g_assert_cmpint(mcp_credential_set_get_expiry(anchors), ==, 0);
}

static void
test_refused(void)
{
    check_refused("", "certificate_file: neither a certificate nor a ca_file");
    check_refused("certificate_file = good.pem\n", "key_file: certificate_file and key_file");
    check_refused("certificate_file = none.pem\nkey_file = good.key\n", "No such file");
    check_refused("certificate_file = good.key\nkey_file = good.key\n", "no certificate in the");
    check_refused("certificate_file = broken.pem\nkey_file = good.key\n", "broken certificate");
    check_refused("certificate_file = good.pem\nkey_file = other.key\n", "not that of the");
    check_refused("certificate_file = good.pem\nkey_file = good.pem\n", "no key, or not with");
    check_refused("certificate_file = good.pem\nkey_file = locked.key\n", "no key, or not with");
    check_refused("certificate_file = good.pem\nkey_file = locked.key\nkey_password = no\n",
                  "no key, or not with");
    check_refused("certificate_file = pair.pem\nkey_file = good.key\n",
                  "certificate 2 of the file is not the issuer");
    check_refused("certificate_file = weak.pem\nkey_file = weak.key\n", "ee key too small");
    check_refused("ca_file = good.key\n", "ca_file: no certificates");
    check_refused("ca_file = broken.pem\n", "ca_file: no certificates, or a broken one");
    check_refused("ca_file = good.pem\ncrl_file = good.pem\n", "crl_file: ");
}

static void
test_not_yet(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[credentials \"x\"]\ncertificate_file = good.pem\nkey_file = good.key\n");
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_credential_file_load(settings, "x", 1000000000, &error));
    g_assert_nonnull(strstr(error->message, "not valid yet"));
}

typedef struct {
    McpClock *clock;
    McpPool *pool;
    McpMetrics *metrics;
    McpEvents *events;
    guint subscription;
    McpCredentialStore *store;
    GString *told;   /* serials, in order */
    GString *alerts; /* their subjects and texts, in order */
    guint destroyed;
} Fixture;

static void
on_alert(McpEvent *event, guint dropped, gpointer user_data)
{
    Fixture *f = user_data;

    g_assert_cmpstr(mcp_event_get_what(event), ==, "certificate-expiring");
    g_string_append_printf(f->alerts, "%s %.8s ", mcp_event_get_string(event, "subject"),
                           mcp_event_get_string(event, "text"));
}

static void
set_up(Fixture *f, gconstpointer data)
{
    g_autoptr(McpSettings) settings = NULL;

    install("good");
    settings = settings_for_now();
    f->clock = mcp_clock_new_virtual();
    f->pool = mcp_pool_new("disk", 1, 10);
    f->metrics = mcp_metrics_new(mcp_credential_metric_defs);
    f->events = g_object_new(MCP_TYPE_EVENTS, NULL);
    f->alerts = g_string_new(NULL);
    f->subscription = mcp_events_subscribe(f->events, 1u << MCP_EVENT_ALERT, 100, on_alert, f);
    f->store = mcp_credential_store_new(f->clock, f->pool, f->metrics, f->events);
    f->told = g_string_new(NULL);
    mcp_credential_store_apply(f->store, settings);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    mcp_credential_store_close(f->store);
    g_object_unref(f->pool);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_object_unref(f->store);
    g_object_unref(f->clock);
    mcp_metrics_free(f->metrics);
    mcp_events_unsubscribe(f->events, f->subscription);
    g_object_unref(f->events);
    g_string_free(f->alerts, TRUE);
    g_string_free(f->told, TRUE);
}

static char *
serial_in_force(Fixture *f)
{
    g_autoptr(McpCredentialSet) set = mcp_credentials_get(MCP_CREDENTIALS(f->store), "x", NULL);

    return g_strdup(mcp_credential_set_get_serial(set));
}

static void
on_change(McpCredentialSet *set, gpointer user_data)
{
    Fixture *f = user_data;

    g_string_append_printf(f->told, "%s ", mcp_credential_set_get_serial(set));
}

static void
on_destroy(gpointer user_data)
{
    ((Fixture *)user_data)->destroyed++;
}

/* Lets the store look at the files, and what follows from it happen. */
static void
look(Fixture *f)
{
    gint64 changes = mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_CHANGES, 0) +
                     mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_CHANGES, 1);
    gint64 end = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;

    while (mcp_clock_next(f->clock) < 0)
        g_main_context_iteration(NULL, FALSE);
    mcp_clock_advance(f->clock, 10 * G_USEC_PER_SEC);
    while (mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_CHANGES, 0) +
                   mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_CHANGES, 1) ==
               changes &&
           g_get_monotonic_time() < end)
        g_main_context_iteration(NULL, FALSE);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void
test_changed(Fixture *f, gconstpointer data)
{
    McpCredentials *credentials = MCP_CREDENTIALS(f->store);
    guint first = mcp_credentials_watch(credentials, "x", NULL, on_change, f, on_destroy);
    guint other = mcp_credentials_watch(credentials, "y", NULL, on_change, f, on_destroy);
    g_autofree char *before = serial_in_force(f);
    g_autofree char *after = NULL;
    g_autofree char *wanted = NULL;

    install("other");
    look(f);
    after = serial_in_force(f);
    g_assert_cmpstr(before, !=, after);
    wanted = g_strconcat(after, " ", NULL);
    g_assert_cmpstr(f->told->str, ==, wanted);
    mcp_credentials_unwatch(credentials, first);
    install("good");
    look(f);
    g_assert_cmpstr(f->told->str, ==, wanted);
    g_assert_cmpuint(f->destroyed, ==, 1);
    mcp_credentials_unwatch(credentials, other);
    g_assert_cmpint(mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_CHANGES, 0), ==, 2);
}

/* A watch that is ended while news of a change are under way hears nothing. */
static void
test_unwatched_under_way(Fixture *f, gconstpointer data)
{
    McpCredentials *credentials = MCP_CREDENTIALS(f->store);
    guint id = mcp_credentials_watch(credentials, "x", NULL, on_change, f, on_destroy);
    g_autoptr(McpSettings) settings = settings_for_now();

    install("other");
    mcp_credential_store_apply(f->store, settings);
    mcp_credentials_unwatch(credentials, id);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpstr(f->told->str, ==, "");
    g_assert_cmpuint(f->destroyed, ==, 1);
}

/* The key of one and the certificate of another; then an expired one; the old set stays. */
static void
test_kept(Fixture *f, gconstpointer data)
{
    g_autofree char *before = serial_in_force(f);
    g_autofree char *after = NULL;
    g_autoptr(McpSettings) settings = settings_for_now();
    g_autoptr(GError) error = NULL;

    copy("other.key", "now.key");
    look(f);
    install("old");
    look(f);
    after = serial_in_force(f);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpint(mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_CHANGES, 1), ==, 2);
    g_assert_false(mcp_credential_store_check(f->store, settings, YEAR_2030, &error));
    g_assert_nonnull(strstr(error->message, "the new certificate has expired"));
}

static void
test_unknown(Fixture *f, gconstpointer data)
{
    g_autoptr(McpSettings) none = settings_from("");
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) gone = NULL;

    g_assert_null(mcp_credentials_get(MCP_CREDENTIALS(f->store), "y", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    mcp_credential_store_apply(f->store, none);
    g_assert_null(mcp_credentials_get(MCP_CREDENTIALS(f->store), "x", &gone));
    g_assert_error(gone, MCP_ERROR, MCP_ERROR_NOT_FOUND);
}

/* The gauge of @left is 1, the others are 0. */
static void
check_left(Fixture *f, guint left)
{
    for (guint i = 0; i < 5; i++)
        g_assert_cmpint(mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_SETS, i), ==, i == left);
}

static void
test_expiry(Fixture *f, gconstpointer data)
{
    static const struct {
        gint days;
        guint left;
    } steps[] = {{69, 0}, {72, 1}, {92, 1}, {95, 2}, {100, 3}, {102, 4}};
    g_autoptr(McpSettings) settings = settings_for_now();
    gint64 now = 0;

    check_left(f, 0);
    g_assert_cmpint(mcp_metrics_get(f->metrics, MCP_CREDENTIAL_METRIC_EXPIRY, 0), >, YEAR_2030);
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        mcp_clock_advance(f->clock, (steps[i].days * DAY - now) * G_USEC_PER_SEC);
        now = steps[i].days * DAY;
        mcp_credential_store_apply(f->store, settings);
        check_left(f, steps[i].left);
    }
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    /* One at each of the marks: 30 days, 7, 1, and the end. */
    g_assert_cmpstr(f->alerts->str, ==, "x expires  x expires  x expires  x expired  ");
}

int
main(int argc, char **argv)
{
    static const char *const files[] = {
        "good.pem", "good.key", "other.pem", "other.key", "old.pem",    "old.key",  "weak.pem",
        "weak.key", "now.pem",  "now.key",   "pair.pem",  "broken.pem", "mcp.conf", "locked.key"};
    g_autofree char *good = NULL;
    g_autofree char *other = NULL;
    g_autofree char *pair = NULL;
    g_autofree char *broken = NULL;
    g_autofree char *good_path = NULL;
    g_autofree char *other_path = NULL;
    g_autofree char *pair_path = NULL;
    g_autofree char *broken_path = NULL;
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    mcp_log_set_level(MCP_LOG_ERROR);
    folder = g_dir_make_tmp("mcp-credentials-XXXXXX", NULL);
    make_leaf("good", 100);
    make_leaf("other", 100);
    make_leaf("old", -100);
    run("openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=weak -days 3650 -keyout weak.key "
        "-out weak.pem");
    run("openssl pkey -in good.key -aes256 -passout 'pass:open sesame' -out locked.key");
    good_path = path_of("good.pem");
    other_path = path_of("other.pem");
    pair_path = path_of("pair.pem");
    broken_path = path_of("broken.pem");
    g_assert_true(g_file_get_contents(good_path, &good, NULL, NULL));
    g_assert_true(g_file_get_contents(other_path, &other, NULL, NULL));
    pair = g_strconcat(good, other, NULL);
    g_assert_true(g_file_set_contents(pair_path, pair, -1, NULL));
    broken = g_strndup(good, 300);
    g_assert_true(g_file_set_contents(broken_path, broken, -1, NULL));

    g_test_add_func("/credentials/taken", test_taken);
    g_test_add_func("/credentials/refused", test_refused);
    g_test_add_func("/credentials/not-yet", test_not_yet);
    g_test_add("/credentials/changed", Fixture, NULL, set_up, test_changed, tear_down);
    g_test_add("/credentials/unwatched-under-way", Fixture, NULL, set_up, test_unwatched_under_way,
               tear_down);
    g_test_add("/credentials/kept", Fixture, NULL, set_up, test_kept, tear_down);
    g_test_add("/credentials/unknown", Fixture, NULL, set_up, test_unknown, tear_down);
    g_test_add("/credentials/expiry", Fixture, NULL, set_up, test_expiry, tear_down);
    result = g_test_run();
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = path_of(files[i]);

        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
    return result;
}
