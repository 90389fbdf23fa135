/* SPDX-License-Identifier: Apache-2.0 */
/* Where a master may be, and one that is asked whether it is there. */
#include "master.h"

#include <mcp/error.h>

static void
test_check(void)
{
    static const char *const good[] = {"tcp:localhost:1705", "tcp:127.0.0.1:705", "tcp:[::1]:705",
                                       "unix:/var/agentx/master"};
    static const char *const bad[] = {"",        "localhost:1705", "tcp:localhost",
                                      "tcp:",    "udp:h:705",      "unix:relative",
                                      "tcp:h:0", "tcp:h:70500"};

    for (guint i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(mcp_snmp_master_check(good[i], NULL));
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(mcp_snmp_master_check(bad[i], &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

static void
test_probe(void)
{
    g_autoptr(GSocketListener) listener = g_socket_listener_new();
    guint port = g_socket_listener_add_any_inet_port(listener, NULL, NULL);
    g_autofree char *text = g_strdup_printf("tcp:127.0.0.1:%u", port);
    g_autofree char *there = mcp_snmp_master_probe(text, NULL, NULL);
    g_autofree char *away = NULL;
    g_autoptr(GCancellable) cancelled = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) stopped = NULL;

    g_assert_cmpstr(there, ==, text);
    g_cancellable_cancel(cancelled);
    g_assert_null(mcp_snmp_master_probe(text, cancelled, &stopped));
    g_assert_error(stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_socket_listener_close(listener);
    away = mcp_snmp_master_probe(text, NULL, &error);
    g_assert_null(away);
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/snmp/master/check", test_check);
    g_test_add_func("/snmp/master/probe", test_probe);
    return g_test_run();
}
