/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/json.h>

G_BEGIN_DECLS

/**
 * mcp_activemq_json_finish: (transfer full): the text of @json (transfer full), with characters
 * beyond U+FFFF as two \u escapes (RFC 8259 §7): a text message is in Java's own UTF-8, which has
 * no other form for them than one that is no UTF-8 to anybody else.
 */
char *mcp_activemq_json_finish(McpJson *json);

G_END_DECLS
