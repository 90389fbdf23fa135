/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/**
 * mcp_speech_say_as:
 * @kind: (nullable): interpret-as: digits, characters, spell-out, telephone, ordinal, cardinal,
 *   date, time, currency and the vxml: types of VoiceXML 2.0 Appendix P
 * @format: (nullable): of a date: "ymd", "mdy", "dmy" …
 * @text: content of the element
 *
 * Returns: (transfer full): words; @text itself for a kind or content that is not known.
 */
char *mcp_speech_say_as(const char *kind, const char *format, const char *text);
