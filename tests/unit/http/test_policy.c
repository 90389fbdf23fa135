/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address policy: what is never connected to, what a list opens, disguises, own ports.
 */
#include <address_policy.h>

typedef struct {
    const char *address;
    const char *closed; /* verdict without lists */
    const char *open;   /* verdict with everything on the allow list */
} Row;

static const Row rows[] = {
    {"93.184.216.34", NULL, NULL},
    {"2606:2800:220:1::1", NULL, NULL},
    {"169.254.169.254", "link-local", "link-local"},
    {"169.254.1.1", "link-local", "link-local"},
    {"fe80::1", "link-local", "link-local"},
    {"::ffff:169.254.169.254", "link-local", "link-local"},
    {"64:ff9b::a9fe:a9fe", "link-local", "link-local"},
    {"2002:a9fe:a9fe::1", "link-local", "link-local"},
    {"::169.254.169.254", "link-local", "link-local"},
    {"2001:0:1::1", "reserved", "reserved"},
    {"fd00:ec2::254", "metadata", "metadata"},
    {"100.100.100.200", "metadata", "metadata"},
    {"0.0.0.0", "unspecified", "unspecified"},
    {"0.1.2.3", "unspecified", "unspecified"},
    {"::", "unspecified", "unspecified"},
    {"224.0.0.1", "multicast", "multicast"},
    {"ff02::1", "multicast", "multicast"},
    {"255.255.255.255", "reserved", "reserved"},
    {"127.0.0.1", "loopback", NULL},
    {"127.9.9.9", "loopback", NULL},
    {"::1", "loopback", NULL},
    {"::ffff:127.0.0.1", "loopback", NULL},
    {"10.0.0.1", "private", NULL},
    {"172.31.255.255", "private", NULL},
    {"172.32.0.1", NULL, NULL},
    {"192.168.1.1", "private", NULL},
    {"100.64.0.1", "private", NULL},
    {"fd12::1", "private", NULL},
};

static const char *
check(McpHttpAddressPolicy *policy, const char *text, guint16 port)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);

    g_assert_nonnull(address);
    return mcp_http_address_policy_check(policy, address, port, 1);
}

static void
test_rows(void)
{
    const char *all[] = {"0.0.0.0/0", "::/0", NULL};
    g_autoptr(McpHttpAddressPolicy) closed = mcp_http_address_policy_new(NULL, NULL, NULL);
    g_autoptr(McpHttpAddressPolicy) open = mcp_http_address_policy_new(all, NULL, NULL);

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].address);
        g_assert_cmpstr(check(closed, rows[i].address, 80), ==, rows[i].closed);
        g_assert_cmpstr(check(open, rows[i].address, 80), ==, rows[i].open);
    }
}

static void
test_lists(void)
{
    const char *allow[] = {"127.0.0.0/8", "10.1.0.0/16", NULL};
    const char *deny[] = {"10.1.2.0/24", "93.184.216.34", NULL};
    const char *wrong[] = {"10.1.0.0/99", NULL};
    g_autoptr(McpHttpAddressPolicy) policy = mcp_http_address_policy_new(allow, deny, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(check(policy, "10.1.1.1", 80));
    g_assert_cmpstr(check(policy, "10.1.2.1", 80), ==, "denied");
    g_assert_cmpstr(check(policy, "10.2.1.1", 80), ==, "private");
    g_assert_cmpstr(check(policy, "93.184.216.34", 80), ==, "denied");
    g_assert_null(mcp_http_address_policy_new(wrong, NULL, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, "10.1.0.0/99"));
}

static void
test_own_port(void)
{
    const char *allow[] = {"127.0.0.0/8", "::1", NULL};
    g_autoptr(GInetAddress) any = g_inet_address_new_any(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) bound = g_inet_socket_address_new(any, 0);
    g_autoptr(GSocketAddress) local = NULL;
    g_autoptr(GSocket) socket =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
    g_autoptr(McpHttpAddressPolicy) policy = mcp_http_address_policy_new(allow, NULL, NULL);
    guint16 port = 0;

    g_assert_true(g_socket_bind(socket, bound, FALSE, NULL));
    g_assert_true(g_socket_listen(socket, NULL));
    local = g_socket_get_local_address(socket, NULL);
    port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(local));
    g_assert_cmpstr(check(policy, "127.0.0.1", port), ==, "own-port");
    g_assert_cmpstr(check(policy, "::1", port), ==, "own-port");
    g_assert_null(check(policy, "127.0.0.1", port == 80 ? 81 : 80));
    g_assert_null(check(policy, "93.184.216.34", port));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/policy/rows", test_rows);
    g_test_add_func("/http/policy/lists", test_lists);
    g_test_add_func("/http/policy/own-port", test_own_port);
    return g_test_run();
}
