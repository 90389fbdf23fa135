/* SPDX-License-Identifier: Apache-2.0 */
/* Seats in rooms, and what members hear of each other. */
#include "attendance.h"

#include <mcp/error.h>

typedef struct {
    guint entered, came, left;
    gboolean ends;
    char *user;
} Heard;

static void
on_notice(const McpNotice *notice, gpointer user_data)
{
    Heard *heard = user_data;

    if (notice->type == MCP_NOTICE_ENTERED) {
        heard->entered++;
        g_free(heard->user);
        heard->user = g_strdup(notice->user);
    }
    heard->came += notice->type == MCP_NOTICE_MODERATOR_CAME;
    heard->left += notice->type == MCP_NOTICE_MODERATOR_LEFT;
    if (notice->type == MCP_NOTICE_MODERATOR_LEFT)
        heard->ends = notice->ends;
}

static void
deliver(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static McpSeat *
take(McpAttendance *attendance, const char *call_id, guint max_members, gboolean moderator)
{
    const McpSeatParams params = {.room = "den",
                                  .call_id = call_id,
                                  .user = call_id,
                                  .max_members = max_members,
                                  .moderator = moderator,
                                  .ends = moderator};
    g_autoptr(GError) error = NULL;
    McpSeat *seat = mcp_attendance_take_seat(attendance, &params, &error);

    if (seat == NULL)
        g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    return seat;
}

/* A seat counts from when it is taken: two calls that are answered at once do not share one. */
static void
test_full(void)
{
    McpAttendance *attendance = mcp_attendance_new();
    McpSeat *first = take(attendance, "a", 2, FALSE);
    McpSeat *second = take(attendance, "b", 2, FALSE);

    g_assert_null(take(attendance, "c", 2, FALSE));
    /* Who is first says how many. */
    g_assert_null(take(attendance, "c", 0, FALSE));
    mcp_seat_leave(first);
    first = take(attendance, "c", 2, FALSE);
    g_assert_nonnull(first);
    mcp_seat_leave(first);
    mcp_seat_leave(second);
    /* The room is gone, and its limit with it. */
    first = take(attendance, "a", 1, FALSE);
    g_assert_null(take(attendance, "b", 2, FALSE));
    mcp_seat_leave(first);
    mcp_attendance_unref(attendance);
}

static void
test_counts(void)
{
    McpAttendance *attendance = mcp_attendance_new();
    McpSeat *first = take(attendance, "a", 0, FALSE);
    McpSeat *second = take(attendance, "b", 0, FALSE);
    Heard heard = {0};
    Heard other = {0};
    guint peak = 0;
    g_autofree char *found = NULL;
    g_auto(GStrv) others = NULL;

    g_assert_false(mcp_seat_enter(first, on_notice, &heard));
    g_assert_cmpuint(mcp_seat_count(first, &peak), ==, 1);
    g_assert_cmpuint(peak, ==, 1);
    g_assert_null(mcp_seat_find(first, "b"));
    mcp_seat_enter(second, on_notice, &other);
    deliver();
    g_assert_cmpuint(heard.entered, ==, 1);
    g_assert_cmpstr(heard.user, ==, "b");
    g_assert_cmpuint(other.entered, ==, 0);
    found = mcp_seat_find(first, "b");
    g_assert_cmpstr(found, ==, "b");
    others = mcp_seat_list_others(first);
    g_assert_cmpuint(g_strv_length(others), ==, 1);
    mcp_seat_leave(second);
    g_assert_cmpuint(mcp_seat_count(first, &peak), ==, 1);
    g_assert_cmpuint(peak, ==, 2);
    g_assert_true(mcp_seat_toggle_all_muted(first));
    g_assert_true(mcp_seat_is_all_muted(first));
    g_assert_false(mcp_seat_toggle_all_muted(first));
    mcp_seat_leave(first);
    mcp_attendance_unref(attendance);
    g_free(heard.user);
}

/* The first that comes and the last that goes are told; who has left hears nothing more. */
static void
test_moderators(void)
{
    McpAttendance *attendance = mcp_attendance_new();
    McpSeat *guest = take(attendance, "guest", 0, FALSE);
    McpSeat *gone = take(attendance, "gone", 0, FALSE);
    McpSeat *first = take(attendance, "first", 0, TRUE);
    McpSeat *second = take(attendance, "second", 0, TRUE);
    Heard heard = {0};
    Heard of_gone = {0};
    Heard of_first = {0};
    Heard of_second = {0};

    g_assert_false(mcp_seat_enter(guest, on_notice, &heard));
    mcp_seat_enter(gone, on_notice, &of_gone);
    deliver();
    g_assert_true(mcp_seat_enter(first, on_notice, &of_first));
    mcp_seat_leave(gone);
    deliver();
    g_assert_cmpuint(of_gone.entered + of_gone.came, ==, 0);
    g_assert_cmpuint(heard.came, ==, 1);
    g_assert_true(mcp_seat_enter(second, on_notice, &of_second));
    mcp_seat_leave(first);
    deliver();
    g_assert_cmpuint(heard.came, ==, 1);
    g_assert_cmpuint(heard.left, ==, 0);
    mcp_seat_leave(second);
    deliver();
    g_assert_cmpuint(heard.left, ==, 1);
    g_assert_true(heard.ends);
    mcp_seat_leave(guest);
    mcp_attendance_unref(attendance);
    g_free(heard.user);
    g_free(of_first.user);
    g_free(of_second.user);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conference/attendance/full", test_full);
    g_test_add_func("/conference/attendance/counts", test_counts);
    g_test_add_func("/conference/attendance/moderators", test_moderators);
    return g_test_run();
}
