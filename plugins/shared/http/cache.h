/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

#include "head.h"

G_BEGIN_DECLS

/** McpHttpQuery: the request as the cache sees it. */
typedef struct {
    const char *url;             /* absolute, without fragment */
    const char *accept;          /* nullable */
    const char *accept_language; /* nullable */
    const char *cookie;          /* nullable: Cookie field sent */
    const char *call_id;         /* nullable: whose private responses count */
    gint64 max_age;              /* seconds, -1 not said */
    gint64 max_stale;
} McpHttpQuery;

/** McpHttpEntry: one stored response; immutable, shared by reference between threads. */
typedef struct {
    gatomicrefcount refs;
    char *url;
    char *variant; /* values of the fields that Vary names */
    char *owner;   /* nullable: the one call that may have it */
    McpHttpHead head;
    GBytes *body;
    char *content_id;
    gint64 initial_age; /* seconds, on arrival */
    gint64 arrived;     /* monotonic µs */
} McpHttpEntry;

/** McpHttpEntryFacts: what an entry is made of; all copied but @body, which is referenced. */
typedef struct {
    const McpHttpQuery *query;
    const McpHttpHead *head;
    GBytes *body;
    const char *content_id;
    gboolean shared; /* else it belongs to the query's call */
    gint64 initial_age;
    gint64 arrived;
} McpHttpEntryFacts;

/** mcp_http_entry_new: (transfer full). */
McpHttpEntry *mcp_http_entry_new(const McpHttpEntryFacts *facts);
/** mcp_http_entry_ref: (transfer full). Any thread. */
McpHttpEntry *mcp_http_entry_ref(McpHttpEntry *entry);
/** mcp_http_entry_unref: Any thread. */
void mcp_http_entry_unref(McpHttpEntry *entry);
/** mcp_http_entry_age: current_age in seconds (RFC 9111 §4.2.3) at monotonic @now. */
gint64 mcp_http_entry_age(const McpHttpEntry *entry, gint64 now);

/** McpHttpCache: the stored responses of the process, bounded, the least used go first. */
typedef struct _McpHttpCache McpHttpCache;

/** mcp_http_cache_new: (transfer full): @limit in bytes. */
McpHttpCache *mcp_http_cache_new(gsize limit);
/** mcp_http_cache_free: drops all. */
void mcp_http_cache_free(McpHttpCache *cache);
/** mcp_http_cache_set_limit: Any thread. */
void mcp_http_cache_set_limit(McpHttpCache *cache, gsize limit);
/**
 * mcp_http_cache_lookup: (transfer full) (nullable): the stored response that fits @query.
 * @out_usable: whether it answers as it is; else it serves to ask the origin with its validators
 *
 * Any thread.
 */
McpHttpEntry *mcp_http_cache_lookup(McpHttpCache *cache, const McpHttpQuery *query, gint64 now,
                                    gboolean *out_usable);
/** mcp_http_cache_store: @entry takes the place of its variant. Any thread. */
void mcp_http_cache_store(McpHttpCache *cache, McpHttpEntry *entry);
/** mcp_http_cache_invalidate: forgets all variants of @url (RFC 9111 §4.4). Any thread. */
void mcp_http_cache_invalidate(McpHttpCache *cache, const char *url);
/** mcp_http_cache_forget_call: drops what only @call_id could have. Any thread. */
void mcp_http_cache_forget_call(McpHttpCache *cache, const char *call_id);
/** mcp_http_cache_get_size: bytes held. Any thread. */
gsize mcp_http_cache_get_size(McpHttpCache *cache);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpEntry, mcp_http_entry_unref)

G_END_DECLS
