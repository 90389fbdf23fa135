/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of rooms and bridges: what they are without any, with all, and which are refused.
 */
#include "params.h"

#include <mcp/error.h>
#include <string.h>

/* @data: "name=value" words, NULL-terminated. */
static const char *
lookup(const char *name, gconstpointer data)
{
    const char *const *words = data;

    for (guint i = 0; words[i] != NULL; i++) {
        if (g_str_has_prefix(words[i], name) && words[i][strlen(name)] == '=')
            return words[i] + strlen(name) + 1;
    }
    return NULL;
}

static void
test_room_defaults(void)
{
    const char *const none[] = {NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpConferenceParams) params = mcp_conference_params_parse(lookup, none, &error);

    g_assert_no_error(error);
    g_assert_null(params->room);
    g_assert_cmpint(params->role, ==, MCP_ROLE_TALKER);
    g_assert_cmpuint(params->of_room.rate, ==, 8000);
    g_assert_cmpuint(params->of_room.max_members, ==, 0);
    g_assert_true(params->of_room.tones && params->of_room.clamp_digits && params->commands);
    g_assert_false(params->muted || params->end_with_moderator || params->wait_for_moderator);
}

static void
test_room(void)
{
    const char *const words[] = {"room=board",
                                 "role=coach",
                                 "partner=anna",
                                 "muted=yes",
                                 "rate=16000",
                                 "loudest=3",
                                 "max_members=20",
                                 "tones=no",
                                 "clamp_digits=no",
                                 "gain=-6.5",
                                 "volume=3",
                                 "commands=no",
                                 "hold_audio=http://a.example/hold.wav",
                                 "end_with_moderator=yes",
                                 "wait_for_moderator=yes",
                                 NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpConferenceParams) params = mcp_conference_params_parse(lookup, words, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(params->room, ==, "board");
    g_assert_cmpint(params->role, ==, MCP_ROLE_COACH);
    g_assert_cmpstr(params->partner, ==, "anna");
    g_assert_cmpuint(params->of_room.rate, ==, 16000);
    g_assert_cmpuint(params->of_room.loudest, ==, 3);
    g_assert_cmpuint(params->of_room.max_members, ==, 20);
    g_assert_false(params->of_room.tones || params->of_room.clamp_digits || params->commands);
    g_assert_cmpfloat(params->gain, ==, -6.5);
    g_assert_cmpfloat(params->volume, ==, 3);
    g_assert_true(params->muted && params->end_with_moderator && params->wait_for_moderator);
    g_assert_cmpstr(params->hold_audio, ==, "http://a.example/hold.wav");
}

/* The fault names the parameter and what it was. */
static void
test_room_faults(void)
{
    static const char *const faults[] = {
        "role=king",   "role=coach", "muted=1",          "rate=11025",   "loudest=-1",
        "gain=41",     "gain=nan",   "volume=loud",      "volume=",      "max_members=many",
        "tones=maybe", "room=",      "hold_audio=not a", "commands=Yes", "rate=0",
    };

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        const char *const words[] = {faults[i], NULL};
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_conference_params_parse(lookup, words, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, faults[i]));
    }
}

static void
test_bridge(void)
{
    const char *const words[] = {"target=sip:{user}@pbx.example", "ring_timeout=2.5s",
                                 "codecs=PCMU PCMA", "from=sip:desk@us.example", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpBridgeParams) params = mcp_bridge_params_parse(lookup, words, &error);
    g_autofree char *target = NULL;

    g_assert_no_error(error);
    g_assert_cmpint(params->ring_timeout, ==, 2500 * G_TIME_SPAN_MILLISECOND);
    g_assert_cmpuint(g_strv_length(params->codecs), ==, 2);
    g_assert_cmpstr(params->from, ==, "sip:desk@us.example");
    target = mcp_bridge_params_get_target(params, "a@b;c d", &error);
    g_assert_cmpstr(target, ==, "sip:a%40b%3Bc%20d@pbx.example");
}

static void
test_number(void)
{
    const char *const words[] = {"target=tel:{user}", "gateway=gw.example:5070", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpBridgeParams) params = mcp_bridge_params_parse(lookup, words, &error);
    g_autofree char *target = NULL;

    g_assert_no_error(error);
    target = mcp_bridge_params_get_target(params, "+4930#1", &error);
    g_assert_cmpstr(target, ==, "sip:+4930%231@gw.example:5070;user=phone");
    g_assert_null(mcp_bridge_params_get_target(params, "+49x@evil", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_null(mcp_bridge_params_get_target(params, "", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
}

static void
test_bridge_faults(void)
{
    static const char *const faults[][3] = {
        {NULL},
        {"target=http://a"},
        {"target=tel:1"},
        {"target=sip:a@b", "ring_timeout=soon"},
        {"target=sip:a@b", "ring_timeout=0s"},
        {"target=sip:a@b", "ring_timeout=3m"},
        {"target=sip:a@b", "from=anna"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_bridge_params_parse(lookup, faults[i], &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conference/params/room-defaults", test_room_defaults);
    g_test_add_func("/conference/params/room", test_room);
    g_test_add_func("/conference/params/room-faults", test_room_faults);
    g_test_add_func("/conference/params/bridge", test_bridge);
    g_test_add_func("/conference/params/number", test_number);
    g_test_add_func("/conference/params/bridge-faults", test_bridge_faults);
    return g_test_run();
}
