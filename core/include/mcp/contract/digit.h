/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpDigitSource: how a digit came in. */
typedef enum {
    MCP_DIGIT_RTP_EVENT, /* RFC 4733 */
    MCP_DIGIT_INFO,      /* SIP INFO, handed in with mcp_leg_put_digit() */
    MCP_DIGIT_INBAND,    /* a pair of tones in the audio */
} McpDigitSource;

/** McpDigit: one key press, whatever it came from. */
typedef struct {
    char digit; /* 0-9 * # A-D */
    McpDigitSource source;
    gint64 start;       /* monotonic µs of the first packet */
    guint duration_ms;  /* as far as known when reported */
    guint64 media_time; /* samples, incoming direction */
} McpDigit;

/** MCP_DIGITS_ALL: every digit counts. */
#define MCP_DIGITS_ALL 0xffffu

G_END_DECLS
