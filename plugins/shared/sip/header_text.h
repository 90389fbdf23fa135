/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/invite.h>

G_BEGIN_DECLS

/* Header values as text. Nothing that these functions return holds a line end. Any thread. */

/**
 * mcp_sip_reason_value: (transfer full): a Reason header value (RFC 3326): @reason as it stands
 * when it begins with a protocol and a semicolon, else as the text of SIP cause @status.
 */
char *mcp_sip_reason_value(guint status, const char *reason);
/** mcp_sip_reason_text: (transfer full): the text parameter of a Reason value, else the value. */
char *mcp_sip_reason_text(const char *value);
/** mcp_sip_warning_value: (transfer full): "CODE HOST \"TEXT\"" (RFC 3261 §20.43). */
char *mcp_sip_warning_value(guint code, const char *host, const char *text);
/** mcp_sip_reject_status: that of the answer: 500 in place of what is none. */
guint mcp_sip_reject_status(const McpReject *reject);
/** mcp_sip_reject_reason: (transfer full): the Reason value of a refusal. */
char *mcp_sip_reject_reason(const McpReject *reject);
/** mcp_sip_reject_warning: (transfer full) (nullable): the Warning value of a refusal. */
char *mcp_sip_reject_warning(const McpReject *reject, const char *host);
/** mcp_sip_header_line: (transfer full) (nullable): NULL when @header must not be sent. */
char *mcp_sip_header_line(const McpHeader *header);
/** mcp_sip_header_lines: (transfer full) (nullable): all of @headers that may be sent. */
char *mcp_sip_header_lines(const GPtrArray *headers);
/**
 * mcp_sip_uri_parameters: splits ";a=b;c" and unescapes; at most 64, repeated ones kept.
 * Returns: FALSE when an escape is malformed or stands for NUL.
 */
gboolean mcp_sip_uri_parameters(const char *text, GPtrArray *out_parameters);
/** mcp_sip_unescape: (transfer full) (nullable): NULL when an escape is malformed. */
char *mcp_sip_unescape(const char *text, gsize length);
/**
 * mcp_sip_split_address: takes "192.0.2.1", "192.0.2.1:5060", "[2001:db8::1]:5060" or "auto" apart;
 * "auto" is 0.0.0.0. Returns: FALSE when it is none of these.
 */
gboolean mcp_sip_split_address(const char *text, guint default_port, char **out_host,
                               guint *out_port);

/**
 * mcp_sip_header_echo: (transfer full) (nullable): as mcp_sip_header_lines() those of @headers that
 * go on every message of their dialog.
 */
char *mcp_sip_header_echo(const GPtrArray *headers);

G_END_DECLS
