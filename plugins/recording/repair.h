/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/**
 * mcp_recording_repair: completes the objects below folder @root that an earlier process left as
 * .part: lengths in WAV headers are set to what is there, then they get their names. A log line
 * each. Blocks; disk pool.
 *
 * Returns: how many were completed.
 */
guint mcp_recording_repair(int root);
