/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define MCP_MEDIA_FOURIER_SIZE 512
#define MCP_MEDIA_FOURIER_BINS (MCP_MEDIA_FOURIER_SIZE / 2 + 1)

/**
 * mcp_media_fourier_transform: the Fourier transform of MCP_MEDIA_FOURIER_SIZE real values, not
 * normalized. Any thread; allocates nothing after its first call.
 * @in: MCP_MEDIA_FOURIER_SIZE values
 * @out_re: (out): MCP_MEDIA_FOURIER_BINS real parts
 * @out_im: (out): as many imaginary parts
 */
void mcp_media_fourier_transform(const gfloat *in, gfloat *out_re, gfloat *out_im);

G_END_DECLS
