/* SPDX-License-Identifier: Apache-2.0 */
/* A tap that gives what the test says. */
#pragma once
#include <mcp/contract/tap.h>

G_BEGIN_DECLS

#define TEST_TYPE_SOURCE_TAP (source_tap_get_type())
G_DECLARE_FINAL_TYPE(SourceTap, source_tap, TEST, SOURCE_TAP, GObject)

/** source_tap_new: (transfer full): frames of @samples linear samples. */
SourceTap *source_tap_new(guint samples);
/** source_tap_put: a frame of @samples, and whoever waits is told. */
void source_tap_put(SourceTap *tap, const gint16 *samples);
/** source_tap_end: the leg is gone. */
void source_tap_end(SourceTap *tap);

G_END_DECLS
