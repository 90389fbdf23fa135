/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of the header fields that caching looks at: "Name: value" lines, blank lines between
 * responses, each of which is stored and looked for. libFuzzer calls from one thread. */
#include <stdint.h>
#include <string.h>

#include "cache.h"
#include "freshness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    const char *name;
    gsize offset;
} Field;

#define FIELD(name_, member_)                        \
    {                                                \
        name_, G_STRUCT_OFFSET(McpHttpHead, member_) \
    }

static const Field fields[] = {
    FIELD("Cache-Control", cache_control),
    FIELD("Pragma", pragma),
    FIELD("Age", age),
    FIELD("Date", date),
    FIELD("Expires", expires),
    FIELD("ETag", etag),
    FIELD("Last-Modified", last_modified),
    FIELD("Vary", vary),
    FIELD("Location", location),
    FIELD("Content-Location", content_location),
    FIELD("Content-Type", content_type),
};

static void
read_line(McpHttpHead *head, const char *line)
{
    if (g_str_has_prefix(line, "Status: "))
        head->status = (guint)g_ascii_strtoull(line + 8, NULL, 10) % 1000;
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        gsize length = strlen(fields[i].name);
        char **member = G_STRUCT_MEMBER_P(head, fields[i].offset);

        if (g_ascii_strncasecmp(line, fields[i].name, length) != 0 || line[length] != ':')
            continue;
        g_free(*member);
        *member = g_strstrip(g_strdup(line + length + 1));
    }
}

static void
store_and_find(McpHttpCache *cache, const McpHttpHead *head, gint64 now)
{
    McpHttpQuery query = {.url = "http://example.com/a",
                          .accept = "text/html",
                          .cookie = now % 2 == 0 ? "a=b" : NULL,
                          .call_id = "c",
                          .max_age = now % 5 - 1,
                          .max_stale = now % 3 - 1};
    g_autoptr(GBytes) body = g_bytes_new_static("body", 4);
    McpHttpScope scope = mcp_http_storage_scope(head, query.cookie != NULL, now % 7 == 0);
    McpHttpEntryFacts facts = {.query = &query,
                               .head = head,
                               .body = body,
                               .content_id = "1",
                               .shared = scope == MCP_HTTP_SCOPE_ALL,
                               .initial_age = mcp_http_initial_age(head, now * 1000000, now),
                               .arrived = now};
    McpHttpEntry *entry;
    gboolean usable = FALSE;

    if (facts.initial_age < 0 || mcp_http_lifetime(head) < 0)
        __builtin_trap();
    if (scope != MCP_HTTP_SCOPE_NOBODY) {
        entry = mcp_http_entry_new(&facts);
        mcp_http_cache_store(cache, entry);
        mcp_http_entry_unref(entry);
    }
    entry = mcp_http_cache_lookup(cache, &query, now + 60 * G_USEC_PER_SEC, &usable);
    if (entry == NULL)
        return;
    if (mcp_http_entry_age(entry, now + 1) < 0)
        __builtin_trap();
    mcp_http_is_usable_on_error(&entry->head, 10, 5);
    mcp_http_entry_unref(entry);
}

static void
check_directives(const McpHttpHead *head)
{
    McpHttpDirectives directives;

    if (head->cache_control == NULL)
        return;
    mcp_http_directives_parse(head->cache_control, &directives);
    if (directives.max_age < -1 || directives.s_maxage < -1 || directives.stale_if_error < -1)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 200);
    McpHttpCache *cache = mcp_http_cache_new(2000);
    McpHttpHead head = {.status = 200};
    McpHttpHead kept = {0};
    gint64 now = 1;

    for (guint i = 0; lines[i] != NULL; i++) {
        read_line(&head, lines[i]);
        if (*lines[i] != '\0' && lines[i + 1] != NULL)
            continue;
        check_directives(&head);
        store_and_find(cache, &head, now++);
        mcp_http_head_update(&kept, &head);
        mcp_http_head_clear(&head);
        head = (McpHttpHead){.status = 200};
    }
    if (mcp_http_cache_get_size(cache) > 4000)
        __builtin_trap();
    store_and_find(cache, &kept, now);
    mcp_http_cache_invalidate(cache, "http://example.com/a");
    mcp_http_cache_forget_call(cache, "c");
    mcp_http_cache_free(cache);
    mcp_http_head_clear(&head);
    mcp_http_head_clear(&kept);
    return 0;
}
