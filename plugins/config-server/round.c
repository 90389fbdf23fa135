/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One round of questions to the server, each after the answer to the one before. On the context of
 * its client.
 */
#include "round.h"

#include <mcp/error.h>

typedef struct {
    McpPeerHttp *http;
    char *authorization;
    GPtrArray *items;
    guint next;
    GCancellable *cancellable;
    McpRoundDone done;
    gpointer user_data;
} Round;

static void ask(Round *round);

static void
item_free(gpointer data)
{
    McpRoundItem *item = data;

    g_free(item->path);
    g_free(item->etag);
    g_clear_pointer(&item->body, g_bytes_unref);
    g_clear_error(&item->error);
    g_free(item);
}

McpRoundItem *
mcp_round_item_new(const char *path, const char *accept, gsize most, const char *etag)
{
    McpRoundItem *item = g_new0(McpRoundItem, 1);

    item->path = g_strdup(path);
    item->accept = accept;
    item->most = most;
    item->etag = g_strdup(etag);
    return item;
}

GPtrArray *
mcp_round_items_new(void)
{
    return g_ptr_array_new_with_free_func(item_free);
}

static void
round_end(Round *round)
{
    round->done(round->items, round->user_data);
    g_object_unref(round->cancellable);
    g_free(round->authorization);
    g_free(round);
}

static const char *
meaning_of(guint status)
{
    switch (status) {
    case 401:
        return "username or password is missing or wrong";
    case 403:
        return "it is forbidden";
    case 404:
        return "the server does not have it: label or path is unknown";
    default:
        return "unexpected";
    }
}

static void
take(Round *round, McpRoundItem *item, McpPeerAnswer *answer)
{
    gsize size = g_bytes_get_size(answer->body);

    if (answer->status == 304 && item->etag != NULL) {
        item->outcome = MCP_ROUND_UNCHANGED;
    } else if (answer->status != 200) {
        g_set_error(&item->error, MCP_ERROR, MCP_ERROR_REFUSED, "%s: %u for %s: %s",
                    mcp_peer_http_get_url(round->http), answer->status, item->path,
                    meaning_of(answer->status));
    } else if (size > item->most) {
        g_set_error(&item->error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "%s: %s has more than %" G_GSIZE_FORMAT " bytes",
                    mcp_peer_http_get_url(round->http), item->path, item->most);
    } else {
        item->outcome = MCP_ROUND_NEW;
        item->body = g_bytes_ref(answer->body);
        g_free(item->etag);
        item->etag = g_steal_pointer(&answer->etag);
    }
}

static void
fail_rest(Round *round, guint from, const GError *error)
{
    for (guint i = from; i < round->items->len; i++)
        ((McpRoundItem *)g_ptr_array_index(round->items, i))->error = g_error_copy(error);
    round->next = round->items->len;
}

static void
on_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Round *round = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpPeerAnswer) answer = mcp_peer_http_send_finish(result, &error);

    /* Cancelled, the client may be gone. */
    if (answer != NULL && g_cancellable_set_error_if_cancelled(round->cancellable, &error))
        fail_rest(round, round->next - 1, error);
    else if (answer != NULL)
        take(round, g_ptr_array_index(round->items, round->next - 1), answer);
    else
        fail_rest(round, round->next - 1, error);
    ask(round);
}

static void
ask(Round *round)
{
    const McpRoundItem *item;
    const char *headers[7] = {NULL};
    guint n = 0;

    if (round->next == round->items->len) {
        round_end(round);
        return;
    }
    item = g_ptr_array_index(round->items, round->next++);
    headers[n++] = "Accept";
    headers[n++] = item->accept;
    if (round->authorization != NULL) {
        headers[n++] = "Authorization";
        headers[n++] = round->authorization;
    }
    if (item->etag != NULL) {
        headers[n++] = "If-None-Match";
        headers[n++] = item->etag;
    }
    mcp_peer_http_send_async(
        round->http, &(McpPeerRequest){.method = "GET", .path = item->path, .headers = headers},
        round->cancellable, on_answer, round);
}

void
mcp_round_start(McpPeerHttp *http, const char *authorization, GPtrArray *items,
                GCancellable *cancellable, McpRoundDone done, gpointer user_data)
{
    Round *round = g_new0(Round, 1);

    round->http = http;
    round->authorization = g_strdup(authorization);
    round->items = items;
    round->cancellable = g_object_ref(cancellable);
    round->done = done;
    round->user_data = user_data;
    ask(round);
}
