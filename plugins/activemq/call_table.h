/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/event.h>
#include <mcp/spool.h>

#include "config.h"

G_BEGIN_DECLS

/** McpActivemqCall: what is known of a call while it runs; freed with its record. */
typedef struct {
    char *id;
    char *service;
    char *from;
    char *to;
    char *peer;
    char *guid;   /* value of X-Genesys-GVP-Session-ID; "" without */
    char *tenant; /* of it; "" without */
    gboolean outgoing;
    gint64 arrived;  /* wall µs */
    gint64 answered; /* 0: not */
    gboolean begun;  /* an application has */
    GString *events; /* JSON objects with commas between them */
    guint n_events;
    gint64 first_event;    /* wall µs of the first of them */
    guint batch;           /* number of the next one */
    GPtrArray *recordings; /* names */
    guint prompts;         /* that an engine has spoken */
    guint cached_prompts;  /* that none had to */
    gint64 prompt_ms;
    guint recognitions; /* times that an engine listened */
    guint failed_recognitions;
    gint64 recognition_ms;
    guint turns;
    guint fetches;
    guint failed_fetches;
    guint failed_recordings;
    guint transfers;
} McpActivemqCall;

/** McpActivemqCallTable: the calls that run, as far as events tell of them. Control context. */
typedef struct _McpActivemqCallTable McpActivemqCallTable;

/** mcp_activemq_call_table_new: (transfer full): batches go to @spool. */
McpActivemqCallTable *mcp_activemq_call_table_new(McpSpool *spool);
/** mcp_activemq_call_table_free: what waits of batches is spooled. */
void mcp_activemq_call_table_free(McpActivemqCallTable *table);
/** mcp_activemq_call_table_get: (transfer none) (nullable): of @event; made when it arrives. */
McpActivemqCall *mcp_activemq_call_table_get(McpActivemqCallTable *table, McpEvent *event);
/** mcp_activemq_call_table_add: @event goes into the call's batch, and into its figures. */
void mcp_activemq_call_table_add(McpActivemqCallTable *table, McpActivemqCall *call,
                                 McpEvent *event, gboolean batched);
/** mcp_activemq_call_table_flush: spools batches that began before @wall. */
void mcp_activemq_call_table_flush(McpActivemqCallTable *table, gint64 wall);
/** mcp_activemq_call_table_end: the call is over: its batch is spooled, and it is forgotten. */
void mcp_activemq_call_table_end(McpActivemqCallTable *table, McpActivemqCall *call);

/**
 * mcp_activemq_event_name: (nullable): the platform's name of an event of an @outgoing call or of
 * another; NULL: it has none.
 */
const char *mcp_activemq_event_name(const McpEvent *event, gboolean outgoing);
/** mcp_activemq_label: (transfer full): what messages are selected by. */
char *mcp_activemq_label(const char *type, const char *session, const char *tenant,
                         const char *application);
/** mcp_activemq_tenant: (transfer full): of a session's header; "" where it names none. */
char *mcp_activemq_tenant(const char *guid);

G_END_DECLS
