/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/audio.h>

G_BEGIN_DECLS

/** McpControlStepKind: what a script can do on a call. */
typedef enum {
    MCP_CONTROL_STEP_SEND,            /* digits */
    MCP_CONTROL_STEP_WAIT,            /* for @timeout */
    MCP_CONTROL_STEP_PLAY,            /* the file @text */
    MCP_CONTROL_STEP_HANGUP,          /* ends the call */
    MCP_CONTROL_STEP_EXPECT_ANSWERED, /* passes: scripts run on answered calls */
    MCP_CONTROL_STEP_EXPECT_STATUS,   /* the final SIP status is @status */
    MCP_CONTROL_STEP_EXPECT_AUDIO,    /* sound for @length in all */
    MCP_CONTROL_STEP_EXPECT_SILENCE,  /* none for @length without a break */
    MCP_CONTROL_STEP_EXPECT_DIGITS,   /* the other side sends @text */
    MCP_CONTROL_STEP_EXPECT_HANGUP,   /* the other side ends the call */
} McpControlStepKind;

/** McpControlStep: one step. */
typedef struct {
    McpControlStepKind kind;
    char *text;     /* digits or path; nullable */
    char *label;    /* as people read it: "expect audio" */
    gint64 length;  /* µs */
    gint64 timeout; /* µs */
    guint status;
    McpAudio *audio; /* of PLAY, once read */
} McpControlStep;

/** McpControlSteps: a list of steps. */
typedef struct {
    GPtrArray *steps; /* McpControlStep */
} McpControlSteps;

/**
 * mcp_control_steps_parse: (transfer full): the steps of a JSON array as POST /calls takes it.
 * Returns: NULL with MCP_ERROR_INVALID naming the step.
 */
McpControlSteps *mcp_control_steps_parse(const char *json, GError **error);
/** mcp_control_steps_free: frees them. */
void mcp_control_steps_free(McpControlSteps *steps);

/** mcp_control_parse_duration: "500ms", "10s", "2m" → µs; FALSE when it is none or negative. */
gboolean mcp_control_parse_duration(const char *text, gint64 *out_duration);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpControlSteps, mcp_control_steps_free)

G_END_DECLS
