/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The listener contract: HTTP paths on named listeners ([web.listener "NAME"]). Plugins mount, they
 * never open a socket. Everything on the control context.
 */
#define MCP_CONTRACT_LISTENER "listener"
#define MCP_CONTRACT_LISTENER_MAJOR 1
#define MCP_CONTRACT_LISTENER_MINOR 2

/** McpWebRequest: one HTTP request; owned by the listener until it is answered. */
typedef struct _McpWebRequest McpWebRequest;

/** McpWebFacts: what was asked; valid until the request is answered. */
typedef struct {
    const char *method;
    const char *path;  /* below the mount point, unescaped, begins with "/" */
    GHashTable *query; /* char* → char*; never NULL */
    const char *content_type;
    GBytes *body;       /* never NULL */
    const char *accept; /* nullable: media types that are wanted (RFC 9110 §12.5.1) */
} McpWebFacts;

/** McpWebHandler: answers now or later with the functions below, exactly once. */
typedef void (*McpWebHandler)(McpWebRequest *request, const McpWebFacts *facts, gpointer user_data);
/** McpWebClosedFunc: the client of a stream is gone (or was cut: 5 s or 1 MB behind). */
typedef void (*McpWebClosedFunc)(McpWebRequest *request, gpointer user_data);

#define MCP_TYPE_LISTENER (mcp_listener_get_type())
G_DECLARE_INTERFACE(McpListener, mcp_listener, MCP, LISTENER, GObject)

/** McpListenerInterface: members as the functions below. */
struct _McpListenerInterface {
    GTypeInterface parent_iface;
    gboolean (*mount)(McpListener *self, const char *listener, const char *path,
                      McpWebHandler handler, gpointer user_data, GError **error);
    void (*unmount)(McpListener *self, const char *listener, const char *path);
    void (*respond)(McpListener *self, McpWebRequest *request, guint status,
                    const char *content_type, const char *body, gsize length);
    void (*stream_begin)(McpListener *self, McpWebRequest *request, const char *content_type,
                         McpWebClosedFunc closed, gpointer user_data);
    gboolean (*stream_write)(McpListener *self, McpWebRequest *request, const char *text,
                             gsize length);
    void (*stream_end)(McpListener *self, McpWebRequest *request);
    gboolean (*mount_public)(McpListener *self, const char *listener, const char *fallback,
                             const char *path, McpWebHandler handler, gpointer user_data,
                             GError **error); /* minor 2 */
};

/** mcp_listener_mount: @path and all below it on listener @listener go to @handler. */
gboolean mcp_listener_mount(McpListener *self, const char *listener, const char *path,
                            McpWebHandler handler, gpointer user_data, GError **error);
/**
 * mcp_listener_mount_public: the same for a path that shows and changes nothing, and which whoever
 * reaches the listener may read: only GET and HEAD get through. Unlike others it may be mounted on
 * a listener that is open to anybody (access = open).
 * @fallback: (nullable): ADDRESS:PORT of such a listener, opened when no [web.listener] of that
 *   name is configured, and closed with its last path
 */
gboolean mcp_listener_mount_public(McpListener *self, const char *listener, const char *fallback,
                                   const char *path, McpWebHandler handler, gpointer user_data,
                                   GError **error);
/** mcp_listener_unmount: no request comes any more after it. */
void mcp_listener_unmount(McpListener *self, const char *listener, const char *path);
/** mcp_listener_respond: answers and ends the request. */
void mcp_listener_respond(McpListener *self, McpWebRequest *request, guint status,
                          const char *content_type, const char *body, gsize length);
/**
 * mcp_listener_stream_begin: 200 and chunks to come; @closed runs once unless stream_end came
 * first.
 */
void mcp_listener_stream_begin(McpListener *self, McpWebRequest *request, const char *content_type,
                               McpWebClosedFunc closed, gpointer user_data);
/**
 * mcp_listener_stream_write: FALSE when the client was cut for being too slow, or was gone before
 * the stream began; the request is over then, and @closed does not run.
 */
gboolean mcp_listener_stream_write(McpListener *self, McpWebRequest *request, const char *text,
                                   gsize length);
/** mcp_listener_stream_end: ends the stream. */
void mcp_listener_stream_end(McpListener *self, McpWebRequest *request);

G_END_DECLS
