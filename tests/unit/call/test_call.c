/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of patterns, peers and the service router. */
#include "call/pattern.h"
#include "call/peer.h"
#include "call/router.h"
#include "server/core.h"
#include "settings/settings.h"

#include <glib/gstdio.h>
#include <string.h>

static McpSettings *
settings_from(const char *text)
{
    McpSchema *schema = mcp_schema_new();
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *file = NULL;
    int fd = g_file_open_tmp("mcp-call-XXXXXX", &file, NULL);
    McpSettingsSource source = {.file = file};
    McpSettings *settings;

    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    mcp_schema_add(schema, mcp_core_settings, NULL);
    mcp_schema_add(schema, mcp_peer_settings, NULL);
    settings = mcp_settings_load(schema, &source, errors);
    g_unlink(file);
    mcp_schema_unref(schema);
    g_assert_nonnull(settings);
    return settings;
}

typedef struct {
    const char *pattern;
    const char *url;
    gboolean fits;
} UrlCase;

static void
test_url_patterns(void)
{
    static const UrlCase cases[] = {
        {"http://app.example.com/*", "http://app.example.com/a/b.vxml?x=1", TRUE},
        {"http://app.example.com/*", "HTTP://APP.example.com/a", TRUE},
        {"http://app.example.com/*", "https://app.example.com/a", FALSE},
        {"http://app.example.com/*", "http://app.example.com.evil.org/a", FALSE},
        {"http://app.example.com/*", "http://app.example.com@evil.org/a", FALSE},
        {"http://app.example.com/*", "http://evil.org/http://app.example.com/", FALSE},
        {"http://*.example.com/*", "http://evil.org/x.example.com/", FALSE},
        {"http://*.example.com/*", "http://a.b.example.com/", TRUE},
        {"http://*/*", "http://user:pw@host/", FALSE},
        {"http://h/app/*", "http://h/app/../secret", FALSE},
        {"http://h/app/*", "http://h/app/%2e%2e/secret", FALSE},
        {"http://h/app/*", "http://h\\@evil/app/", FALSE},
        {"http://h/*", "http://h", TRUE},
        {"http://h:*/*", "http://h:8080/x", TRUE},
        {"http://h:*/*", "http://h/x", FALSE},
        {"http://h/*", "file:///etc/passwd", FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *patterns[] = {cases[i].pattern, NULL};

        if (mcp_pattern_match_url(patterns, cases[i].url) != cases[i].fits)
            g_error("%s against %s", cases[i].url, cases[i].pattern);
    }
}

static const char *
peer_of(McpPeerTable *table, const char *address)
{
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(address);
    g_autoptr(McpPeer) peer = mcp_peer_table_match(table, inet, NULL);

    return g_intern_string(mcp_peer_get_name(peer));
}

static void
test_peers(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[sip.peer \"wide\"]\naddresses = 10.0.0.0/8\nservices = *\n"
                      "[sip.peer \"narrow\"]\naddresses = 10.1.2.0/24, 2001:db8::/32\n"
                      "services = demo, app-*\npage_urls = http://a/*\n");
    McpPeerTable *table = mcp_peer_table_new(settings, NULL);
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string("10.1.2.3");
    g_autoptr(McpPeer) narrow = mcp_peer_table_match(table, inet, NULL);

    g_assert_cmpstr(peer_of(table, "10.9.9.9"), ==, "wide");
    g_assert_cmpstr(peer_of(table, "10.1.2.3"), ==, "narrow");
    g_assert_cmpstr(peer_of(table, "::ffff:10.1.2.3"), ==, "narrow");
    g_assert_cmpstr(peer_of(table, "2001:db8::7"), ==, "narrow");
    g_assert_cmpstr(peer_of(table, "192.0.2.1"), ==, "anonymous");
    g_assert_true(mcp_peer_allows_service(narrow, "app-x"));
    g_assert_false(mcp_peer_allows_service(narrow, "other"));
    g_assert_true(mcp_peer_allows_page(narrow, "http://a/p.vxml"));
    g_assert_false(mcp_peer_allows_page(narrow, "http://b/p.vxml"));
    mcp_peer_table_unref(table);
}

static const char *
tls_peer_of(McpPeerTable *table, const char *address, const char *name)
{
    const char *const names[] = {name, NULL};
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(address);
    g_autoptr(McpPeer) peer = mcp_peer_table_match(table, inet, names);

    return g_intern_string(mcp_peer_get_name(peer));
}

/* A certificate's name, the address, or both, as the section says; never one for the other. */
static void
test_tls_peers(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[sip.peer \"net\"]\naddresses = 10.0.0.0/8\n"
                      "[sip.peer \"name\"]\ntls_names = SBC.example.com, *.trunk.example.net\n"
                      "[sip.peer \"both\"]\naddresses = 10.1.0.0/16\n"
                      "tls_names = both.example.com\n");
    McpPeerTable *table = mcp_peer_table_new(settings, NULL);

    g_assert_cmpstr(tls_peer_of(table, "192.0.2.1", "sbc.Example.com"), ==, "name");
    g_assert_cmpstr(tls_peer_of(table, "10.1.2.3", "sbc.example.com"), ==, "name");
    g_assert_cmpstr(tls_peer_of(table, "192.0.2.1", "a.trunk.example.net"), ==, "name");
    g_assert_cmpstr(tls_peer_of(table, "192.0.2.1", "xsbc.example.com"), ==, "anonymous");
    g_assert_cmpstr(tls_peer_of(table, "192.0.2.1", NULL), ==, "anonymous");
    g_assert_cmpstr(tls_peer_of(table, "10.1.2.3", "both.example.com"), ==, "both");
    g_assert_cmpstr(tls_peer_of(table, "192.0.2.1", "both.example.com"), ==, "anonymous");
    g_assert_cmpstr(tls_peer_of(table, "10.2.2.3", "both.example.com"), ==, "net");
    g_assert_cmpstr(tls_peer_of(table, "10.1.2.3", "other.example.com"), ==, "net");
    g_assert_cmpstr(peer_of(table, "10.1.2.3"), ==, "net");
    g_assert_cmpstr(peer_of(table, "192.0.2.1"), ==, "anonymous");
    mcp_peer_table_unref(table);
}

static void
test_bad_peer(void)
{
    g_autoptr(McpSettings) settings =
        settings_from("[sip.peer \"x\"]\naddresses = 10.0.0.0/8, 10.0.0.300\n");
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_peer_table_new(settings, &error));
    g_assert_nonnull(strstr(error->message, ":2: [sip.peer \"x\"] addresses: \"10.0.0.300\""));
}

static const char *
service_for(const GPtrArray *router, McpInvite *invite, const char *user)
{
    McpRoute *route;

    g_free(invite->user);
    invite->user = g_strdup(user);
    route = mcp_router_match(router, invite, NULL);
    return route != NULL ? route->service : NULL;
}

static void
test_router(void)
{
    g_autoptr(McpSettings) settings = settings_from(
        "[service \"vip\"]\nuser = shop\nheader = X-Class: gold*\npage = http://h/vip.vxml\n"
        "[service \"shop\"]\nuser = shop, store-*\nparameters = a=1, b = 2\n"
        "[service \"speech\"]\nmedia = mrcp\n[service \"silent\"]\nmedia = none\n[service "
        "\"rest\"]\nuser = rest\nmedia = audio\n");
    g_autoptr(GPtrArray) router = mcp_router_new(settings, NULL);
    g_autoptr(McpInvite) invite = mcp_invite_new();
    static const char control[] = "v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 1.1.1.1\r\n"
                                  "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
                                  "m=application 9 TCP/TLS/MRCPv2 1\r\n";
    static const char no_audio[] =
        "v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 1.1.1.1\r\nt=0 0\r\n";

    g_assert_cmpstr(service_for(router, invite, "shop"), ==, "shop");
    g_assert_cmpstr(service_for(router, invite, "store-7"), ==, "shop");
    g_assert_cmpstr(service_for(router, invite, "nobody"), ==, NULL);
    g_assert_cmpstr(service_for(router, invite, "rest"), ==, "rest");
    g_ptr_array_add(invite->headers, mcp_header_new("x-class", "golden"));
    g_assert_cmpstr(service_for(router, invite, "shop"), ==, "vip");
    invite->offer = mcp_sdp_parse(no_audio, strlen(no_audio), NULL);
    g_assert_nonnull(invite->offer);
    g_assert_cmpstr(service_for(router, invite, "rest"), ==, "silent");
    g_assert_cmpstr(g_hash_table_lookup(mcp_router_match(router, invite, NULL)->parameters, "b"),
                    ==, NULL);
    mcp_sdp_unref(invite->offer);
    invite->offer = mcp_sdp_parse(control, strlen(control), NULL);
    g_assert_cmpstr(service_for(router, invite, "rest"), ==, "speech");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/call/url-patterns", test_url_patterns);
    g_test_add_func("/call/peers", test_peers);
    g_test_add_func("/call/tls-peers", test_tls_peers);
    g_test_add_func("/call/bad-peer", test_bad_peer);
    g_test_add_func("/call/router", test_router);
    return g_test_run();
}
