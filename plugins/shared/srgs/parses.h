/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "derivation.h"

/**
 * mcp_parses_new: (transfer full) (nullable): the @max best parses of the input, which matches,
 * each an array of McpParseStep: by the product of the weights of the alternatives taken (SRGS 1.0
 * §2.4.1), and of the same weight in the order of mcp_derivation_new(). A rule that leads to itself
 * without consuming anything is followed once. NULL: it would take too much.
 */
GPtrArray *mcp_parses_new(const McpChart *chart, guint max);
