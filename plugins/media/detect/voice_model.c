/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From features to the odds that somebody speaks: a small fixed network over the last 140 ms.
 * Media worker.
 */
#include "voice_model.h"

#include <string.h>

void
mcp_media_voice_model_init(McpMediaVoiceModel *self)
{
    memset(self, 0, sizeof *self);
}

static void
add_hop(gfloat *sums, const gfloat *features, const gfloat (*weights)[MCP_MEDIA_VOICE_HIDDEN])
{
    for (guint i = 0; i < MCP_MEDIA_VOICE_FEATURES; i++)
        for (guint j = 0; j < MCP_MEDIA_VOICE_HIDDEN; j++)
            sums[j] += features[i] * weights[i][j];
}

gfloat
mcp_media_voice_model_judge(McpMediaVoiceModel *self, const gfloat *features)
{
    const McpMediaVoiceWeights *weights = &mcp_media_voice_weights;
    gfloat sums[MCP_MEDIA_VOICE_HIDDEN];
    gfloat odds = weights->output_bias;

    self->newest = (self->newest + 1) % MCP_MEDIA_VOICE_CONTEXT;
    memcpy(self->features[self->newest], features, sizeof self->features[0]);
    /* Before the first hop was the same as in the first hop. */
    if (self->hops == 0)
        for (guint i = 0; i < MCP_MEDIA_VOICE_CONTEXT; i++)
            memcpy(self->features[i], features, sizeof self->features[0]);
    self->hops = MIN(self->hops + 1, MCP_MEDIA_VOICE_CONTEXT);
    memcpy(sums, weights->input_bias, sizeof sums);
    for (guint age = 0; age < MCP_MEDIA_VOICE_CONTEXT; age++) {
        guint at = (self->newest + MCP_MEDIA_VOICE_CONTEXT - age) % MCP_MEDIA_VOICE_CONTEXT;

        add_hop(sums, self->features[at], weights->input + age * MCP_MEDIA_VOICE_FEATURES);
    }
    for (guint j = 0; j < MCP_MEDIA_VOICE_HIDDEN; j++)
        odds += MAX(sums[j], 0) * weights->output[j];
    return odds;
}
