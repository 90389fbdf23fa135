/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators see of spools, and do to them. Control context.
 */
#include "spool_view.h"

#include <json/json_tree.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define DEFAULT_LIMIT 100

typedef struct {
    McpSpoolViewFunc func;
    gpointer user_data;
} Waiting;

static Waiting *
waiting_new(McpSpoolViewFunc func, gpointer user_data)
{
    Waiting *waiting = g_new(Waiting, 1);

    *waiting = (Waiting){func, user_data};
    return waiting;
}

static void
answer(Waiting *waiting, guint status, const char *json)
{
    waiting->func(status, json, waiting->user_data);
    g_free(waiting);
}

static void
answer_error(Waiting *waiting, guint status, const char *text)
{
    McpJson *json = mcp_json_new();
    g_autofree char *body = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "error", text);
    mcp_json_end_object(json);
    body = mcp_json_finish(json);
    answer(waiting, status, body);
}

static void
answer_failure(Waiting *waiting, const GError *error)
{
    answer_error(waiting, g_error_matches(error, MCP_ERROR, MCP_ERROR_CLOSED) ? 503 : 500,
                 error->message);
}

void
mcp_spool_view_list(McpHost *host, McpJson *json)
{
    g_autoptr(GPtrArray) spools = mcp_host_list_spools(host);

    mcp_json_begin_array(json, "spools");
    for (guint i = 0; i < spools->len; i++) {
        mcp_json_begin_object(json, NULL);
        mcp_spool_describe(spools->pdata[i], json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

/* (transfer full) (nullable) */
static McpSpool *
find(McpHost *host, const char *name)
{
    g_autoptr(GPtrArray) spools = mcp_host_list_spools(host);

    for (guint i = 0; name != NULL && i < spools->len; i++)
        if (strcmp(mcp_spool_get_name(spools->pdata[i]), name) == 0)
            return g_object_ref(spools->pdata[i]);
    return NULL;
}

static void
on_exported(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Waiting *waiting = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = mcp_spool_export_finish(MCP_SPOOL(source), result, &error);
    g_autofree char *text = NULL;
    McpJson *json = NULL;

    if (records == NULL) {
        answer_failure(waiting, error);
        return;
    }
    json = mcp_json_new();
    mcp_json_begin_object(json, NULL);
    mcp_json_begin_array(json, "records");
    for (guint i = 0; i < records->len; i++) {
        mcp_json_begin_object(json, NULL);
        mcp_spool_record_describe(records->pdata[i], json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    answer(waiting, 200, text);
}

static guint64
number_of(GHashTable *query, const char *key, guint64 otherwise)
{
    const char *text = g_hash_table_lookup(query, key);
    guint64 number = 0;

    return text != NULL && g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &number, NULL)
               ? number
               : otherwise;
}

void
mcp_spool_view_export(McpHost *host, GHashTable *query, McpSpoolViewFunc func, gpointer user_data)
{
    g_autoptr(McpSpool) spool = find(host, g_hash_table_lookup(query, "name"));
    gboolean quarantine = g_strcmp0(g_hash_table_lookup(query, "quarantine"), "true") == 0;
    Waiting *waiting = waiting_new(func, user_data);

    if (spool == NULL) {
        answer_error(waiting, 404, "no such spool");
        return;
    }
    mcp_spool_export_async(spool, quarantine, number_of(query, "after", 0),
                           (guint)MIN(number_of(query, "limit", DEFAULT_LIMIT), 1000), on_exported,
                           waiting);
}

static void
on_replayed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Waiting *waiting = user_data;
    McpSpool *spool = MCP_SPOOL(source);
    g_autoptr(GError) error = NULL;
    gint64 n = mcp_spool_replay_finish(spool, result, &error);
    g_autofree char *text = NULL;

    if (n < 0) {
        answer_failure(waiting, error);
        return;
    }
    mcp_log_info("spool-replay", NULL,
                 "an operator had %" G_GINT64_FORMAT " records of spool %s queued again", n,
                 mcp_spool_get_name(spool));
    text = g_strdup_printf("{\"records\":%" G_GINT64_FORMAT "}", n);
    answer(waiting, 200, text);
}

/* (transfer full) (nullable) */
static char *
name_in(GBytes *body)
{
    gsize length = 0;
    const char *text = body != NULL ? g_bytes_get_data(body, &length) : NULL;
    g_autoptr(JsonNode) root = text != NULL ? mcp_json_tree_parse(text, length, NULL) : NULL;

    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return NULL;
    return g_strdup(
        json_object_get_string_member_with_default(json_node_get_object(root), "name", NULL));
}

void
mcp_spool_view_replay(McpHost *host, GBytes *body, McpSpoolViewFunc func, gpointer user_data)
{
    g_autofree char *name = name_in(body);
    g_autoptr(McpSpool) spool = find(host, name);
    Waiting *waiting = waiting_new(func, user_data);

    if (name == NULL)
        answer_error(waiting, 400, "which spool is not said");
    else if (spool == NULL)
        answer_error(waiting, 404, "no such spool");
    else
        mcp_spool_replay_async(spool, on_replayed, waiting);
}
