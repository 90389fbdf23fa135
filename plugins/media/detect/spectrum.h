/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define MCP_MEDIA_SPECTRUM_SIZE 512
#define MCP_MEDIA_SPECTRUM_BINS (MCP_MEDIA_SPECTRUM_SIZE / 2 + 1)

/**
 * mcp_media_spectrum_transform: the Fourier transform of MCP_MEDIA_SPECTRUM_SIZE real values, not
 * normalized. Any thread; allocates nothing after its first call.
 * @in: MCP_MEDIA_SPECTRUM_SIZE values
 * @out_re: (out): MCP_MEDIA_SPECTRUM_BINS real parts
 * @out_im: (out): as many imaginary parts
 */
void mcp_media_spectrum_transform(const gfloat *in, gfloat *out_re, gfloat *out_im);

G_END_DECLS
