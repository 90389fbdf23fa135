/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Suffix of an object that is not committed yet; refused at the end of object names. */
#define MCP_RECORDING_PART ".part"

/**
 * mcp_recording_object_name_check: letters, digits, "-", "_", "." and "/" between at most 8 parts
 * of at most 128 bytes, none empty or beginning with "."; MCP_ERROR_INVALID. Any thread.
 */
gboolean mcp_recording_object_name_check(const char *name, GError **error);
