/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials contract (mcp/contract/credentials.h): sets that never change, changes as new
 * sets, and who is told of them on which thread.
 */
#include "credentials_suite.h"

#include "contract.h"

#include <string.h>

/* What a watcher was told. */
typedef struct {
    guint calls;
    guint destroyed;
    GThread *thread;
    char *serial;
} Told;

static McpCredentials *credentials;

static McpCredentialSet *
get_set(void)
{
    g_autoptr(GError) error = NULL;
    McpCredentialSet *set = mcp_credentials_get(credentials, "x", &error);

    g_assert_no_error(error);
    return set;
}

static void
on_change(McpCredentialSet *set, gpointer user_data)
{
    Told *told = user_data;

    told->thread = g_thread_self();
    g_free(told->serial);
    told->serial = g_strdup(mcp_credential_set_get_serial(set));
    g_atomic_int_inc(&told->calls);
}

static void
on_destroy(gpointer user_data)
{
    g_atomic_int_inc(&((Told *)user_data)->destroyed);
}

/* "NULL with MCP_ERROR_NOT_FOUND when there is no such set" */
static void
test_unknown(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_credentials_get(credentials, "none", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
}

/* "An immutable snapshot; a change is a new snapshot" */
static void
test_snapshot(void)
{
    g_autoptr(McpCredentialSet) before = get_set();
    g_autofree char *serial = g_strdup(mcp_credential_set_get_serial(before));
    g_autoptr(McpCredentialSet) after = NULL;

    g_assert_cmpstr(mcp_credential_set_get_name(before), ==, "x");
    g_assert_nonnull(mcp_credential_set_get_certificates(before));
    g_assert_nonnull(mcp_credential_set_peek_key(before, NULL));
    credentials_provider.change(credentials);
    after = get_set();
    g_assert_cmpstr(mcp_credential_set_get_serial(before), ==, serial);
    g_assert_cmpstr(mcp_credential_set_get_serial(after), !=, serial);
}

static gpointer
get_elsewhere(gpointer data)
{
    g_autoptr(McpCredentialSet) set = get_set();

    return NULL;
}

/* "Any thread." */
static void
test_any_thread(void)
{
    in_thread(get_elsewhere, NULL);
}

/* "@func runs, once for each state that comes into force after this call", never within it. */
static void
test_watch(void)
{
    Told told = {0};
    Told other = {0};
    guint id = mcp_credentials_watch(credentials, "x", NULL, on_change, &told, on_destroy);
    guint none = mcp_credentials_watch(credentials, "y", NULL, on_change, &other, on_destroy);
    g_autoptr(McpCredentialSet) set = NULL;

    g_assert_cmpuint(id, !=, 0);
    g_assert_cmpuint(id, !=, none);
    settle(20);
    g_assert_cmpuint(told.calls, ==, 0);
    credentials_provider.change(credentials);
    g_assert_cmpuint(told.calls, ==, 0);
    wait_count(&told.calls, 1, "news of the change");
    set = get_set();
    g_assert_cmpstr(told.serial, ==, mcp_credential_set_get_serial(set));
    g_assert_true(told.thread == g_thread_self());
    settle(20);
    g_assert_cmpuint(told.calls, ==, 1);
    g_assert_cmpuint(other.calls, ==, 0);
    mcp_credentials_unwatch(credentials, id);
    mcp_credentials_unwatch(credentials, none);
    wait_count(&told.destroyed, 1, "the end of a watch");
    wait_count(&other.destroyed, 1, "the end of a watch");
    g_free(told.serial);
}

/* "Called on the context of the watch, @func is certain not to run any more" */
static void
test_unwatch(void)
{
    Told told = {0};
    guint id = mcp_credentials_watch(credentials, "x", NULL, on_change, &told, on_destroy);

    credentials_provider.change(credentials);
    mcp_credentials_unwatch(credentials, id);
    settle(20);
    g_assert_cmpuint(told.calls, ==, 0);
    g_assert_cmpuint(told.destroyed, ==, 1);
    mcp_credentials_unwatch(credentials, id);
    g_assert_cmpuint(told.destroyed, ==, 1);
}

/* "@context: where @func runs" */
static void
test_context(void)
{
    Told told = {0};
    guint id =
        mcp_credentials_watch(credentials, "x", shard_context(), on_change, &told, on_destroy);

    credentials_provider.change(credentials);
    wait_count(&told.calls, 1, "news on another thread");
    g_assert_true(told.thread != g_thread_self());
    mcp_credentials_unwatch(credentials, id);
    wait_count(&told.destroyed, 1, "the end of a watch");
    g_free(told.serial);
}

#define ADD(name, func) g_test_add_func("/contract/credentials/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    credentials = credentials_provider.open();
    ADD("unknown", test_unknown);
    ADD("snapshot", test_snapshot);
    ADD("any-thread", test_any_thread);
    ADD("watch", test_watch);
    ADD("unwatch", test_unwatch);
    ADD("context", test_context);
    result = g_test_run();
    credentials_provider.close(credentials);
    shard_end();
    return result;
}
