/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The immutable set of the contract of credentials.
 */
#include "harness.h"

static McpCredentialSet *
make_set(const char *name, const char *serial)
{
    g_autoptr(GBytes) chain = g_bytes_new_static("chain", 5);
    g_autoptr(GBytes) key = g_bytes_new_static("key", 3);
    const char *const names[] = {"a.example", NULL};

    return mcp_credential_set_new(&(McpCredentialParts){.name = name,
                                                        .certificates = chain,
                                                        .key = key,
                                                        .serial = serial,
                                                        .expiry = 7,
                                                        .server_names = names});
}

static void
test_set(void)
{
    g_autoptr(McpCredentialSet) set = make_set("x", "01");
    g_autoptr(McpCredentialSet) again = mcp_credential_set_ref(set);
    g_autoptr(McpCredentialSet) empty = mcp_credential_set_new(&(McpCredentialParts){.name = "y"});
    gsize length = 0;

    g_assert_cmpstr(mcp_credential_set_get_name(again), ==, "x");
    g_assert_cmpstr(mcp_credential_set_peek_key(set, &length), ==, "key");
    g_assert_cmpuint(length, ==, 3);
    g_assert_cmpuint(g_bytes_get_size(mcp_credential_set_get_certificates(set)), ==, 5);
    g_assert_cmpstr(mcp_credential_set_get_serial(set), ==, "01");
    g_assert_cmpint(mcp_credential_set_get_expiry(set), ==, 7);
    g_assert_cmpstr(mcp_credential_set_get_server_names(set)[0], ==, "a.example");
    g_assert_null(mcp_credential_set_peek_key(empty, &length));
    g_assert_cmpuint(length, ==, 0);
    g_assert_null(mcp_credential_set_get_certificates(empty));
    g_assert_null(mcp_credential_set_get_authorities(empty));
    g_assert_null(mcp_credential_set_get_revocations(empty));
    g_assert_null(mcp_credential_set_get_server_names(empty)[0]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/credentials/set", test_set);
    return g_test_run();
}
