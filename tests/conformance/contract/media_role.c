/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who hears whom in a room of the media contract (mcp/contract/room.h): roles, muting, prompts, the
 * floor.
 */
#include "contract.h"
#include "media_company.h"
#include "media_room.h"

#include <mcp/error.h>
#include <string.h>

enum { A, B, C, N };

typedef struct {
    MediaLog logs[N];
    McpRoom *room;
    RoomLog room_log;
} Company;

static const char *
name_of(Company *company, guint at)
{
    return media_provider.call_id(company->logs[at].leg);
}

static void
company_open(Company *company, const McpRoomMember *first)
{
    company->room = room_open(&(McpRoomParams){0});
    room_listen(company->room, &company->room_log);
    for (guint i = 0; i < N; i++)
        media_log_connect(&company->logs[i]);
    for (guint i = N; i-- > 0;)
        room_join(company->room, company->logs[i].leg, i == A ? first : &(McpRoomMember){0});
}

static void
company_close(Company *company)
{
    for (guint i = 0; i < N; i++)
        media_log_drop(&company->logs[i]);
    g_assert_finalize_object(company->room);
}

static void
check_hears(Company *company, guint from, guint to, gboolean wanted)
{
    company_check_hears(company->logs[from].leg, company->logs[to].leg, wanted);
}

static void
change(Company *company, guint at, const McpRoomMember *member)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_room_change_member(company->room, name_of(company, at), member, &error));
    g_assert_no_error(error);
}

/* "legs that hear each other, each all others but itself" */
static void
test_talkers(void)
{
    Company company;

    company_open(&company, &(McpRoomMember){.role = MCP_ROLE_MODERATOR});
    check_hears(&company, A, B, TRUE);
    check_hears(&company, A, C, TRUE);
    check_hears(&company, C, A, TRUE);
    check_hears(&company, A, A, FALSE);
    mcp_leg_leave(company.logs[B].leg);
    check_hears(&company, A, B, FALSE);
    check_hears(&company, B, A, FALSE);
    check_hears(&company, A, C, TRUE);
    company_close(&company);
}

/* "hears all, is heard by none" */
static void
test_listener(void)
{
    Company company;

    company_open(&company, &(McpRoomMember){.role = MCP_ROLE_LISTENER});
    check_hears(&company, B, A, TRUE);
    check_hears(&company, A, B, FALSE);
    company_close(&company);
}

/* "hears all, is heard by its partner alone"; "hears its partner alone, …" */
static void
test_partners(void)
{
    Company company;
    McpRoomMember how = {0};
    McpRoomMember with = {.role = MCP_ROLE_WHISPERER};

    company_open(&company, &(McpRoomMember){0});
    with.partner = name_of(&company, B);
    change(&company, A, &with);
    g_assert_true(mcp_room_get_member(company.room, name_of(&company, A), &how));
    g_assert_cmpint(how.role, ==, MCP_ROLE_WHISPERER);
    g_assert_cmpstr(how.partner, ==, name_of(&company, B));
    check_hears(&company, A, B, TRUE);
    check_hears(&company, A, C, FALSE);
    check_hears(&company, B, A, TRUE);
    check_hears(&company, C, A, FALSE);
    with.role = MCP_ROLE_COACH;
    change(&company, A, &with);
    check_hears(&company, A, B, TRUE);
    check_hears(&company, A, C, FALSE);
    check_hears(&company, C, A, TRUE);
    company_close(&company);
}

/* "nobody hears it"; "it hears nothing" */
static void
test_muted(void)
{
    Company company;

    company_open(&company, &(McpRoomMember){.muted = TRUE});
    check_hears(&company, A, B, FALSE);
    check_hears(&company, B, A, TRUE);
    change(&company, A, &(McpRoomMember){.deaf = TRUE});
    check_hears(&company, A, B, TRUE);
    check_hears(&company, B, A, FALSE);
    /* "dB, of what it says"; "dB, of what it hears" */
    change(&company, A, &(McpRoomMember){.gain = -MCP_ROOM_GAIN_MAX});
    check_hears(&company, A, B, FALSE);
    change(&company, A, &(McpRoomMember){.volume = -MCP_ROOM_GAIN_MAX});
    check_hears(&company, B, A, FALSE);
    change(&company, A, &(McpRoomMember){0});
    check_hears(&company, A, B, TRUE);
    company_close(&company);
}

/* "While it plays a prompt it hears that instead." */
static void
test_prompt(void)
{
    const McpPlayItem item = {.kind = MCP_PLAY_SILENCE, .duration = 1500000};
    Company company;

    company_open(&company, &(McpRoomMember){0});
    mcp_leg_play(company.logs[A].leg, &item, 1);
    check_hears(&company, B, A, FALSE);
    g_assert_cmpuint(company.logs[A].ended, ==, 0);
    check_hears(&company, B, C, TRUE);
    wait_count(&company.logs[A].ended, 1, "PLAYBACK_ENDED");
    check_hears(&company, B, A, TRUE);
    company_close(&company);
}

/* "@member speaks now, louder than all others; "": nobody" */
static void
test_floor(void)
{
    Company company;
    guint rounds = 0;

    company_open(&company, &(McpRoomMember){0});
    g_assert_cmpstr(company.room_log.speaker, ==, "");
    for (; rounds < 500 && company.room_log.speaker[0] == '\0'; rounds++) {
        media_provider.say(company.logs[B].leg);
        settle(20);
    }
    g_assert_cmpstr(company.room_log.speaker, ==, name_of(&company, B));
    for (rounds = 0; rounds < 500 && company.room_log.speaker[0] != '\0'; rounds++)
        settle(20);
    g_assert_cmpstr(company.room_log.speaker, ==, "");
    company_close(&company);
}

/* "one handler a handle; NULL for none" */
static void
test_handler(void)
{
    Company company;

    company_open(&company, &(McpRoomMember){0});
    wait_count(&company.room_log.joined, N, "JOINED");
    mcp_room_set_handler(company.room, NULL, NULL);
    mcp_leg_leave(company.logs[A].leg);
    settle(100);
    g_assert_cmpuint(company.room_log.left, ==, 0);
    company_close(&company);
}

static void
test_names(void)
{
    for (McpRoomRole role = MCP_ROLE_TALKER; role < MCP_N_ROLES; role++) {
        McpRoomRole parsed = MCP_N_ROLES;

        g_assert_true(mcp_room_role_parse(mcp_room_role_name(role), &parsed));
        g_assert_cmpint(parsed, ==, role);
        /* "FALSE when @name is no role" */
        g_assert_false(mcp_room_role_parse("nobody", &parsed));
        g_assert_cmpint(parsed, ==, role);
    }
}

void
media_role_add(void)
{
    g_test_add_func("/media/room/talkers", test_talkers);
    g_test_add_func("/media/room/listener", test_listener);
    g_test_add_func("/media/room/partners", test_partners);
    g_test_add_func("/media/room/muted", test_muted);
    g_test_add_func("/media/room/prompt", test_prompt);
    g_test_add_func("/media/room/floor", test_floor);
    g_test_add_func("/media/room/handler", test_handler);
    g_test_add_func("/media/room/names", test_names);
}
