/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/**
 * mcp_upper_band_fill: @n samples of 16 kHz that came from a line of 8 kHz get the mirror image of
 * their lower band, 10 dB down, above 4 kHz; others stay. TRUE: filled. Any thread.
 */
gboolean mcp_upper_band_fill(gint16 *samples, gsize n);
