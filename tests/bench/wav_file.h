/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes μ-law audio as a WAV file of 16-bit samples. Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @mulaw: 8 kHz mono. Replaces @path. */
gboolean mcp_bench_wav_write(const char *path, const guint8 *mulaw, gsize length, GError **error);

G_END_DECLS
