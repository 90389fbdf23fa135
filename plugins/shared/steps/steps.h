/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/audio.h>

G_BEGIN_DECLS

/** McpStepKind: what a script can do on a call. */
typedef enum {
    MCP_STEP_SEND,            /* digits */
    MCP_STEP_WAIT,            /* for @timeout */
    MCP_STEP_PLAY,            /* the file @text */
    MCP_STEP_HANGUP,          /* ends the call */
    MCP_STEP_EXPECT_ANSWERED, /* passes: scripts run on answered calls */
    MCP_STEP_EXPECT_STATUS,   /* the final SIP status is @status */
    MCP_STEP_EXPECT_AUDIO,    /* sound for @length in all */
    MCP_STEP_EXPECT_SILENCE,  /* none for @length without a break */
    MCP_STEP_EXPECT_DIGITS,   /* the other side sends @text */
    MCP_STEP_EXPECT_HANGUP,   /* the other side ends the call */
    MCP_STEP_EXPECT_PROGRESS, /* the other side is found to be @text, or anything */
} McpStepKind;

/** McpStep: one step. */
typedef struct {
    McpStepKind kind;
    char *text;     /* digits, path or verdict; nullable */
    char *country;  /* whose tones PROGRESS knows; nullable: all */
    char *label;    /* as people read it: "expect audio" */
    gint64 length;  /* µs */
    gint64 timeout; /* µs */
    guint status;
    McpAudio *audio; /* of PLAY, once read */
} McpStep;

/** McpSteps: a list of steps. */
typedef struct {
    GPtrArray *steps; /* McpStep */
} McpSteps;

/**
 * mcp_steps_parse: (transfer full): the steps of a JSON array as POST /calls takes it.
 * Returns: NULL with MCP_ERROR_INVALID naming the step.
 */
McpSteps *mcp_steps_parse(const char *json, GError **error);
/** mcp_steps_free: frees them. */
void mcp_steps_free(McpSteps *steps);

/** mcp_steps_parse_duration: "500ms", "10s", "2m" → µs; FALSE when it is none or negative. */
gboolean mcp_steps_parse_duration(const char *text, gint64 *out_duration);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSteps, mcp_steps_free)

G_END_DECLS
