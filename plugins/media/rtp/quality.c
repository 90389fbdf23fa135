/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The E-model as far as RTP and RTCP know its inputs. Pure functions.
 */
#include "quality.h"

/* R without any impairment of ours, for the default values of G.107. */
#define R_BASE 93.2
/* Delay that nobody notices, and where it begins to hurt (G.107: Id by Ta). */
#define DELAY_KNEE_MS 177.3

/* G.113 Appendix I: impairment by coding, and how well loss is borne (with concealment). */
typedef struct {
    double ie;
    double bpl;
} Equipment;

static const Equipment equipment[MCP_MEDIA_N_CODECS] = {
    [MCP_MEDIA_CODEC_PCMU] = {0, 25.1},       [MCP_MEDIA_CODEC_PCMA] = {0, 25.1},
    [MCP_MEDIA_CODEC_G722] = {0, 20},         [MCP_MEDIA_CODEC_OPUS] = {0, 30},
    [MCP_MEDIA_CODEC_L16_8000] = {0, 25.1},   [MCP_MEDIA_CODEC_L16_16000] = {0, 25.1},
    [MCP_MEDIA_CODEC_GSM] = {20, 43},         [MCP_MEDIA_CODEC_SPEEX_8000] = {11, 19},
    [MCP_MEDIA_CODEC_SPEEX_16000] = {8, 19},  [MCP_MEDIA_CODEC_AMR] = {5, 10},
    [MCP_MEDIA_CODEC_AMR_OCTET] = {5, 10},    [MCP_MEDIA_CODEC_AMR_WB] = {3, 10},
    [MCP_MEDIA_CODEC_AMR_WB_OCTET] = {3, 10}, [MCP_MEDIA_CODEC_G729] = {11, 19},
};

double
mcp_media_quality_r(const McpMediaQualityInput *input)
{
    const Equipment *used = &equipment[input->codec < MCP_MEDIA_N_CODECS ? input->codec : 0];
    double percent = CLAMP(input->loss, 0, 1) * 100;
    double delay = MAX(input->delay_ms, 0);
    double id = 0.024 * delay + (delay > DELAY_KNEE_MS ? 0.11 * (delay - DELAY_KNEE_MS) : 0);
    double ie = used->ie + (95 - used->ie) * percent / (percent + used->bpl);

    return CLAMP(R_BASE - id - ie, 0, R_BASE);
}

double
mcp_media_quality_mos(double r)
{
    if (r <= 6.5)
        return 1;
    if (r >= 100)
        return 4.5;
    return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
}
