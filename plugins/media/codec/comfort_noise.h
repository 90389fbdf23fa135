/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_SID_ORDER: coefficients that are used; RFC 3389 §3 lets those behind them be 0. */
#define MCP_MEDIA_SID_ORDER 12
/** MCP_MEDIA_SID_SILENT: level of what nobody can hear, -dBov. */
#define MCP_MEDIA_SID_SILENT 127

/** McpMediaSid: what a packet of comfort noise says (RFC 3389 §3). */
typedef struct {
    guint level; /* -dBov, 0 … 127 */
    guint order;
    float reflection[MCP_MEDIA_SID_ORDER];
} McpMediaSid;

/**
 * mcp_media_sid_read: a payload of type CN. Pure function, any thread.
 *
 * Returns: FALSE when it is empty or its level has the bit that must be 0.
 */
gboolean mcp_media_sid_read(McpMediaSid *out_sid, const guint8 *payload, gsize length);

/** McpMediaComfortNoise: makes noise of a level and a spectrum. Zero is a silent one. */
typedef struct {
    McpMediaSid sid;
    float gain;
    float state[MCP_MEDIA_SID_ORDER];
    guint32 random;
} McpMediaComfortNoise;

/** mcp_media_comfort_noise_set: sounds as @sid says from now on. */
void mcp_media_comfort_noise_set(McpMediaComfortNoise *noise, const McpMediaSid *sid);
/** mcp_media_comfort_noise_make: the next @n samples, at the rate that the codec has. */
void mcp_media_comfort_noise_make(McpMediaComfortNoise *noise, gint16 *out, guint n);

G_END_DECLS
