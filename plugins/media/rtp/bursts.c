/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bursts and gaps of packet loss (RFC 3611 appendix A.2). Media worker.
 */
#include "bursts.h"

/* A longer loss is no loss any more but another stream. */
#define LOST_MAX 3000

static void
note_lost(McpMediaBursts *self)
{
    if (self->packets >= MCP_MEDIA_BURST_GMIN) {
        if (self->lost == 1)
            self->c14++;
        else
            self->c13++;
        self->lost = 1;
        self->c11 += self->packets;
    } else {
        self->lost++;
        if (self->packets == 0) {
            self->c33++;
        } else {
            self->c23++;
            self->c22 += self->packets - 1;
        }
    }
    self->packets = 0;
}

void
mcp_media_bursts_note(McpMediaBursts *bursts, guint lost)
{
    for (guint i = 0; i < MIN(lost, LOST_MAX); i++)
        note_lost(bursts);
    bursts->packets++;
}

static guint16
to_ms(double packets, guint packet_ms)
{
    return (guint16)CLAMP(packets * packet_ms, 0, 65535);
}

void
mcp_media_bursts_report(const McpMediaBursts *bursts, guint packet_ms,
                        McpMediaBurstReport *out_report)
{
    /* What came since the last loss is part of a gap, if it is long enough to be one. */
    guint64 c11 = bursts->c11 + (bursts->packets >= MCP_MEDIA_BURST_GMIN ? bursts->packets : 0);
    double c31 = (double)bursts->c13;
    double c32 = (double)bursts->c23;
    double c33 = (double)bursts->c33;
    double in_gaps = (double)(c11 + bursts->c14 + bursts->c13);
    double in_bursts = (double)(bursts->c22 + bursts->c23) + c31 + c32 + c33;
    double p32 = c31 + c32 + c33 > 0 ? c32 / (c31 + c32 + c33) : 0;
    double p23 = bursts->c22 + bursts->c23 < 1
                     ? 1
                     : 1 - (double)bursts->c22 / (double)(bursts->c22 + bursts->c23);

    *out_report = (McpMediaBurstReport){0};
    if (c11 + bursts->c14 > 0)
        out_report->gap_density =
            (guint8)MIN(256 * (double)bursts->c14 / (double)(c11 + bursts->c14), 255);
    out_report->gap_ms = to_ms(in_gaps, packet_ms);
    if (bursts->c13 == 0)
        return;
    out_report->burst_density = (guint8)MIN(256 * p23 / (p23 + p32), 255);
    out_report->gap_ms = to_ms(in_gaps / c31, packet_ms);
    out_report->burst_ms = to_ms(in_bursts / c31, packet_ms);
}
