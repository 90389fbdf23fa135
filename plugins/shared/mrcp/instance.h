/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <xml/xml.h>

G_BEGIN_DECLS

/** mcp_mrcp_instance_to_json: (transfer full) (nullable): the value inside <instance>; NULL when
 * there is nothing in it. */
char *mcp_mrcp_instance_to_json(const McpXmlNode *instance);

/** mcp_mrcp_instance_from_json: appends the value @json as what stands inside <instance> (SISR 1.0
 * §7); what is no JSON is text. */
void mcp_mrcp_instance_from_json(const char *json, GString *out);

/** mcp_mrcp_append_text: appends @text escaped, less the characters that XML 1.0 §2.2 does not
 * have; for content and attributes. */
void mcp_mrcp_append_text(GString *out, const char *text);

G_END_DECLS
