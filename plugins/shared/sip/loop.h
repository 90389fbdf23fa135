/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

G_BEGIN_DECLS

/** mcp_sip_loop_attach: lets @context run @root. Returns: (transfer none): its source. */
GSource *mcp_sip_loop_attach(su_root_t *root, GMainContext *context);

G_END_DECLS
