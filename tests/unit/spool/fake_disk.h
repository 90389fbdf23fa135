/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "spool/disk.h"

/** McpFakeDisk: files in memory that forget what was not synced when the power goes. Any thread. */
typedef struct _McpFakeDisk McpFakeDisk;

/** mcp_fake_disk_new: (transfer full): empty. */
McpFakeDisk *mcp_fake_disk_new(void);
/** mcp_fake_disk_free: frees it. */
void mcp_fake_disk_free(McpFakeDisk *fake);
/** mcp_fake_disk_get: (transfer none): as a journal sees it. */
McpDisk *mcp_fake_disk_get(McpFakeDisk *fake);
/**
 * mcp_fake_disk_lose_power: all files are as they were last synced, with parts of what came later;
 * whoever has them open has them no more, and no lock is held.
 */
void mcp_fake_disk_lose_power(McpFakeDisk *fake, GRand *rand);
/** mcp_fake_disk_limit: so many bytes fit in all; 0: any number. */
void mcp_fake_disk_limit(McpFakeDisk *fake, gsize bytes);
/** mcp_fake_disk_fail: writes, or syncs, fail with these numbers from now on; 0: they work. */
void mcp_fake_disk_fail(McpFakeDisk *fake, int on_write, int on_sync);
/** mcp_fake_disk_stick: writes wait while it is set. */
void mcp_fake_disk_stick(McpFakeDisk *fake, gboolean stuck);
/** mcp_fake_disk_peek: (transfer none) (nullable): the bytes of a file, to look at and change. */
GByteArray *mcp_fake_disk_peek(McpFakeDisk *fake, const char *path);
/** mcp_fake_disk_copy: (transfer full): the same files, as if all were synced. */
McpFakeDisk *mcp_fake_disk_copy(McpFakeDisk *fake);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpFakeDisk, mcp_fake_disk_free)
