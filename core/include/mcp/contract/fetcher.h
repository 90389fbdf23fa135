/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/call.h>

G_BEGIN_DECLS

/**
 * The fetcher contract: one resource over HTTP(S) or file:, on behalf of a call, under the cache's
 * rules (RFC 9111) and the address policy. Called on the caller's context (a shard or the control
 * context), where it also finishes; cancelled with its cancellable.
 */
#define MCP_CONTRACT_FETCHER "fetcher"
#define MCP_CONTRACT_FETCHER_MAJOR 1
#define MCP_CONTRACT_FETCHER_MINOR 0

/** McpFetchRequest: what to get. Strings are copied by the provider. */
typedef struct {
    const char *url;             /* absolute, or relative to @base */
    const char *base;            /* nullable */
    const char *method;          /* "GET" or "POST" */
    const char *accept;          /* nullable: Accept header */
    const char *accept_language; /* nullable */
    const char *content_type;    /* of @body */
    GBytes *body;                /* nullable */
    gint64 timeout;   /* µs until all is there, waiting for a connection included; 0: configured */
    gint64 max_age;   /* seconds, -1: not said (VoiceXML maxage) */
    gint64 max_stale; /* seconds, -1: not said */
    gsize max_bytes;  /* 0: configured limit */
    McpCall *call;    /* nullable: whose cookies, peer and log id count */
} McpFetchRequest;

/** McpFetchResponse: immutable, shared by reference; the body is shared with the cache. */
typedef struct _McpFetchResponse McpFetchResponse;

/** McpFetchFacts: what a provider fills in; all copied but @body, which is referenced. */
typedef struct {
    guint status;             /* HTTP status; 200 for file: */
    const char *url;          /* after redirects */
    const char *content_type; /* media type without parameters, lower case; "" unknown */
    const char *charset;      /* nullable */
    GBytes *body;
    const char *content_id; /* identity: equal ids mean equal bytes */
    gboolean from_cache;
} McpFetchFacts;

/** mcp_fetch_response_new: (transfer full): for providers. */
McpFetchResponse *mcp_fetch_response_new(const McpFetchFacts *facts);
/** mcp_fetch_response_ref: (transfer full). Any thread. */
McpFetchResponse *mcp_fetch_response_ref(McpFetchResponse *response);
/** mcp_fetch_response_unref: Any thread. */
void mcp_fetch_response_unref(McpFetchResponse *response);
/** mcp_fetch_response_get_facts: (transfer none): valid as long as the response. */
const McpFetchFacts *mcp_fetch_response_get_facts(McpFetchResponse *response);

#define MCP_TYPE_FETCHER (mcp_fetcher_get_type())
G_DECLARE_INTERFACE(McpFetcher, mcp_fetcher, MCP, FETCHER, GObject)

/** McpFetcherInterface: members as the functions of the same names. */
struct _McpFetcherInterface {
    GTypeInterface parent_iface;
    void (*fetch_async)(McpFetcher *self, const McpFetchRequest *request, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data);
    McpFetchResponse *(*fetch_finish)(McpFetcher *self, GAsyncResult *result, GError **error);
};

/** mcp_fetcher_fetch_async: starts; a response of any status is a success here. */
void mcp_fetcher_fetch_async(McpFetcher *fetcher, const McpFetchRequest *request,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
/**
 * mcp_fetcher_fetch_finish: (transfer full): MCP_ERROR_TIMEOUT, MCP_ERROR_REFUSED (policy),
 * MCP_ERROR_INVALID (URL), MCP_ERROR_LIMIT (size, queue), MCP_ERROR_NOT_FOUND (file:),
 * MCP_ERROR_FAILED (network).
 */
McpFetchResponse *mcp_fetcher_fetch_finish(McpFetcher *fetcher, GAsyncResult *result,
                                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpFetchResponse, mcp_fetch_response_unref)

G_END_DECLS
