/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which address a leg binds to and which one it tells, for each way to configure it.
 */
#include "service.h"

static McpMediaHostInterface interfaces[] = {
    {(char *)"192.0.2.1", (char *)"198.51.100.1"},
    {(char *)"192.0.2.2", NULL},
    {(char *)"2001:db8::1", NULL},
};

static void
expect(const McpMediaConfig *config, const char *local, gboolean ipv6, const char *bind_address,
       const char *advertised)
{
    g_autofree char *chosen = NULL;
    g_autofree char *told = NULL;

    mcp_media_config_choose_address(config, local, ipv6, &chosen, &told);
    g_assert_cmpstr(chosen, ==, bind_address);
    g_assert_cmpstr(told, ==, advertised);
}

static void
test_automatic(void)
{
    const McpMediaConfig config = {0};
    g_autofree char *chosen = NULL;
    g_autofree char *told = NULL;

    expect(&config, "127.0.0.1", FALSE, "127.0.0.1", "127.0.0.1");
    expect(&config, "[::1]", FALSE, "::1", "::1");
    /* A listener on all addresses: some address of the host, never the wildcard. */
    mcp_media_config_choose_address(&config, "0.0.0.0", FALSE, &chosen, &told);
    g_assert_cmpstr(chosen, !=, "0.0.0.0");
    g_assert_cmpstr(chosen, ==, told);
}

static void
test_interfaces(void)
{
    const McpMediaConfig config = {.interfaces = interfaces, .n_interfaces = 3};

    expect(&config, "192.0.2.1", FALSE, "192.0.2.1", "198.51.100.1");
    expect(&config, "192.0.2.2", FALSE, "192.0.2.2", "192.0.2.2");
    expect(&config, "[2001:DB8::1]", FALSE, "2001:db8::1", "2001:db8::1");
    expect(&config, "0.0.0.0", FALSE, "192.0.2.1", "198.51.100.1");
    expect(&config, "::", FALSE, "2001:db8::1", "2001:db8::1");
    expect(&config, NULL, TRUE, "2001:db8::1", "2001:db8::1");
    expect(&config, "127.0.0.1", FALSE, "127.0.0.1", "127.0.0.1");
}

static void
test_fixed(void)
{
    const McpMediaConfig config = {.address = (char *)"192.0.2.9",
                                   .advertised = (char *)"203.0.113.5"};

    expect(&config, "127.0.0.1", FALSE, "192.0.2.9", "203.0.113.5");
    expect(&config, NULL, FALSE, "192.0.2.9", "203.0.113.5");
    /* The other family is not concerned. */
    expect(&config, "::1", FALSE, "::1", "::1");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/addresses/automatic", test_automatic);
    g_test_add_func("/media/addresses/interfaces", test_interfaces);
    g_test_add_func("/media/addresses/fixed", test_fixed);
    return g_test_run();
}
