/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/recognizer.h>

G_BEGIN_DECLS

#define TONES_TYPE_RECOGNIZER (tones_recognizer_get_type())
G_DECLARE_FINAL_TYPE(TonesRecognizer, tones_recognizer, TONES, RECOGNIZER, GObject)

/**
 * tones_recognizer_new: (nullable): a recognizer that takes the number of tone_code.h for the line
 * of the file @path, the first one is 0. A line is "WORDS [@CONFIDENCE]" (else 0.9), and more of
 * the like behind "|": what may have been said as well, less likely. Any thread.
 */
TonesRecognizer *tones_recognizer_new(const char *path, GError **error);

G_END_DECLS
