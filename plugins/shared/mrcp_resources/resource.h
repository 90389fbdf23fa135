/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "channels.h"
#include "metrics.h"
#include <mcp/clock.h>
#include <mcp/contract/media.h>
#include <mcp/contract/recognizer.h>
#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

/** McpMrcpdSession: what the resources of a session share. On the call's shard, as all below. */
typedef struct _McpMrcpdSession McpMrcpdSession;

struct _McpMrcpdSession {
    McpMrcpdChannels *channels;
    McpClock *clock;
    McpMetrics *metrics; /* nullable: rows of metrics.h */
    McpCall *call;       /* nullable; borrowed */
    const char *call_id;
    McpMedia *media;
    McpGrammarEngine *grammar;   /* nullable */
    McpRecognizer *recognizer;   /* nullable */
    McpSynthesizer *synthesizer; /* nullable */
    McpLeg *leg;                 /* nullable: not started yet */
    guint rate;                  /* Hz of the codec agreed upon */
    /* The connection of one of its channels is gone. */
    void (*lost)(McpMrcpdSession *session);
};

/** McpMrcpdResource: a resource and its channel; a synthesizer or a recognizer has one first. */
typedef struct _McpMrcpdResource McpMrcpdResource;

/** McpMrcpdMethod: what is done with a request (transfer none); it answers it, at once or later. */
typedef struct {
    const char *name;
    void (*handle)(McpMrcpdResource *resource, McpMrcpMessage *request);
} McpMrcpdMethod;

/** McpMrcpdResourceClass: a kind of resource. */
typedef struct {
    McpMrcpResource kind;
    const McpMrcpdMethod *methods;
    guint n_methods;
    void (*take_leg)(McpMrcpdResource *resource, const McpLegEvent *event);
    void (*describe)(McpMrcpdResource *resource, McpJson *json);
    void (*free)(McpMrcpdResource *resource); /* ends what is under way, without a word */
} McpMrcpdResourceClass;

struct _McpMrcpdResource {
    const McpMrcpdResourceClass *class;
    McpMrcpdSession *session;
    McpMrcpdChannel *channel;
    McpMrcpFields *params; /* of SET-PARAMS */
    guint32 last_id;
    gboolean busy;  /* a request is not answered yet: others wait */
    GQueue waiting; /* McpMrcpMessage */
};

/** mcp_mrcpd_resource_init: opens its channel; MCP_ERROR_LIMIT. @resource is zeroed memory. */
gboolean mcp_mrcpd_resource_init(McpMrcpdResource *resource, const McpMrcpdResourceClass *class,
                                 McpMrcpdSession *session, GError **error);
/** mcp_mrcpd_resource_clear: closes its channel and frees what it holds. */
void mcp_mrcpd_resource_clear(McpMrcpdResource *resource);
/** mcp_mrcpd_resource_run: handles what waits, once the leg is there or the last one answered. */
void mcp_mrcpd_resource_run(McpMrcpdResource *resource);

/** mcp_mrcpd_respond: (transfer full): an answer to @request, for mcp_mrcpd_answer(). */
McpMrcpMessage *mcp_mrcpd_respond(const McpMrcpMessage *request, guint status, McpMrcpState state);
/** mcp_mrcpd_send: @message (transfer full): an answer or event. */
void mcp_mrcpd_send(McpMrcpdResource *resource, McpMrcpMessage *message);
/** mcp_mrcpd_refuse_request: answers with @status; @why is for the log. */
void mcp_mrcpd_refuse_request(McpMrcpdResource *resource, const McpMrcpMessage *request,
                              guint status, const char *why);
/** mcp_mrcpd_set_ids: Active-Request-Id-List of @ids (guint32), if there are any. */
void mcp_mrcpd_set_ids(McpMrcpMessage *message, const GArray *ids);
/** mcp_mrcpd_is_listed: whether @request is about @id: it lists it, or none. */
gboolean mcp_mrcpd_is_listed(const McpMrcpMessage *request, guint32 id);
/** mcp_mrcpd_set_reason: Completion-Reason (RFC 6787 §9.4.12), quoted; @text nullable: none. */
void mcp_mrcpd_set_reason(McpMrcpMessage *message, const char *text);

/* --- parameters (parameters.c) --- */

/**
 * mcp_mrcpd_check: whether the values of @request can be taken; else it is answered with 403, 404
 * or 409 and the fields in question (RFC 6787 §6.1.1).
 */
gboolean mcp_mrcpd_check(McpMrcpdResource *resource, const McpMrcpMessage *request);
/** mcp_mrcpd_set_params, mcp_mrcpd_get_params: the generic methods (RFC 6787 §6.1). */
void mcp_mrcpd_set_params(McpMrcpdResource *resource, McpMrcpMessage *request);
void mcp_mrcpd_get_params(McpMrcpdResource *resource, McpMrcpMessage *request);
/** mcp_mrcpd_get: the value for @request: its own, that of SET-PARAMS, or the default; not NULL. */
const char *mcp_mrcpd_get(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                          const char *name);
/** mcp_mrcpd_get_set: (nullable): the same, but for defaults. */
const char *mcp_mrcpd_get_set(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                              const char *name);
/** mcp_mrcpd_get_bool: of a field that is "true" or "false". */
gboolean mcp_mrcpd_get_bool(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                            const char *name);
/** mcp_mrcpd_get_level: 0…1. */
double mcp_mrcpd_get_level(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                           const char *name);
/** mcp_mrcpd_get_time: µs of a field in ms. */
gint64 mcp_mrcpd_get_time(const McpMrcpdResource *resource, const McpMrcpMessage *request,
                          const char *name);
/** mcp_mrcpd_get_vendor: (transfer full) (nullable): Vendor-Specific-Parameters, char* → char*. */
GHashTable *mcp_mrcpd_get_vendor(const McpMrcpdResource *resource, const McpMrcpMessage *request);

/* --- the kinds --- */

/** mcp_mrcpd_synthesizer_new, mcp_mrcpd_recognizer_new: (transfer full): freed by its class. */
McpMrcpdResource *mcp_mrcpd_synthesizer_new(McpMrcpdSession *session, GError **error);
McpMrcpdResource *mcp_mrcpd_recognizer_new(McpMrcpdSession *session, GError **error);

G_END_DECLS
