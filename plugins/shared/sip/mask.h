/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * mcp_sip_mask: puts a * over each byte of a SIP message that must not be seen, so that lengths
 * stay true: responses and nonces of digests and other credentials, keys of media (a=crypto,
 * a=key-mgmt, k=, a=ice-pwd), passwords in URIs, values of parameters whose name says that they are
 * secret, and digits that a caller presses (application/dtmf, dtmf-relay). Any thread.
 */
void mcp_sip_mask(char *text, gsize length);

G_END_DECLS
