/* SPDX-License-Identifier: Apache-2.0 */
/* Audio in one direction only, by the other side's reports. */
#include "rtp/one_way.h"

typedef struct {
    McpMediaOneWay state;
    McpMediaRtcpReport report;
    guint64 received, sent;
} Line;

static McpMediaOneWayFinding
report(Line *line)
{
    return mcp_media_one_way_note(&line->state, &line->report, line->received, line->sent);
}

/* Five seconds in which both send; what arrives is as said. */
static McpMediaOneWayFinding
pass(Line *line, gboolean arrives_here, gboolean arrives_there)
{
    line->report.packets += 250;
    line->sent += 250;
    line->received += arrives_here ? 250 : 0;
    line->report.has_block |= arrives_there;
    line->report.highest += arrives_there ? 250 : 0;
    return report(line);
}

static void
test_both_ways(void)
{
    Line line = {.report = {.has_sender = TRUE}};

    for (guint i = 0; i < 10; i++)
        g_assert_cmpint(pass(&line, TRUE, TRUE), ==, MCP_MEDIA_ONE_WAY_NONE);
    /* Nobody speaks. */
    for (guint i = 0; i < 10; i++)
        g_assert_cmpint(report(&line), ==, MCP_MEDIA_ONE_WAY_NONE);
}

static void
test_deaf(void)
{
    Line line = {.report = {.has_sender = TRUE}};
    guint found = 0;

    pass(&line, TRUE, TRUE);
    for (guint i = 0; i < 5; i++)
        found += pass(&line, FALSE, TRUE) == MCP_MEDIA_ONE_WAY_DEAF;
    g_assert_cmpuint(found, ==, 1);
    g_assert_cmpint(pass(&line, TRUE, TRUE), ==, MCP_MEDIA_ONE_WAY_NONE);
    for (guint i = 0; i < 5; i++)
        found += pass(&line, FALSE, TRUE) == MCP_MEDIA_ONE_WAY_DEAF;
    g_assert_cmpuint(found, ==, 2);
    /* Receiver reports alone: it does not send, there is nothing that could arrive. */
    line = (Line){0};
    for (guint i = 0; i < 5; i++) {
        line.sent += 250;
        line.report.has_block = TRUE;
        line.report.highest += 250;
        g_assert_cmpint(report(&line), ==, MCP_MEDIA_ONE_WAY_NONE);
    }
}

static void
test_mute(void)
{
    Line line = {.report = {.has_sender = TRUE}};
    guint found = 0;

    pass(&line, TRUE, FALSE);
    for (guint i = 0; i < 5; i++)
        found += pass(&line, TRUE, FALSE) == MCP_MEDIA_ONE_WAY_MUTE;
    g_assert_cmpuint(found, ==, 1);
    g_assert_cmpint(pass(&line, TRUE, TRUE), ==, MCP_MEDIA_ONE_WAY_NONE);
    /* It received before and does so no more. */
    for (guint i = 0; i < 5; i++)
        found += pass(&line, TRUE, FALSE) == MCP_MEDIA_ONE_WAY_MUTE;
    g_assert_cmpuint(found, ==, 2);
    /* One report that crossed our first packets is no proof. */
    pass(&line, TRUE, TRUE);
    g_assert_cmpint(pass(&line, TRUE, FALSE), ==, MCP_MEDIA_ONE_WAY_NONE);
    g_assert_cmpint(pass(&line, TRUE, TRUE), ==, MCP_MEDIA_ONE_WAY_NONE);
}

/* Counters that go back, as after a restart or from somebody hostile. */
static void
test_hostile(void)
{
    Line line = {.report = {.has_sender = TRUE, .packets = 5000000}};

    report(&line);
    line.report.packets = 3;
    g_assert_cmpint(report(&line), ==, MCP_MEDIA_ONE_WAY_NONE);
    line.report.packets = G_MAXUINT32;
    g_assert_cmpint(report(&line), ==, MCP_MEDIA_ONE_WAY_DEAF);
    line.report.packets = 0;
    g_assert_cmpint(report(&line), ==, MCP_MEDIA_ONE_WAY_NONE);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/one-way/both-ways", test_both_ways);
    g_test_add_func("/media/one-way/deaf", test_deaf);
    g_test_add_func("/media/one-way/mute", test_mute);
    g_test_add_func("/media/one-way/hostile", test_hostile);
    return g_test_run();
}
