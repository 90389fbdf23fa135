/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>
#include <mcp/log_limit.h>
#include <mrcp/framer.h>
#include <mrcp_resources/channels.h>
#include <mrcp_resources/metrics.h>
#include <tls/tls_context.h>

G_BEGIN_DECLS

/**
 * McpMrcpdServices: what all parts of the plugin share. Made at the start, not changed after it but
 * for @tls, which is of the control context. Any thread.
 */
typedef struct {
    gatomicrefcount refs;
    McpHost *host;
    McpClock *clock;
    GMainContext *control;
    McpMetrics *metrics; /* nullable */
    McpMrcpdChannels *channels;
    McpLogLimit *refusals;
    McpMrcpLimits limits;
    char *address;         /* literal that connections are taken at */
    guint ports[3];        /* by McpMrcpdLink; 0: none */
    McpTlsContext *tls;    /* nullable; control context */
    char *fingerprint;     /* nullable: of its certificate, as in a=fingerprint; under @lock */
    GMutex lock;           /* guards fingerprint */
    char *synthesizer;     /* nullable: the one of the highest priority */
    char *recognizer;      /* nullable: as above */
    guint max_connections; /* of each port */
    gint64 idle_timeout;
    gint64 session_timeout; /* of RTSP */
} McpMrcpdServices;

/** mcp_mrcpd_services_new: (transfer full): of the settings in force. */
McpMrcpdServices *mcp_mrcpd_services_new(McpHost *host, McpSettings *settings);
/** mcp_mrcpd_services_ref: (transfer full). */
McpMrcpdServices *mcp_mrcpd_services_ref(McpMrcpdServices *services);
/** mcp_mrcpd_services_unref: */
void mcp_mrcpd_services_unref(McpMrcpdServices *services);

/** mcp_mrcpd_services_set_tls: what new connections over TLS get. Control context. */
gboolean mcp_mrcpd_services_set_tls(McpMrcpdServices *services, McpCredentialSet *set,
                                    GError **error);
/** mcp_mrcpd_services_dup_fingerprint: (transfer full) (nullable): of the certificate, for SDP. */
char *mcp_mrcpd_services_dup_fingerprint(McpMrcpdServices *services);

/** mcp_mrcpd_refuse: counts, and tells in one line of a flood's some, what @remote was refused. */
void mcp_mrcpd_refuse(McpMrcpdServices *services, McpMrcpdRefusal why, const char *remote,
                      const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpdServices, mcp_mrcpd_services_unref)

G_END_DECLS
