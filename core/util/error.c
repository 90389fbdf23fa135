/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error domain of the platform. Any thread.
 */
#include <mcp/error.h>

G_DEFINE_QUARK(mcp - error - quark, mcp_error)
