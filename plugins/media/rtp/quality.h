/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/codec.h"

G_BEGIN_DECLS

/** McpMediaQualityInput: what is known of one direction of a call. */
typedef struct {
    McpMediaCodecId codec;
    double loss;     /* 0…1, discarded packets included */
    double delay_ms; /* from mouth to ear; 0: not known */
} McpMediaQualityInput;

/**
 * mcp_media_quality_r: R of the E-model (ITU-T G.107), 0…93: delay impairment as ITU-T G.107 Annex
 * B approximates it, equipment impairment with loss by G.113 Appendix I. An estimate. Any thread.
 */
double mcp_media_quality_r(const McpMediaQualityInput *input);
/** mcp_media_quality_mos: mean opinion score of @r, 1…4.5 (ITU-T G.107 Annex B). Any thread. */
double mcp_media_quality_mos(double r);

G_END_DECLS
