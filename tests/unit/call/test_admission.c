/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of what decides whether a call is taken and what it may do: buckets, numbers, load,
 * destinations, beliefs, settings of one call. Time is the virtual clock's.
 */
#include "call/admission.h"
#include "call/belief.h"
#include "call/load.h"
#include "call/override.h"
#include "call/peer.h"
#include "server/core.h"
#include "settings/settings.h"

#include <glib/gstdio.h>
#include <mcp/bucket.h>
#include <mcp/dial.h>
#include <mcp/error.h>
#include <string.h>

static const McpSettingDef test_settings[] = {
    {"app", "timeout", MCP_SETTING_DURATION, "5s", "0s..1h", MCP_SETTING_PER_CALL, "0.1", "x"},
    {"app", "colour", MCP_SETTING_STRING, "red", NULL, MCP_SETTING_PER_CALL, "0.1", "x"},
    {"app", "fixed", MCP_SETTING_INT, "1", NULL, MCP_SETTING_NONE, "0.1", "x"},
    {"app", "password", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_PER_CALL, "0.1", "x"},
    {NULL},
};

static McpSettings *
settings_from(const char *text)
{
    McpSchema *schema = mcp_schema_new();
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *file = NULL;
    int fd = g_file_open_tmp("mcp-admission-XXXXXX", &file, NULL);
    McpSettingsSource source = {.file = file};
    McpSettings *settings;

    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    mcp_schema_add(schema, mcp_core_settings, NULL);
    mcp_schema_add(schema, mcp_peer_settings, NULL);
    mcp_schema_add(schema, test_settings, NULL);
    settings = mcp_settings_load(schema, &source, errors);
    g_unlink(file);
    mcp_schema_unref(schema);
    g_assert_cmpuint(errors->len, ==, 0);
    return settings;
}

static McpPeer *
peer_at(McpSettings *settings, const char *address)
{
    g_autoptr(GError) error = NULL;
    McpPeerTable *table = mcp_peer_table_new(settings, &error);
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(address);
    McpPeer *peer;

    g_assert_no_error(error);
    peer = mcp_peer_table_match(table, inet, NULL);
    mcp_peer_table_unref(table);
    return peer;
}

static guint
take_many(McpBucket *bucket, gint64 now, guint rate, guint burst, guint tries)
{
    guint taken = 0;

    for (guint i = 0; i < tries; i++)
        taken += mcp_bucket_take(bucket, now, rate, burst);
    return taken;
}

static void
test_bucket(void)
{
    McpBucket bucket = {0};
    guint taken = 0;

    g_assert_cmpuint(take_many(&bucket, 0, 10, 0, 100), ==, 10);
    g_assert_false(mcp_bucket_has(&bucket, 99999, 10, 0));
    g_assert_true(mcp_bucket_has(&bucket, 100000, 10, 0));
    g_assert_cmpuint(take_many(&bucket, 500000, 10, 0, 100), ==, 5);
    /* In the long run it is the rate, however often it is asked. */
    for (gint64 now = G_USEC_PER_SEC; now < 11 * G_USEC_PER_SEC; now += 1000)
        taken += take_many(&bucket, now, 10, 3, 5);
    g_assert_cmpuint(taken, >=, 95);
    g_assert_cmpuint(taken, <=, 103);
    /* A clock that stands still or goes back gives nothing away. */
    g_assert_cmpuint(take_many(&bucket, 0, 10, 3, 100), ==, 0);
    bucket = (McpBucket){0};
    g_assert_cmpuint(take_many(&bucket, 5, 0, 0, 1000), ==, 1000);
    g_assert_cmpuint(take_many(&bucket, 5, 1, 7, 100), ==, 7);
}

static void
test_admission(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(McpSettings) settings =
        settings_from("[core]\ncalls_per_second = 100\n"
                      "[sip.peer \"slow\"]\naddresses = 10.0.0.1\ncalls_per_second = 2\n"
                      "[sip.peer \"small\"]\naddresses = 10.0.0.2\nmax_calls = 3\n"
                      "[sip.peer \"free\"]\naddresses = 10.0.0.3\n");
    g_autoptr(McpPeer) slow = peer_at(settings, "10.0.0.1");
    g_autoptr(McpPeer) small = peer_at(settings, "10.0.0.2");
    g_autoptr(McpPeer) free_ = peer_at(settings, "10.0.0.3");
    McpAdmission *admission = mcp_admission_new(clock);
    guint taken = 0;

    mcp_admission_configure(admission, settings);
    g_assert_null(mcp_admission_take(admission, slow));
    g_assert_null(mcp_admission_take(admission, slow));
    g_assert_cmpstr(mcp_admission_take(admission, slow), ==, "too many calls a second of the peer");
    for (guint i = 0; i < 3; i++)
        g_assert_null(mcp_admission_take(admission, small));
    g_assert_cmpstr(mcp_admission_check(admission, small), ==,
                    "maximum number of calls of the peer reached");
    mcp_admission_release(admission, small);
    g_assert_null(mcp_admission_check(admission, small));
    /* A reload begins nothing anew. */
    mcp_admission_configure(admission, settings);
    g_assert_null(mcp_admission_take(admission, small));
    g_assert_nonnull(mcp_admission_take(admission, small));
    while (mcp_admission_take(admission, free_) == NULL)
        taken++;
    g_assert_cmpuint(taken, ==, 100 - 6);
    g_assert_cmpstr(mcp_admission_check(admission, NULL), ==, "too many calls a second");
    mcp_clock_advance(clock, G_USEC_PER_SEC / 2);
    g_assert_null(mcp_admission_check(admission, NULL));
    g_assert_null(mcp_admission_take(admission, slow));
    g_assert_nonnull(mcp_admission_take(admission, slow));
    mcp_admission_free(admission);
}

static gboolean
judge(McpLoadGuard *guard, guint percent, guint times)
{
    for (guint i = 0; i < times; i++)
        mcp_load_guard_judge(guard, percent);
    return mcp_load_guard_is_full(guard);
}

static void
test_load(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[core]\nmax_cpu_percent = 80\nmax_loop_delay = 200ms\n");
    g_autoptr(McpSettings) off =
        settings_from("[core]\nmax_cpu_percent = 0\nmax_loop_delay = 0s\n");
    McpLoadGuard *guard = mcp_load_guard_new();
    McpLoopLoad *loop = mcp_load_guard_add(guard, "sip");

    mcp_load_guard_configure(guard, settings);
    g_assert_true(loop == mcp_load_guard_add(guard, "sip"));
    g_assert_false(judge(guard, 79, 5));
    /* One sample is a burst, two are load. */
    g_assert_false(judge(guard, 95, 1));
    g_assert_false(judge(guard, 50, 1));
    g_assert_true(judge(guard, 80, 2));
    /* Ten points below before it opens again. */
    g_assert_true(judge(guard, 75, 10));
    g_assert_true(judge(guard, 69, 1));
    g_assert_false(judge(guard, 69, 1));
    /* One report of a loop is a burst as well. */
    mcp_loop_load_set(loop, 90, 0);
    g_assert_false(judge(guard, 10, 5));
    mcp_loop_load_set(loop, 90, 0);
    g_assert_true(judge(guard, 10, 2));
    mcp_loop_load_set(loop, 20, 0);
    g_assert_false(judge(guard, 10, 2));
    mcp_loop_load_set(loop, 20, 250 * G_TIME_SPAN_MILLISECOND);
    mcp_loop_load_set(loop, 20, 250 * G_TIME_SPAN_MILLISECOND);
    g_assert_true(judge(guard, 10, 2));
    mcp_loop_load_set(loop, 20, 150 * G_TIME_SPAN_MILLISECOND);
    g_assert_true(judge(guard, 10, 5));
    mcp_loop_load_set(loop, 20, 50 * G_TIME_SPAN_MILLISECOND);
    g_assert_false(judge(guard, 10, 2));
    mcp_load_guard_configure(guard, off);
    mcp_loop_load_set(loop, 100, G_USEC_PER_SEC);
    mcp_loop_load_set(loop, 100, G_USEC_PER_SEC);
    g_assert_false(judge(guard, 100, 5));
    mcp_load_guard_free(guard);
}

typedef struct {
    const char *pattern;
    const char *target;
    gboolean fits;
} DialCase;

static void
test_dial(void)
{
    static const DialCase cases[] = {
        {"*", "sip:a@b", TRUE},
        {"*", "tel:+49", TRUE},
        {"*", "http://a/", FALSE},
        {"*", "a@b", FALSE},
        {"sip:*@gw.example.com", "sip:+4930@gw.example.com", TRUE},
        {"sip:*@gw.example.com", "sip:x@GW.Example.COM", TRUE},
        {"sip:*@gw.example.com", "sips:x@gw.example.com", TRUE},
        {"sips:*@gw.example.com", "sip:x@gw.example.com", FALSE},
        {"sip:*@gw.example.com", "sip:x@gw.example.com:5060", TRUE},
        {"sip:*@gw.example.com", "sip:x@gw.example.com:5080", FALSE},
        {"sip:*@gw.example.com:*", "sip:x@gw.example.com:5080", TRUE},
        {"sip:*@gw.example.com:5080", "sip:x@gw.example.com", FALSE},
        {"sip:*@gw.example.com", "sip:x@gw.example.com.evil.org", FALSE},
        {"sip:*@gw.example.com", "sip:x@evil.org;y=@gw.example.com", FALSE},
        {"sip:*@gw.example.com", "sip:x@evil.org@gw.example.com", FALSE},
        {"sip:*@gw.example.com", "sip:x%40evil.org@gw.example.com", FALSE},
        {"sip:*@gw.example.com", "sip:x@gw.example.com;maddr=192.0.2.1", FALSE},
        {"sip:*@gw.example.com", "sip:x@gw.example.com;%6daddr=192.0.2.1", FALSE},
        {"sip:*@gw.example.com", "sip:x@gw.example.com?Route=%3Csip:evil%3E", FALSE},
        {"sip:*@gw.example.com", "sip:x@gw.example.com;transport=tcp", TRUE},
        {"sip:*@gw.example.com", "sip:gw.example.com", TRUE},
        {"sip:?*@gw.example.com", "sip:gw.example.com", FALSE},
        {"sip:*@gw", "sip:x@gw\r\nRoute: <sip:evil>", FALSE},
        {"sip:*@gw", "sip:x@gw>;tag", FALSE},
        {"*", "sip:x@gw ", FALSE},
        {"sip:+49*@*", "sip:+49-30-123@gw", TRUE},
        {"sip:+49*@*", "sip:%2B4930123@gw", TRUE},
        {"sip:+49*@*", "sip:+4830@gw", FALSE},
        {"sip:+49 (30)*@*", "sip:+4930@gw", FALSE},
        {"sip:+49(30)*@*", "sip:+4930123;phone-context=x@gw", TRUE},
        {"sip:*@[2001:db8::1]", "sip:x@[2001:DB8::1]", TRUE},
        {"sip:*@[2001:db8::1]", "sip:x@[2001:db8::1]:5070", FALSE},
        {"sip:*@192.0.2.*", "sip:x@192.0.2.77", TRUE},
        {"tel:+49*", "tel:+49-30-123", TRUE},
        {"tel:+49*", "tel:+43", FALSE},
        {"tel:+49*", "sip:+4930@gw", FALSE},
        {"+4930*", "tel:+49(30)77", TRUE},
        {"+4930*", "tel:+4931", FALSE},
        {"+4930*", "sip:+4930@evil.org", FALSE},
        {"", "tel:+4930", FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *patterns[] = {cases[i].pattern, NULL};

        if (mcp_dial_match(patterns, cases[i].target) != cases[i].fits)
            g_error("%s against %s", cases[i].target, cases[i].pattern);
    }
    g_assert_true(mcp_dial_is_pattern("*"));
    g_assert_true(mcp_dial_is_pattern("sip:+49*@gw:*"));
    g_assert_true(mcp_dial_is_pattern("+4930*"));
    g_assert_false(mcp_dial_is_pattern("http://gw/"));
    g_assert_false(mcp_dial_is_pattern("gw.example.com"));
    g_assert_false(mcp_dial_is_pattern("sip:a b@gw"));
    g_assert_false(mcp_dial_is_pattern(""));
}

static void
test_bad_rights(void)
{
    static const char *const bad[] = {
        "[sip.peer \"x\"]\ndial = sip:*@gw, nonsense:1\n",
        "[sip.peer \"x\"]\nidentity = somebody\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(McpSettings) settings = settings_from(bad[i]);
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_peer_table_new(settings, &error));
        g_assert_nonnull(strstr(error->message, ":2: [sip.peer \"x\"]"));
    }
}

static McpInvite *
invite_of(McpPeer *peer)
{
    McpInvite *invite = mcp_invite_new();

    invite->peer = mcp_peer_ref(peer);
    invite->from_uri = g_strdup("sip:alice@example.com");
    return invite;
}

static void
add_header(McpInvite *invite, const char *name, const char *value)
{
    g_ptr_array_add(invite->headers, mcp_header_new(name, value));
}

static void
test_belief(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[sip.peer \"rm\"]\naddresses = 10.0.0.1\nx_genesys = yes\n"
                      "identity = sip:*@example.com\n");
    g_autoptr(McpPeer) rm = peer_at(settings, "10.0.0.1");
    g_autoptr(McpPeer) stranger = peer_at(settings, "10.0.0.2");
    g_autoptr(McpInvite) known = invite_of(rm);
    g_autoptr(McpInvite) foreign = invite_of(stranger);
    g_autoptr(McpInvite) liar = invite_of(rm);

    add_header(known, "X-Genesys-CallUUID", "1");
    add_header(known, "P-Asserted-Identity", "\"Bob, <x>\" <sip:bob@example.com>");
    mcp_belief_apply(known);
    mcp_belief_apply(known);
    g_assert_cmpuint(known->headers->len, ==, 2);
    g_assert_cmpstr(known->identity, ==, "sip:bob@example.com");
    add_header(foreign, "x-genesys-callUUID", "1");
    add_header(foreign, "X-ISCC-CofId", "2");
    add_header(foreign, "P-Asserted-Identity", "<sip:bob@example.com>");
    add_header(foreign, "Remote-Party-ID", "<sip:bob@example.com>;party=calling");
    add_header(foreign, "Subject", "kept");
    mcp_belief_apply(foreign);
    g_assert_cmpuint(foreign->headers->len, ==, 1);
    g_assert_null(foreign->identity);
    /* One that is not believed spoils the whole header; From is believed then, by its own merit. */
    add_header(liar, "P-Asserted-Identity", "<sip:bob@example.com>, <sip:x@evil.org>");
    mcp_belief_apply(liar);
    g_assert_cmpuint(liar->headers->len, ==, 0);
    g_assert_cmpstr(liar->identity, ==, "sip:alice@example.com");
}

typedef struct {
    const char *name;
    const char *value;
    guint status; /* 0: taken */
} OverrideCase;

static void
test_override(void)
{
    static const OverrideCase cases[] = {
        {"gvp.config.app.timeout", "7s", 0},     {"GVP.Config.App.Timeout", "7s", 0},
        {"gvp.config.app.timeout", "9h", 400},   {"gvp.config.app.timeout", NULL, 400},
        {"gvp.config.app.nothing", "1", 400},    {"gvp.config.app.fixed", "2", 403},
        {"gvp.config.app.password", "x", 403},   {"gvp.config.app", "x", 403},
        {"gvp.config.core.max_calls", "9", 403}, {"gvp.config.", "x", 403},
        {"gvp.config.sip.peer.dial", "*", 403},  {"other", "x", 0},
    };
    g_autoptr(McpSettings) settings =
        settings_from("[sip.peer \"rm\"]\naddresses = 10.0.0.1\ngvp_config = app.*\n"
                      "[app]\ncolour = green\npassword = canary\n");
    g_autoptr(McpPeer) rm = peer_at(settings, "10.0.0.1");

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(McpInvite) invite = invite_of(rm);
        g_autoptr(McpReject) reject = NULL;
        g_autoptr(McpSettings) own = NULL;

        g_ptr_array_add(invite->uri_parameters, mcp_header_new(cases[i].name, cases[i].value));
        own = mcp_override_read(invite, settings, &reject);
        g_assert_cmpuint(reject != NULL ? reject->status : 0, ==, cases[i].status);
        g_assert_true(reject == NULL || strstr(reject->reason, "canary") == NULL);
        if (own == NULL)
            continue;
        g_assert_cmpint(mcp_settings_get_int(own, "app", NULL, "timeout"), ==, 7 * G_USEC_PER_SEC);
        g_assert_cmpstr(mcp_settings_get_string(own, "app", NULL, "colour"), ==, "green");
        g_assert_cmpint(mcp_settings_get_int(own, "core", NULL, "max_calls"), ==, 2000);
        g_assert_cmpstr(mcp_settings_get_origin(own, "app", NULL, "timeout"), ==, "call");
    }
    g_assert_cmpint(mcp_settings_get_int(settings, "app", NULL, "timeout"), ==, 5 * G_USEC_PER_SEC);
}

static void
test_override_rights(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[sip.peer \"rm\"]\naddresses = 10.0.0.1\ngvp_config = app.timeout\n");
    g_autoptr(McpPeer) rm = peer_at(settings, "10.0.0.1");
    g_autoptr(McpPeer) stranger = peer_at(settings, "10.0.0.2");
    g_autoptr(McpInvite) twice = invite_of(rm);
    g_autoptr(McpInvite) foreign = invite_of(stranger);
    g_autoptr(McpReject) reject = NULL;
    g_autoptr(McpReject) second = NULL;

    g_ptr_array_add(foreign->uri_parameters, mcp_header_new("gvp.config.app.timeout", "1s"));
    g_assert_null(mcp_override_read(foreign, settings, &reject));
    g_assert_cmpuint(reject->status, ==, 403);
    for (guint i = 0; i < 2; i++)
        g_ptr_array_add(twice->uri_parameters, mcp_header_new("gvp.config.app.timeout", "1s"));
    g_assert_null(mcp_override_read(twice, settings, &second));
    g_assert_cmpuint(second->status, ==, 400);
}

static void
test_mask(void)
{
    static const char *const cases[][2] = {
        {"sip:a@b", "sip:a@b"},
        {"sip:a@b;gvp.config.x.y=secret;z=1", "sip:a@b;gvp.config.x.y=...;z=1"},
        {"sip:a@b;GVP.config.x.y=s;gvp.config.q=t>",
         "sip:a@b;GVP.config.x.y=...;gvp.config.q=...>"},
        {"sip:a@b;gvp.config.x", "sip:a@b;gvp.config.x"},
        {"sip:a@b;gvp.config.x=", "sip:a@b;gvp.config.x=..."},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *masked = mcp_override_mask(cases[i][0]);

        g_assert_cmpstr(masked, ==, cases[i][1]);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/admission/bucket", test_bucket);
    g_test_add_func("/admission/numbers", test_admission);
    g_test_add_func("/admission/load", test_load);
    g_test_add_func("/admission/dial", test_dial);
    g_test_add_func("/admission/bad-rights", test_bad_rights);
    g_test_add_func("/admission/belief", test_belief);
    g_test_add_func("/admission/override", test_override);
    g_test_add_func("/admission/override-rights", test_override_rights);
    g_test_add_func("/admission/mask", test_mask);
    return g_test_run();
}
