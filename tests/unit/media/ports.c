/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RTP port range, and what the host says to it.
 */
#include "net/ports.h"

#include "net/host_limits.h"
#include "rtp/source_lock.h"
#include <mcp/error.h>
#include <string.h>

static void
test_parse(void)
{
    static const char *const bad[] = {
        "",     "20000",        "20000..",   "20001..20001", "20001..20002",
        "x..y", "30000..20000", "80..90000", "20000..20000"};
    g_autoptr(GError) error = NULL;
    guint first = 0;
    guint last = 0;

    g_assert_true(mcp_media_ports_parse(" 20001 .. 20011 ", &first, &last, &error));
    g_assert_cmpuint(first, ==, 20001);
    g_assert_cmpuint(last, ==, 20011);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(mcp_media_ports_parse(bad[i], &first, &last, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_clear_error(&error);
    }
}

static void
test_exhaustion(void)
{
    g_autoptr(McpMediaPorts) ports = mcp_media_ports_new(19001, 19011, 46);
    g_autoptr(McpMediaPorts) same = mcp_media_ports_new(19001, 19011, 46);
    g_autoptr(GError) error = NULL;
    struct sockaddr_storage address;
    McpMediaPair pairs[5];
    McpMediaPair other;
    McpMediaPair none;
    guint seen = 0;

    mcp_media_address_set(&address, "127.0.0.1", 0);
    g_assert_cmpuint(mcp_media_ports_get_capacity(ports), ==, 5);
    /* Somebody else has a pair: it is skipped. */
    g_assert_true(mcp_media_ports_take(same, &address, &other, &error));
    for (guint i = 0; i < 4; i++) {
        g_assert_true(mcp_media_ports_take(ports, &address, &pairs[i], &error));
        g_assert_cmpuint(pairs[i].port % 2, ==, 0);
        g_assert_cmpuint(pairs[i].port, !=, other.port);
        seen |= 1u << (pairs[i].port - 19002) / 2;
    }
    g_assert_cmpuint(seen | 1u << (other.port - 19002) / 2, ==, 31);
    g_assert_false(mcp_media_ports_take(ports, &address, &none, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_clear_error(&error);
    mcp_media_ports_give(same, &other);
    g_assert_true(mcp_media_ports_take(ports, &address, &pairs[4], &error));
    for (guint i = 0; i < 5; i++)
        mcp_media_ports_give(ports, &pairs[i]);
    g_assert_cmpuint(mcp_media_ports_get_used(ports), ==, 0);
    /* An address of nobody is a failure, not a full range. */
    mcp_media_address_set(&address, "192.0.2.1", 0);
    g_assert_false(mcp_media_ports_take(ports, &address, &none, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_FAILED);
}

/* A pair is used again as late as possible. */
static void
test_rotation(void)
{
    g_autoptr(McpMediaPorts) ports = mcp_media_ports_new(19020, 19039, 0);
    g_autoptr(GError) error = NULL;
    struct sockaddr_storage address;
    guint last = 0;

    mcp_media_address_set(&address, "::1", 0);
    for (guint i = 0; i < 30; i++) {
        McpMediaPair pair;

        if (!mcp_media_ports_take(ports, &address, &pair, &error)) {
            g_test_skip("no IPv6 loopback");
            return;
        }
        if (i > 0)
            g_assert_cmpuint(pair.port, ==, last == 19038 ? 19020 : last + 2);
        last = pair.port;
        mcp_media_ports_give(ports, &pair);
    }
}

static void
test_warning(void)
{
    g_autofree char *warning = mcp_media_host_check_ports(20000, 45000, "32768\t60999\n", "\n");
    g_autofree char *reserved =
        mcp_media_host_check_ports(20000, 45000, "32768\t60999\n", "8080,20000-45000\n");
    g_autofree char *apart = mcp_media_host_check_ports(20000, 32767, "32768\t60999\n", "");

    g_assert_nonnull(strstr(warning, "net.ipv4.ip_local_reserved_ports = 20000-45000"));
    g_assert_null(reserved);
    g_assert_null(apart);
}

static void
test_files(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_media_host_raise_files(10, &error));
    if (mcp_media_host_raise_files(1u << 30, &error)) {
        g_test_skip("this process may open as many files as it likes");
        return;
    }
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "4294968320"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/ports/parse", test_parse);
    g_test_add_func("/media/ports/exhaustion", test_exhaustion);
    g_test_add_func("/media/ports/rotation", test_rotation);
    g_test_add_func("/media/ports/warning", test_warning);
    g_test_add_func("/media/ports/files", test_files);
    return g_test_run();
}
