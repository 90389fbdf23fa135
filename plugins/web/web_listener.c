/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener service: finds the listener by name; the work is done by ports and requests. Control
 * context.
 */
#include "web_listener.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#include "web_config.h"
#include "web_port.h"
#include "web_request.h"

struct _McpWebListener {
    GObject parent_instance;
    McpClock *clock;
    McpCredentials *credentials; /* nullable */
    GPtrArray *configs;
    GHashTable *ports;     /* name → McpWebPort */
    GHashTable *fallbacks; /* name → McpWebConfig: of ports that no section describes */
};

static void mcp_web_listener_iface_init(McpListenerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpWebListener, mcp_web_listener, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_LISTENER, mcp_web_listener_iface_init))

McpWebListener *
mcp_web_listener_new(GPtrArray *configs, McpCredentials *credentials, McpClock *clock)
{
    McpWebListener *self = g_object_new(MCP_TYPE_WEB_LISTENER, NULL);

    self->configs = configs;
    self->clock = g_object_ref(clock);
    g_set_object(&self->credentials, credentials);
    return self;
}

static gboolean
take_set(McpWebConfig *config, McpCredentialSet *set, GError **error)
{
    GBytes *chain = mcp_credential_set_get_certificates(set);
    gsize length = 0;
    const char *key = mcp_credential_set_peek_key(set, &length);
    g_autoptr(GString) pem = g_string_new(NULL);
    GTlsCertificate *certificate = NULL;

    if (chain == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "[web.listener \"%s\"] credentials \"%s\" have no certificate", config->name,
                    config->credentials);
        return FALSE;
    }
    g_string_append_len(pem, g_bytes_get_data(chain, NULL), (gssize)g_bytes_get_size(chain));
    g_string_append_len(pem, key, (gssize)length);
    certificate = g_tls_certificate_new_from_pem(pem->str, (gssize)pem->len, error);
    explicit_bzero(pem->str, pem->len);
    if (certificate == NULL)
        return FALSE;
    g_clear_object(&config->certificate);
    config->certificate = certificate;
    return TRUE;
}

/* New connections use the changed set, the others keep theirs. */
static void
on_credentials(McpCredentialSet *set, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (!take_set(user_data, set, &error))
        mcp_log_error("web-credentials", NULL, "%s", error->message);
}

static gboolean
use_credentials(McpWebListener *self, McpWebConfig *config, GError **error)
{
    g_autoptr(McpCredentialSet) set = NULL;

    if (config->credentials == NULL)
        return TRUE;
    if (self->credentials == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND,
                    "[web.listener \"%s\"] credentials: enable the plugin credentials",
                    config->name);
        return FALSE;
    }
    set = mcp_credentials_get(self->credentials, config->credentials, error);
    if (set == NULL || !take_set(config, set, error))
        return FALSE;
    config->watch =
        mcp_credentials_watch(self->credentials, config->credentials,
                              g_main_context_get_thread_default(), on_credentials, config, NULL);
    return TRUE;
}

gboolean
mcp_web_listener_open(McpWebListener *self, GError **error)
{
    for (guint i = 0; i < self->configs->len; i++) {
        McpWebConfig *config = g_ptr_array_index(self->configs, i);
        McpWebPort *port = use_credentials(self, config, error)
                               ? mcp_web_port_new(config, self->clock, error)
                               : NULL;

        if (port == NULL) {
            mcp_web_listener_close(self);
            return FALSE;
        }
        g_hash_table_insert(self->ports, config->name, port);
    }
    return TRUE;
}

void
mcp_web_listener_close(McpWebListener *self)
{
    for (guint i = 0; self->credentials != NULL && i < self->configs->len; i++) {
        McpWebConfig *config = g_ptr_array_index(self->configs, i);

        mcp_credentials_unwatch(self->credentials, config->watch);
        config->watch = 0;
    }
    g_hash_table_remove_all(self->ports);
    g_hash_table_remove_all(self->fallbacks);
}

static gboolean
mcp_web_listener_mount(McpListener *listener, const char *name, const char *path,
                       McpWebHandler handler, gpointer user_data, GError **error)
{
    McpWebPort *port = g_hash_table_lookup(MCP_WEB_LISTENER(listener)->ports, name);

    if (port == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no [web.listener \"%s\"] is configured",
                    name);
        return FALSE;
    }
    return mcp_web_port_mount(port, path, handler, user_data, error);
}

/* (nullable): opens the listener that no section describes. */
static McpWebPort *
open_fallback(McpWebListener *self, const char *name, const char *address, GError **error)
{
    g_autoptr(McpWebConfig) config = mcp_web_config_new_open(name, address, error);
    McpWebPort *port = config != NULL ? mcp_web_port_new(config, self->clock, error) : NULL;

    if (port == NULL)
        return NULL;
    g_hash_table_insert(self->ports, config->name, port);
    g_hash_table_insert(self->fallbacks, config->name, config);
    g_steal_pointer(&config);
    return port;
}

static void
close_fallback(McpWebListener *self, const char *name)
{
    g_hash_table_remove(self->ports, name);
    g_hash_table_remove(self->fallbacks, name);
}

static gboolean
mcp_web_listener_mount_public(McpListener *listener, const char *name, const char *fallback,
                              const char *path, McpWebHandler handler, gpointer user_data,
                              GError **error)
{
    McpWebListener *self = MCP_WEB_LISTENER(listener);
    McpWebPort *port = g_hash_table_lookup(self->ports, name);

    if (port == NULL && fallback == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no [web.listener \"%s\"] is configured",
                    name);
        return FALSE;
    }
    if (port == NULL)
        port = open_fallback(self, name, fallback, error);
    return port != NULL && mcp_web_port_mount_public(port, path, handler, user_data, error);
}

static void
mcp_web_listener_unmount(McpListener *listener, const char *name, const char *path)
{
    McpWebListener *self = MCP_WEB_LISTENER(listener);
    McpWebPort *port = g_hash_table_lookup(self->ports, name);

    if (port != NULL && !mcp_web_port_unmount(port, path) &&
        g_hash_table_contains(self->fallbacks, name))
        close_fallback(self, name);
}

static void
mcp_web_listener_respond(McpListener *listener, McpWebRequest *request, guint status,
                         const char *content_type, const char *body, gsize length)
{
    mcp_web_request_respond(request, status, content_type, body, length);
}

static void
mcp_web_listener_stream_begin(McpListener *listener, McpWebRequest *request,
                              const char *content_type, McpWebClosedFunc closed, gpointer user_data)
{
    mcp_web_request_stream_begin(request, content_type, closed, user_data);
}

static gboolean
mcp_web_listener_stream_write(McpListener *listener, McpWebRequest *request, const char *text,
                              gsize length)
{
    return mcp_web_request_stream_write(request, text, length);
}

static void
mcp_web_listener_stream_end(McpListener *listener, McpWebRequest *request)
{
    mcp_web_request_stream_end(request);
}

static void
mcp_web_listener_iface_init(McpListenerInterface *iface)
{
    iface->mount = mcp_web_listener_mount;
    iface->unmount = mcp_web_listener_unmount;
    iface->respond = mcp_web_listener_respond;
    iface->stream_begin = mcp_web_listener_stream_begin;
    iface->stream_write = mcp_web_listener_stream_write;
    iface->stream_end = mcp_web_listener_stream_end;
    iface->mount_public = mcp_web_listener_mount_public;
}

static void
mcp_web_listener_finalize(GObject *object)
{
    McpWebListener *self = MCP_WEB_LISTENER(object);

    g_hash_table_unref(self->ports);
    g_hash_table_unref(self->fallbacks);
    g_clear_object(&self->credentials);
    g_ptr_array_unref(self->configs);
    g_object_unref(self->clock);
    G_OBJECT_CLASS(mcp_web_listener_parent_class)->finalize(object);
}

static void
mcp_web_listener_class_init(McpWebListenerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_web_listener_finalize;
}

static void
mcp_web_listener_init(McpWebListener *self)
{
    self->ports =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)mcp_web_port_free);
    self->fallbacks =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)mcp_web_config_free);
}
