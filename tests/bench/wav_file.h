/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes linear audio as a WAV file of 16-bit samples. Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @samples: @n of them, mono, at @rate. Replaces @path. */
gboolean mcp_bench_wav_write(const char *path, const gint16 *samples, gsize n, guint rate,
                             GError **error);

G_END_DECLS
