/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "media_log.h"

G_BEGIN_DECLS

/**
 * company_check_hears: fails unless the other side of @to hears what that of @from says now, if
 * @wanted; unless it does not, else.
 */
void company_check_hears(McpLeg *from, McpLeg *to, gboolean wanted);

G_END_DECLS
