/* SPDX-License-Identifier: Apache-2.0 */
/* How a member of a room is to be, from JSON. */
#include "member_change.h"

#include <mcp/error.h>
#include <string.h>

static gboolean
change(const char *text, McpRoomMember *how, char **out_partner, GError **error)
{
    g_autoptr(GBytes) body = g_bytes_new_static(text, strlen(text));

    return mcp_control_member_change(body, how, out_partner, error);
}

static void
test_properties(void)
{
    McpRoomMember how = {.role = MCP_ROLE_LISTENER, .gain = 3, .deaf = TRUE};
    g_autofree char *partner = g_strdup("anna");
    g_autoptr(GError) error = NULL;

    how.partner = partner;
    g_assert_true(change("{\"muted\":true,\"gain_db\":-6}", &how, &partner, &error));
    g_assert_no_error(error);
    g_assert_true(how.muted && how.deaf);
    g_assert_cmpfloat(how.gain, ==, -6);
    g_assert_cmpint(how.role, ==, MCP_ROLE_LISTENER);
    g_assert_cmpstr(how.partner, ==, "anna");
    g_assert_true(change("{\"deaf\":false,\"volume_db\":1.5,\"role\":\"coach\","
                         "\"partner\":\"berta\"}",
                         &how, &partner, &error));
    g_assert_false(how.deaf);
    g_assert_cmpfloat(how.volume, ==, 1.5);
    g_assert_cmpint(how.role, ==, MCP_ROLE_COACH);
    g_assert_cmpstr(how.partner, ==, "berta");
    g_assert_true(change("{}", &how, &partner, &error));
}

static void
test_faults(void)
{
    static const struct {
        const char *text;
        const char *named;
    } faults[] = {
        {"", "body"},
        {"[]", "body"},
        {"{", "body"},
        {"{\"muted\":1}", "muted"},
        {"{\"deaf\":\"yes\"}", "deaf"},
        {"{\"gain_db\":41}", "gain_db"},
        {"{\"volume_db\":-40.5}", "volume_db"},
        {"{\"gain_db\":\"3\"}", "gain_db"},
        {"{\"role\":\"king\"}", "\"king\""},
        {"{\"role\":null}", "role"},
        {"{\"partner\":\"\"}", "partner"},
        {"{\"loud\":true}", "loud"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        McpRoomMember how = {0};
        g_autofree char *partner = NULL;
        g_autoptr(GError) error = NULL;

        g_assert_false(change(faults[i].text, &how, &partner, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, faults[i].named));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/member-change/properties", test_properties);
    g_test_add_func("/control/member-change/faults", test_faults);
    return g_test_run();
}
