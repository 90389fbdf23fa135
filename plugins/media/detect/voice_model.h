/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "voice_features.h"

G_BEGIN_DECLS

/** MCP_MEDIA_VOICE_CONTEXT: hops of 20 ms that are judged together. */
#define MCP_MEDIA_VOICE_CONTEXT 7
#define MCP_MEDIA_VOICE_HIDDEN 32
#define MCP_MEDIA_VOICE_INPUTS (MCP_MEDIA_VOICE_CONTEXT * MCP_MEDIA_VOICE_FEATURES)

/** McpMediaVoiceWeights: a network of one hidden layer, by tests/plugins/media/voice_fit.py. */
typedef struct {
    gfloat input[MCP_MEDIA_VOICE_INPUTS][MCP_MEDIA_VOICE_HIDDEN]; /* newest hop first */
    gfloat input_bias[MCP_MEDIA_VOICE_HIDDEN];
    gfloat output[MCP_MEDIA_VOICE_HIDDEN];
    gfloat output_bias;
} McpMediaVoiceWeights;

extern const McpMediaVoiceWeights mcp_media_voice_weights;

/** McpMediaVoiceModel: the features of the last hops. */
typedef struct {
    gfloat features[MCP_MEDIA_VOICE_CONTEXT][MCP_MEDIA_VOICE_FEATURES];
    guint newest;
    guint hops; /* seen so far, saturated */
} McpMediaVoiceModel;

/** mcp_media_voice_model_init: nothing was heard so far. */
void mcp_media_voice_model_init(McpMediaVoiceModel *self);
/**
 * mcp_media_voice_model_judge: the logarithm of the odds that the newest hop is speech.
 * @features: MCP_MEDIA_VOICE_FEATURES values of the newest hop
 */
gfloat mcp_media_voice_model_judge(McpMediaVoiceModel *self, const gfloat *features);

G_END_DECLS
