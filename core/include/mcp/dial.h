/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_dial_match: whether @target, a sip:, sips: or tel: URI, fits one of @patterns. Any thread.
 *
 * Destinations that may be dialled. A pattern is one of
 *   *                       everything that has a legible form
 *   sip:USER@HOST[:PORT]    USER and HOST with * and ?; sips: targets fit too, sips: patterns fit
 *                           only them; without PORT only the default ports fit, PORT may be *
 *   tel:NUMBER, NUMBER      a telephone number with * and ?, as in "+4930*": the tel: URI, and for
 *                           a NUMBER alone nothing else
 * Visual separators in telephone numbers count for nothing on either side.
 */
gboolean mcp_dial_match(const char *const *patterns, const char *target);
/** mcp_dial_is_pattern: whether @text is a pattern of the above form. */
gboolean mcp_dial_is_pattern(const char *text);

G_END_DECLS
