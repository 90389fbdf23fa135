/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_name_is_secret: whether what bears this name, a header or a parameter, is told to nobody: it
 * has token, password, api-key or the like in it, in any case. Any thread.
 */
gboolean mcp_name_is_secret(const char *name);
/**
 * mcp_text_hide_passwords: (transfer full): @text (nullable) for logs, events, records: passwords
 * of URLs in it, as in "http://user:password@host", are three asterisks. Any thread.
 */
char *mcp_text_hide_passwords(const char *text);

G_END_DECLS
