/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "server_pool.h"
#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

/** McpMrcpUtteranceParams: what is to be said, and how much of it there may be. */
typedef struct {
    const McpSynthesisRequest *request; /* copied */
    guint rate;
    gsize limit;
} McpMrcpUtteranceParams;

/**
 * mcp_mrcp_utterance_speak: @task gets an McpAudio that grows as the server speaks, or an error of
 * the last server that was asked. It goes on by itself until all is said, nobody wants the audio
 * any more (BARGE-IN-OCCURRED), or the server fails. On the task's context, which is
 * thread-default.
 */
void mcp_mrcp_utterance_speak(const McpMrcpServices *services, McpMrcpPool *pool,
                              const McpMrcpUtteranceParams *params, GTask *task);

G_END_DECLS
