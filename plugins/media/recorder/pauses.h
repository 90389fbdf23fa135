/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/recording.h>

G_BEGIN_DECLS

/** MCP_MEDIA_PAUSES: pauses that may lie within the part of a recording not written yet. */
#define MCP_MEDIA_PAUSES 8

/** McpMediaPause: a portion of a recording's time line, in samples. */
typedef struct {
    gint64 from;
    gint64 to; /* G_MAXINT64: it goes on */
    McpRecordPause with;
} McpMediaPause;

/** McpMediaPauses: the pauses of a recording, in order. Media worker, allocates nothing. */
typedef struct {
    guint rate;
    guint n;
    McpMediaPause list[MCP_MEDIA_PAUSES];
} McpMediaPauses;

/** mcp_media_pauses_begin: a pause begins at @place; one that goes on changes what it is. */
void mcp_media_pauses_begin(McpMediaPauses *self, gint64 place, McpRecordPause with);
/** mcp_media_pauses_end: returns the place where it is over, a little later; -1: there was none. */
gint64 mcp_media_pauses_end(McpMediaPauses *self, gint64 place);
/** mcp_media_pauses_is_open: whether the last one goes on. */
gboolean mcp_media_pauses_is_open(const McpMediaPauses *self);
/** mcp_media_pauses_holds: whether @place lies in one. */
gboolean mcp_media_pauses_holds(const McpMediaPauses *self, gint64 place);
/**
 * mcp_media_pauses_run: how many of @n samples from @place on are alike.
 * @out_pause: (nullable): the pause that they lie in
 */
guint mcp_media_pauses_run(const McpMediaPauses *self, gint64 place, guint n,
                           const McpMediaPause **out_pause);
/** mcp_media_pauses_cut: how many samples between @from and @to are left out. */
gint64 mcp_media_pauses_cut(const McpMediaPauses *self, gint64 from, gint64 to);
/** mcp_media_pauses_fill: what stands in place of @n samples from @place on, in @pause. */
void mcp_media_pauses_fill(const McpMediaPauses *self, const McpMediaPause *pause, gint64 place,
                           gint16 *out, guint n);
/** mcp_media_pauses_forget: those before @place are over. */
void mcp_media_pauses_forget(McpMediaPauses *self, gint64 place);

G_END_DECLS
