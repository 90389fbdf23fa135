/* SPDX-License-Identifier: Apache-2.0 */
/* The operator is told once that legs have run out, and again when that happens again. */
#include "fixture.h"

#include <mcp/alert.h>
#include <mcp/error.h>

#define LEGS 3

static void
allow_few(McpMediaConfig *config)
{
    config->max_legs = LEGS;
}

static void
on_alert(McpEvent *event, guint dropped, gpointer user_data)
{
    g_assert_cmpstr(mcp_event_get_what(event), ==, "ports-exhausted");
    g_assert_true(g_str_has_prefix(mcp_event_get_string(event, "text"), "all 3 legs are in use"));
    (*(guint *)user_data)++;
}

static McpLeg *
make_leg(Platform *platform, GError **error)
{
    const McpLegParams params = {.local_address = "127.0.0.1"};

    return mcp_media_create_leg(MCP_MEDIA(platform->service), &params, error);
}

static void
refuse_one(Platform *platform)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(make_leg(platform, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

static void
test_exhausted(void)
{
    g_autoptr(McpEvents) events = g_object_new(MCP_TYPE_EVENTS, NULL);
    McpLeg *legs[LEGS];
    guint alerts = 0;
    guint id = mcp_events_subscribe(events, 1u << MCP_EVENT_ALERT, 100, on_alert, &alerts);
    Platform platform;

    platform_open_changed(&platform, allow_few);
    mcp_media_service_set_events(platform.service, events);
    for (guint i = 0; i < LEGS; i++)
        g_assert_nonnull(legs[i] = make_leg(&platform, NULL));
    refuse_one(&platform);
    refuse_one(&platform);
    wait_until(&alerts, 1, 10);
    close_leg(&platform, legs[0]);
    g_assert_nonnull(legs[0] = make_leg(&platform, NULL));
    g_assert_cmpuint(alerts, ==, 1);
    refuse_one(&platform);
    wait_until(&alerts, 2, 10);
    for (guint i = 0; i < LEGS; i++)
        close_leg(&platform, legs[i]);
    g_assert_cmpuint(alerts, ==, 2);
    mcp_events_unsubscribe(events, id);
    platform_close(&platform);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/exhausted", test_exhausted);
    return g_test_run();
}
