/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the table of sources: strangers' answers, silence, calls a second, fixed memory. */
#include "source_table.h"

#include <string.h>

static su_sockaddr_t
v4(guint32 host)
{
    su_sockaddr_t address;

    memset(&address, 0, sizeof address);
    address.su_family = AF_INET;
    address.su_sin.sin_addr.s_addr = htonl(host);
    return address;
}

static su_sockaddr_t
v6(const char *text)
{
    su_sockaddr_t address;

    memset(&address, 0, sizeof address);
    address.su_family = AF_INET6;
    su_inet_pton(AF_INET6, text, &address.su_sin6.sin6_addr);
    return address;
}

/* What a server does with a request of a stranger: TRUE when it is answered. */
static gboolean
request(McpSipSources *sources, const su_sockaddr_t *address, gint64 now)
{
    return !mcp_sip_sources_is_silenced(sources, address, now) &&
           mcp_sip_sources_note_stranger(sources, address, now);
}

static guint
requests(McpSipSources *sources, const su_sockaddr_t *address, gint64 now, guint n)
{
    guint answered = 0;

    for (guint i = 0; i < n; i++)
        answered += request(sources, address, now);
    return answered;
}

static void
test_silence(void)
{
    McpSipSources *sources = mcp_sip_sources_new(5, 1000);
    su_sockaddr_t loud = v4(0x0a000001);
    su_sockaddr_t quiet = v4(0x0a000002);
    gint64 now = 10 * G_USEC_PER_SEC;

    g_assert_cmpuint(requests(sources, &loud, now, 100), ==, 5);
    g_assert_cmpuint(requests(sources, &quiet, now, 1), ==, 1);
    g_assert_cmpuint(requests(sources, &loud, now + G_USEC_PER_SEC / 2, 100), ==, 0);
    g_assert_cmpuint(mcp_sip_sources_flush(sources), ==, 195);
    g_assert_cmpuint(mcp_sip_sources_flush(sources), ==, 0);
    /* Whoever stops is heard again after a second. */
    g_assert_cmpuint(requests(sources, &loud, now + 2 * G_USEC_PER_SEC, 100), ==, 5);
    mcp_sip_sources_free(sources);
}

static void
test_total(void)
{
    McpSipSources *sources = mcp_sip_sources_new(5, 50);
    guint answered = 0;

    for (guint32 i = 0; i < 100000; i++) {
        su_sockaddr_t address = v4(0x0b000000 + i);

        answered += request(sources, &address, G_USEC_PER_SEC);
    }
    g_assert_cmpuint(answered, ==, 50);
    mcp_sip_sources_free(sources);
}

/* A source that goes on is not pushed out by many that come once. */
static void
test_bounded(void)
{
    McpSipSources *sources = mcp_sip_sources_new(5, 100000);
    su_sockaddr_t loud = v4(0x0a000001);
    guint answered = requests(sources, &loud, G_USEC_PER_SEC, 6);

    for (guint32 i = 0; i < 3000; i++) {
        su_sockaddr_t address = v4(0x0c000000 + i * 7919);

        request(sources, &address, G_USEC_PER_SEC + i);
        if (i % 100 == 0)
            answered += request(sources, &loud, G_USEC_PER_SEC + i);
    }
    g_assert_cmpuint(answered, <=, 10);
    mcp_sip_sources_free(sources);
}

static void
test_networks(void)
{
    McpSipSources *sources = mcp_sip_sources_new(5, 1000);
    su_sockaddr_t one = v6("2001:db8:1:2::1");
    su_sockaddr_t same = v6("2001:db8:1:2:ffff::9");
    su_sockaddr_t other = v6("2001:db8:1:3::1");
    su_sockaddr_t mapped = v6("::ffff:10.0.0.1");
    su_sockaddr_t plain = v4(0x0a000001);
    su_sockaddr_t loopback = v6("::1");

    g_assert_cmpuint(requests(sources, &one, 1, 10), ==, 5);
    g_assert_cmpuint(requests(sources, &same, 1, 10), ==, 0);
    g_assert_cmpuint(requests(sources, &other, 1, 10), ==, 5);
    g_assert_cmpuint(requests(sources, &mapped, 1, 10), ==, 5);
    g_assert_cmpuint(requests(sources, &plain, 1, 10), ==, 0);
    g_assert_cmpuint(requests(sources, &loopback, 1, 10), ==, 5);
    mcp_sip_sources_free(sources);
}

static void
test_calls(void)
{
    McpSipSources *sources = mcp_sip_sources_new(5, 1000);
    su_sockaddr_t one = v4(0x0a000001);
    su_sockaddr_t other = v4(0x0a000002);
    guint taken = 0;

    for (guint i = 0; i < 100; i++)
        taken += mcp_sip_sources_take_call(sources, &one, G_USEC_PER_SEC, 10);
    g_assert_cmpuint(taken, ==, 10);
    g_assert_true(mcp_sip_sources_take_call(sources, &other, G_USEC_PER_SEC, 10));
    g_assert_true(mcp_sip_sources_take_call(sources, &one, 1100000, 10));
    g_assert_false(mcp_sip_sources_take_call(sources, &one, 1100000, 10));
    g_assert_true(mcp_sip_sources_take_call(sources, &one, 1100000, 0));
    mcp_sip_sources_free(sources);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/silence", test_silence);
    g_test_add_func("/sources/total", test_total);
    g_test_add_func("/sources/bounded", test_bounded);
    g_test_add_func("/sources/networks", test_networks);
    g_test_add_func("/sources/calls", test_calls);
    return g_test_run();
}
