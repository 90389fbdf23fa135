/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ledger, log, JSON writer, audio identity and routes. */
#include "util/log.h"

#include <math.h>
#include <mcp/audio.h>
#include <mcp/disclosure.h>
#include <mcp/json.h>
#include <mcp/ledger.h>
#include <mcp/route.h>
#include <string.h>

MCP_LEDGER_DEFINE(TestThing);

static void
find_thing(const char *type, int live, gpointer user_data)
{
    if (strcmp(type, "TestThing") == 0)
        *(int *)user_data = live;
}

static void
test_ledger(void)
{
    int live = -1;

    MCP_LEDGER_CREATED(TestThing);
    MCP_LEDGER_CREATED(TestThing);
    MCP_LEDGER_FINALIZED(TestThing);
    mcp_ledger_foreach(find_thing, &live);
    g_assert_cmpint(live, ==, 1);
    MCP_LEDGER_FINALIZED(TestThing);
}

static void
test_json(void)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "a", "x\"\\\n\x01");
    mcp_json_begin_array(json, "b");
    mcp_json_int(json, NULL, -3);
    mcp_json_double(json, NULL, 1.5);
    mcp_json_bool(json, NULL, TRUE);
    mcp_json_end_array(json);
    mcp_json_string(json, "c", NULL);
    mcp_json_time(json, "t", 1500);
    mcp_json_raw(json, "r", "{}");
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_cmpstr(text, ==,
                    "{\"a\":\"x\\\"\\\\\\n\\u0001\",\"b\":[-3,1.5,true],\"c\":null,"
                    "\"t\":\"1970-01-01T00:00:00.001Z\",\"r\":{}}");
}

static void
test_json_bad_utf8(void)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    mcp_json_string(json, NULL,
                    "a\xff"
                    "b");
    text = mcp_json_finish(json);
    g_assert_true(g_utf8_validate(text, -1, NULL));
}

typedef struct {
    int lines;
    char *text;
    char *plugin;
} Seen;

static void
see(McpLogLevel level, const char *domain, const char *id, const char *call_id, const char *text,
    gpointer user_data)
{
    Seen *seen = user_data;

    seen->lines++;
    g_free(seen->text);
    g_free(seen->plugin);
    seen->text = g_strdup(text);
    seen->plugin = g_strdup(domain);
}

static void
test_log_levels(void)
{
    Seen seen = {0};
    guint observer = mcp_log_add_observer(see, &seen);

    mcp_log_set_output(MCP_LOG_OUTPUT_JSON);
    mcp_log_set_level(MCP_LOG_WARNING);
    mcp_log_message(MCP_LOG_ERROR, "mcp-sip", "bad", "c1", "value %d", 7);
    g_assert_cmpstr(seen.text, ==, "value 7");
    g_assert_cmpstr(seen.plugin, ==, "sip");
    mcp_log_info("not-written", NULL, "x");
    g_assert_cmpint(seen.lines, ==, 1);
    mcp_log_remove_observer(observer);
    mcp_log_message(MCP_LOG_ERROR, "mcp-sip", "bad", "c1", "value 8");
    g_assert_cmpint(seen.lines, ==, 1);
    g_free(seen.text);
    g_free(seen.plugin);
}

static void
test_log_level_names(void)
{
    McpLogLevel level = MCP_LOG_ERROR;

    g_assert_true(mcp_log_level_from_string("debug", &level));
    g_assert_cmpint(level, ==, MCP_LOG_DEBUG);
    g_assert_false(mcp_log_level_from_string("loud", &level));
}

static void
test_audio_identity(void)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("abc", 3);
    g_autoptr(McpAudio) a = mcp_audio_new(bytes, "audio/basic", NULL);
    g_autoptr(McpAudio) b = mcp_audio_new(bytes, "audio/basic", NULL);
    g_autoptr(McpAudio) c = mcp_audio_new(bytes, "audio/basic", "named");

    g_assert_cmpstr(mcp_audio_get_id(a), ==, mcp_audio_get_id(b));
    g_assert_cmpstr(mcp_audio_get_id(c), ==, "named");
}

/* Against the library's calendar: month ends, leap days, centuries. */
static void
test_json_times(void)
{
    static const gint64 DAYS[] = {0,     58,    59,    60,    364,   365,   789,    790,
                                  11015, 11016, 11017, 20089, 47540, 47541, 2932896};
    g_autofree char *outside = NULL;
    McpJson *json = mcp_json_new();

    for (guint i = 0; i < G_N_ELEMENTS(DAYS) + 3000; i++) {
        gint64 day = i < G_N_ELEMENTS(DAYS) ? DAYS[i] : (gint64)i * 970;
        gint64 wall = ((day * 24 + 23) * 3600 + 59 * 60 + i % 60) * G_USEC_PER_SEC + 7999;
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(wall / G_USEC_PER_SEC);
        g_autofree char *wanted = g_date_time_format(time, "\"%Y-%m-%dT%H:%M:%S.007Z\"");
        g_autofree char *text = NULL;
        McpJson *one = mcp_json_new();

        mcp_json_time(one, NULL, wall);
        text = mcp_json_finish(one);
        g_assert_cmpstr(text, ==, wanted);
    }
    mcp_json_begin_array(json, NULL);
    mcp_json_time(json, NULL, -1);
    mcp_json_time(json, NULL, G_MAXINT64);
    mcp_json_end_array(json);
    outside = mcp_json_finish(json);
    g_assert_cmpstr(outside, ==, "[null,null]");
}

static void
test_json_numbers(void)
{
    g_autofree char *text = NULL;
    McpJson *json = mcp_json_new();

    mcp_json_begin_array(json, NULL);
    mcp_json_int(json, NULL, 0);
    mcp_json_int(json, NULL, -17);
    mcp_json_int(json, NULL, G_MAXINT64);
    mcp_json_int(json, NULL, G_MININT64);
    mcp_json_double(json, NULL, 0);
    mcp_json_double(json, NULL, 12);
    mcp_json_double(json, NULL, -3);
    mcp_json_double(json, NULL, 0.125);
    mcp_json_double(json, NULL, 1e21);
    mcp_json_double(json, NULL, NAN);
    mcp_json_string(json, NULL, "a\"b\\c\x7f\n\x01 \xc3\xa9 \xff");
    /* Next line, line and paragraph separators, CSI; their neighbours stay. */
    mcp_json_string(json, NULL, "\xc2\x85\u2028\u2029\xc2\x9b \u00a0\u2027\u202a");
    mcp_json_end_array(json);
    text = mcp_json_finish(json);
    g_assert_cmpstr(text, ==,
                    "[0,-17,9223372036854775807,-9223372036854775808,0,12,-3,0.125,1e+21,null,"
                    "\"a\\\"b\\\\c\\u007f\\n\\u0001 \xc3\xa9 \xef\xbf\xbd\","
                    "\"\\u0085\\u2028\\u2029\\u009b \u00a0\u2027\u202a\"]");
}

static void
test_disclosure(void)
{
    static const struct {
        const char *text;
        const char *shown;
    } texts[] = {
        {"http://user:open@host/p?a@b:c", "http://user:***@host/p?a@b:c"},
        {"<data> to https://u:a:b@c@host:8443", "<data> to https://u:***@host:8443"},
        {"x://:pw@h y://me@h z://h:80/a:b@c ftp://u:p@h", "x://:***@h y://me@h z://h:80/a:b@c "
                                                          "ftp://u:***@h"},
        {"://", "://"},
        {"sip:u:p@h", "sip:u:p@h"},
        {"", ""},
    };
    static const char *const secret[] = {"X-Api-Key",        "key",          "a.KEY",
                                         "Access-Token",     "userPassword", "Proxy-Authorization",
                                         "gvp.config.secret"};
    static const char *const plain[] = {"monkey", "X-Genesys-CallUUID", "", "keyboard"};

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *shown = mcp_text_hide_passwords(texts[i].text);

        g_assert_cmpstr(shown, ==, texts[i].shown);
    }
    for (guint i = 0; i < G_N_ELEMENTS(secret); i++)
        g_assert_true(mcp_name_is_secret(secret[i]));
    for (guint i = 0; i < G_N_ELEMENTS(plain); i++)
        g_assert_false(mcp_name_is_secret(plain[i]));
}

static void
test_route(void)
{
    static const struct {
        const char *uri;
        const char *local;
    } routes[] = {
        {"sip:127.0.0.1", "127.0.0.1"},
        {"sip:x@127.0.0.1:5060;transport=tcp", "127.0.0.1"},
        {"<sip:x@127.0.0.1>", "127.0.0.1"},
        {"sips:[::1]:5061", "::1"},
        {"rtsp://user@127.0.0.1:554/media?a=b@c", "127.0.0.1"},
        {"rtsp://127.0.0.1/x@192.0.2.1", "127.0.0.1"},
        {"sip:mrcp.example:5060", NULL},
        {"sip:", NULL},
        {"", NULL},
        {"sip:[::1", "::1"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(routes); i++) {
        g_autofree char *local = mcp_route_local_address(routes[i].uri);

        g_assert_cmpstr(local, ==, routes[i].local);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/ledger", test_ledger);
    g_test_add_func("/util/json", test_json);
    g_test_add_func("/util/json-bad-utf8", test_json_bad_utf8);
    g_test_add_func("/util/log-levels", test_log_levels);
    g_test_add_func("/util/log-level-names", test_log_level_names);
    g_test_add_func("/util/audio-identity", test_audio_identity);
    g_test_add_func("/util/json-times", test_json_times);
    g_test_add_func("/util/json-numbers", test_json_numbers);
    g_test_add_func("/util/disclosure", test_disclosure);
    g_test_add_func("/util/route", test_route);
    return g_test_run();
}
