/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether servers are there: OPTIONS of RTSP (RFC 2326 §10.1) or SIP (RFC 3261 §11) to each that is
 * not in use; whatever it answers, it is, but for the 503 of a SIP server that takes nothing. On
 * its maker's context.
 */
#include "probe.h"

#include <mcp/error.h>
#include <mrcp_session/rtsp_client.h>

typedef struct {
    McpMrcpProbes *probes;
    const McpMrcpServer *server; /* of the pool */
    McpTimer *timer;             /* until it is asked, or for its answer */
    McpMrcpRtspTarget target;    /* v1, as the next */
    McpMrcpRtspClient *client;   /* nullable: under way */
    GCancellable *cancellable;   /* v2 */
} Probe;

struct _McpMrcpProbes {
    McpMrcpPool *pool;
    McpClock *clock;
    McpSignalling *signalling;
    GPtrArray *all; /* Probe */
};

static void begin(gpointer user_data);

static void
probe_free(gpointer data)
{
    Probe *probe = data;

    mcp_timer_clear(&probe->timer);
    g_cancellable_cancel(probe->cancellable);
    g_object_unref(probe->cancellable);
    g_clear_pointer(&probe->client, mcp_mrcp_rtsp_client_free);
    mcp_mrcp_rtsp_target_clear(&probe->target);
    g_free(probe);
}

static void
wait(Probe *self, gint64 pause)
{
    mcp_timer_clear(&self->timer);
    self->timer = mcp_clock_after(self->probes->clock, NULL, pause, begin, self);
}

static void
finish(Probe *self, const GError *error)
{
    g_clear_pointer(&self->client, mcp_mrcp_rtsp_client_free);
    wait(self, mcp_mrcp_pool_probed(self->probes->pool, self->server, error));
}

static void
on_answered(McpMrcpRtspClient *client, const McpMrcpRtsp *answer, guint tag, gpointer user_data)
{
    finish(user_data, NULL);
}

static void
on_closed(McpMrcpRtspClient *client, const GError *error, gpointer user_data)
{
    finish(user_data, error);
}

static void
on_timeout(gpointer user_data)
{
    Probe *self = user_data;
    g_autoptr(GError) error =
        g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "OPTIONS was not answered in %d ms",
                    (int)(self->server->connect_timeout / 1000));

    finish(self, error);
}

static void
on_pinged(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    guint status = mcp_signalling_ping_finish(MCP_SIGNALLING(source), result, &error);

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (status == 503)
        error = g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "OPTIONS was answered by 503");
    finish(user_data, error);
}

/* RFC 2326 §10.1 */
static void
ask_v1(Probe *self)
{
    static const McpMrcpRtspClientEvents events = {.closed = on_closed};
    McpClock *clock = self->probes->clock;
    McpMrcpRtsp *request = NULL;

    mcp_timer_clear(&self->timer);
    self->timer = mcp_clock_after(clock, NULL, self->server->connect_timeout, on_timeout, self);
    self->client = mcp_mrcp_rtsp_client_new(&self->target, self->server->tls,
                                            self->server->connect_timeout, clock, &events, self);
    request = mcp_mrcp_rtsp_client_request(self->client, "OPTIONS", self->server->target);
    mcp_mrcp_rtsp_client_send(self->client, request, on_answered, 0);
}

static void
begin(gpointer user_data)
{
    Probe *self = user_data;

    if (mcp_mrcp_pool_is_in_use(self->probes->pool, self->server))
        wait(self, self->server->probe);
    else if (self->server->version == MCP_MRCP_V1)
        ask_v1(self);
    else
        mcp_signalling_ping_async(self->probes->signalling, self->server->target,
                                  self->server->connect_timeout, self->cancellable, on_pinged,
                                  self);
}

McpMrcpProbes *
mcp_mrcp_probes_new(McpMrcpPool *pool, const McpMrcpServices *services)
{
    McpMrcpProbes *probes = g_new0(McpMrcpProbes, 1);
    const McpMrcpServer *server = NULL;

    probes->pool = mcp_mrcp_pool_ref(pool);
    probes->clock = g_object_ref(services->clock);
    g_set_object(&probes->signalling, services->signalling);
    probes->all = g_ptr_array_new_with_free_func(probe_free);
    for (guint i = 0; (server = mcp_mrcp_pool_get(pool, i)) != NULL; i++) {
        McpMrcpRtspTarget target = {0};
        Probe *probe = NULL;

        if (server->probe == 0 || (server->version == MCP_MRCP_V1 &&
                                   !mcp_mrcp_rtsp_target_parse(server->target, &target, NULL)))
            continue;
        probe = g_new0(Probe, 1);
        probe->probes = probes;
        probe->server = server;
        probe->target = target;
        probe->cancellable = g_cancellable_new();
        g_ptr_array_add(probes->all, probe);
        begin(probe);
    }
    return probes;
}

void
mcp_mrcp_probes_free(McpMrcpProbes *probes)
{
    if (probes == NULL)
        return;
    g_ptr_array_unref(probes->all);
    g_object_unref(probes->clock);
    g_clear_object(&probes->signalling);
    mcp_mrcp_pool_unref(probes->pool);
    g_free(probes);
}
