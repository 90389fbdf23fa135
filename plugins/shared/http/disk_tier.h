/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/pool.h>

#include "cache.h"

G_BEGIN_DECLS

/**
 * McpHttpDiskTier: stored responses in a folder, for what memory has no room for and for the next
 * start. Files are read and written on the disk pool alone, bounded in bytes; the oldest go first.
 */
typedef struct _McpHttpDiskTier McpHttpDiskTier;

/**
 * mcp_http_disk_tier_new: (transfer full): the folder is looked through in the background.
 * @pool: must outlive it
 */
McpHttpDiskTier *mcp_http_disk_tier_new(const char *folder, gsize limit, McpPool *pool,
                                        McpClock *clock);
/** mcp_http_disk_tier_ref: (transfer full). Any thread. */
McpHttpDiskTier *mcp_http_disk_tier_ref(McpHttpDiskTier *tier);
/** mcp_http_disk_tier_unref: Any thread. */
void mcp_http_disk_tier_unref(McpHttpDiskTier *tier);
/** mcp_http_disk_tier_has: whether something is stored for @url. Any thread. */
gboolean mcp_http_disk_tier_has(McpHttpDiskTier *tier, const char *url);
/** mcp_http_disk_tier_store: writes a shared entry in the background. Any thread. */
void mcp_http_disk_tier_store(McpHttpDiskTier *tier, McpHttpEntry *entry);
/** mcp_http_disk_tier_invalidate: removes what is stored for @url. Any thread. */
void mcp_http_disk_tier_invalidate(McpHttpDiskTier *tier, const char *url);
/**
 * mcp_http_disk_tier_load_async: brings what is stored for @url into @cache, which must live until
 * it finishes; always finishes, with whatever could be read.
 */
void mcp_http_disk_tier_load_async(McpHttpDiskTier *tier, const char *url, McpHttpCache *cache,
                                   GAsyncReadyCallback callback, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpDiskTier, mcp_http_disk_tier_unref)

G_END_DECLS
