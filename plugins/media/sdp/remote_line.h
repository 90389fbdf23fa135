/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "offer_answer.h"

G_BEGIN_DECLS

/**
 * mcp_media_remote_line_read: what an m= line of the other side offers or answers.
 * @local: our codecs, family, and what we want of protection; keys are not looked at
 * @ice: where packets go will be found by ICE, whatever c= and m= say
 * @out_agreement: filled on success, payload types as @media has them in both directions
 * @out_reason: (transfer none): why it is not usable
 *
 * Pure function. Any thread.
 */
gboolean mcp_media_remote_line_read(const McpMediaLocal *local, const McpSdpMedia *media,
                                    gboolean ice, McpMediaAgreement *out_agreement,
                                    const char **out_reason);

G_END_DECLS
