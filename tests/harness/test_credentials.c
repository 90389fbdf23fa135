/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of credentials: the immutable set, providers that lack a slot, and the fake.
 */
#include "harness.h"

#include <mcp/error.h>

/* A provider of nothing. */
#define BARE_TYPE (bare_get_type())
G_DECLARE_FINAL_TYPE(Bare, bare, BARE, PROVIDER, GObject)

struct _Bare {
    GObject parent_instance;
};

static void
bare_iface_init(McpCredentialsInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE(Bare, bare, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_CREDENTIALS, bare_iface_init))

static void
bare_class_init(BareClass *klass)
{
}

static void
bare_init(Bare *self)
{
}

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

static void
note(McpCredentialSet *set, gpointer user_data)
{
    g_string_append(user_data, mcp_credential_set_get_serial(set));
}

static void
note_end(gpointer user_data)
{
    g_string_append(user_data, "end");
}

static void
test_missing_slots(void)
{
    g_autoptr(Bare) bare = g_object_new(BARE_TYPE, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) told = g_string_new(NULL);

    g_assert_null(mcp_credentials_get(MCP_CREDENTIALS(bare), "x", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    g_assert_cmpuint(mcp_credentials_watch(MCP_CREDENTIALS(bare), "x", NULL, note, told, note_end),
                     ==, 0);
    g_assert_cmpstr(told->str, ==, "end");
    mcp_credentials_unwatch(MCP_CREDENTIALS(bare), 0);
    mcp_credentials_unwatch(MCP_CREDENTIALS(bare), 1);
}

static void
test_fake(void)
{
    g_autoptr(FakeCredentials) fake = fake_credentials_new();
    McpCredentials *credentials = MCP_CREDENTIALS(fake);
    g_autoptr(McpCredentialSet) first = make_set("x", "1");
    g_autoptr(McpCredentialSet) second = make_set("x", "2");
    g_autoptr(McpCredentialSet) got = NULL;
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    guint id = mcp_credentials_watch(credentials, "x", NULL, note, told, note_end);

    g_assert_null(mcp_credentials_get(credentials, "x", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
    fake_credentials_put(fake, first);
    g_assert_cmpstr(told->str, ==, "");
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    fake_credentials_put(fake, second);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpstr(told->str, ==, "12");
    got = mcp_credentials_get(credentials, "x", NULL);
    g_assert_true(got == second);
    mcp_credentials_unwatch(credentials, id);
    fake_credentials_put(fake, first);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpstr(told->str, ==, "12end");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/credentials/set", test_set);
    g_test_add_func("/credentials/missing-slots", test_missing_slots);
    g_test_add_func("/credentials/fake", test_fake);
    return g_test_run();
}
