/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures of quality: bursts and gaps of loss, the E-model, and the VoIP metrics block of RTCP XR.
 */
#include "rtp/quality.h"

#include "rtp/bursts.h"
#include "rtp/rtcp.h"
#include <math.h>
#include <string.h>

/* Loss that comes alone belongs to gaps; five of six in a row are a burst. */
static void
test_bursts(void)
{
    McpMediaBursts alone = {0};
    McpMediaBursts bursty = {0};
    McpMediaBursts none = {0};
    McpMediaBurstReport report;

    for (guint i = 0; i < 1000; i++) {
        mcp_media_bursts_note(&none, 0);
        mcp_media_bursts_note(&alone, i % 50 == 49 ? 1 : 0);
        mcp_media_bursts_note(&bursty, i % 100 == 99 ? 5 : 0);
    }
    mcp_media_bursts_report(&none, 20, &report);
    g_assert_cmpuint(report.burst_density, ==, 0);
    g_assert_cmpuint(report.gap_density, ==, 0);
    g_assert_cmpuint(report.gap_ms, ==, 20000);
    mcp_media_bursts_report(&alone, 20, &report);
    g_assert_cmpuint(report.burst_ms, <=, 20 * 2);
    g_assert_cmpuint(report.gap_density, >=, 4);
    g_assert_cmpuint(report.gap_density, <=, 6);
    mcp_media_bursts_report(&bursty, 20, &report);
    g_assert_cmpuint(report.burst_density, >=, 250);
    g_assert_cmpuint(report.burst_ms, >=, 80);
    g_assert_cmpuint(report.burst_ms, <=, 120);
    g_assert_cmpuint(report.gap_ms, >=, 1900);
    g_assert_cmpuint(report.gap_ms, <=, 2100);
    /* Hours of loss are no reason to count for hours. */
    mcp_media_bursts_note(&none, G_MAXUINT);
}

static void
test_model(void)
{
    McpMediaQualityInput input = {.codec = MCP_MEDIA_CODEC_PCMU};
    double r = mcp_media_quality_r(&input);
    double before = r;

    /* ITU-T G.107: the default values give R = 93.2 and a score of 4.41. */
    g_assert_cmpfloat(fabs(r - 93.2), <, 0.01);
    g_assert_cmpfloat(fabs(mcp_media_quality_mos(r) - 4.41), <, 0.01);
    g_assert_cmpfloat(fabs(mcp_media_quality_mos(50) - 2.58), <, 0.01);
    g_assert_cmpfloat(mcp_media_quality_mos(0), ==, 1);
    for (guint percent = 1; percent <= 100; percent++) {
        input.loss = percent / 100.0;
        r = mcp_media_quality_r(&input);
        g_assert_cmpfloat(r, <, before);
        before = r;
    }
    g_assert_cmpfloat(mcp_media_quality_mos(r), <, 2);
    input.loss = 0;
    input.delay_ms = 400;
    g_assert_cmpfloat(mcp_media_quality_mos(mcp_media_quality_r(&input)), <, 3.5);
    input.delay_ms = 0;
    input.codec = MCP_MEDIA_CODEC_GSM;
    g_assert_cmpfloat(mcp_media_quality_mos(mcp_media_quality_r(&input)), <, 3.8);
}

static void
test_voip_block(void)
{
    const McpMediaVoipMetrics voip = {
        .loss_rate = 12, .r = 77, .mos_lq = 41, .mos_cq = 39, .round_trip_ms = 120};
    const McpMediaRtcpSender sender = {.ssrc = 11,
                                       .cname = "a@b",
                                       .is_sender = TRUE,
                                       .has_block = TRUE,
                                       .source = 22,
                                       .voip = &voip};
    _Alignas(8) guint8 data[MCP_MEDIA_RTCP_MAX];
    gsize length = mcp_media_rtcp_write(&sender, data);
    McpMediaRtcpReport report;

    g_assert_true(mcp_media_rtcp_parse(data, length, 22, FALSE, &report));
    g_assert_true(report.has_voip);
    g_assert_cmpuint(report.voip_r, ==, 77);
    g_assert_cmpuint(report.voip_mos, ==, 39);
    g_assert_true(mcp_media_rtcp_parse(data, length, 23, FALSE, &report));
    g_assert_false(report.has_voip);
    /* The XR alone: only where reduced size was agreed upon. The report is 52 bytes, SDES 16. */
    g_assert_cmpuint(data[52 + 16 + 1], ==, 207);
    g_assert_false(mcp_media_rtcp_parse(data + 68, length - 68, 22, FALSE, &report));
    g_assert_true(mcp_media_rtcp_parse(data + 68, length - 68, 22, TRUE, &report));
    g_assert_true(report.has_voip);
    /* A block that says it is longer than its packet. */
    data[68 + 10] = 0xff;
    g_assert_true(mcp_media_rtcp_parse(data, length, 22, FALSE, &report));
    g_assert_false(report.has_voip);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/quality/bursts", test_bursts);
    g_test_add_func("/media/quality/model", test_model);
    g_test_add_func("/media/quality/voip-block", test_voip_block);
    return g_test_run();
}
