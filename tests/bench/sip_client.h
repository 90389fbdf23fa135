/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The callers: SIP user agent clients (RFC 3261 §8, §13, §15) by the thousand, each with one
 * stream. One loop, one thread. A call stays readable after its end, and goes on answering what
 * the server repeats.
 */
#pragma once

#include "rtp_stream.h"
#include "sip_transport.h"

G_BEGIN_DECLS

typedef struct _McpLoadClient McpLoadClient;
typedef struct _McpLoadCall McpLoadCall;

typedef enum {
    MCP_LOAD_STATE_IDLE,
    MCP_LOAD_STATE_CALLING,    /* INVITE sent, nothing heard */
    MCP_LOAD_STATE_PROCEEDING, /* a provisional response came */
    MCP_LOAD_STATE_UP,
    MCP_LOAD_STATE_CANCELLING,
    MCP_LOAD_STATE_LEAVING, /* BYE sent */
    MCP_LOAD_STATE_ENDED,
} McpLoadState;

typedef enum {
    MCP_LOAD_END_NONE,
    MCP_LOAD_END_CALLER_HUNG_UP,
    MCP_LOAD_END_SERVER_HUNG_UP,
    MCP_LOAD_END_REFUSED,    /* a final response above 299; see status */
    MCP_LOAD_END_NO_ANSWER,  /* no final response in time */
    MCP_LOAD_END_BAD_ANSWER, /* a 200 without a usable SDP answer */
    MCP_LOAD_END_BYE_LOST,   /* no response to our BYE */
} McpLoadEnd;

struct _McpLoadCall {
    McpLoadClient *client;
    guint number;
    guint path;
    McpLoadState state;
    McpLoadEnd end;
    guint status; /* the final response to the INVITE, 0 before */
    char *call_id;
    char *local_tag;
    char *remote; /* To, with the tag once known */
    char *target; /* request-URI inside the dialog */
    char *route;  /* Route header lines */
    guint32 cseq;
    guint32 invite_cseq;
    GString *request; /* what the timer repeats: INVITE, CANCEL or BYE */
    GString *ack;
    McpBenchTimer timer;
    gint64 interval_us;
    gint64 give_up_us;
    gboolean cancel_wanted; /* before the first response, CANCEL must wait (§9.1) */
    gint64 invite_us;
    gint64 answer_us;
    gint64 end_us;
    McpLoadStream stream;
    int payload_type;   /* of the first format that the server's SDP names */
    gboolean inactive;  /* the answer wants no media: nothing is sent or expected */
    McpBenchTimer plan; /* the scenario's, like fault; ignored here */
    const char *fault;  /* what the scenario found wrong, static; NULL: nothing */
};

typedef struct {
    guint64 invite_repeats;  /* our INVITEs sent again (timer A) */
    guint64 request_repeats; /* our BYEs and CANCELs sent again (timer E) */
    guint64 answer_repeats;  /* the server's final responses to INVITE, heard again */
    guint64 server_repeats;  /* the server's requests, heard again */
    guint64 unexpected;      /* messages that fit no call */
} McpLoadSipCounts;

typedef struct {
    const char *target; /* sip:user@host[:port][;transport=tcp]; "{}" is the number of the group */
    guint group;        /* calls that share a target, 0: all */
    gboolean tcp;
    struct sockaddr_in server;
    gboolean own_sockets;   /* an RTP socket a call */
    int event_type;         /* telephone-event payload type to offer, -1: none */
    gint64 answer_limit_us; /* a call without final response is cancelled then */
    void (*answered)(McpLoadCall *call, gpointer user_data);
    void (*ended)(McpLoadCall *call, gpointer user_data);
    gpointer user_data;
} McpLoadClientConfig;

/* @config is copied, its strings are not. */
McpLoadClient *mcp_load_client_new(McpBenchLoop *loop, McpLoadMedia *media,
                                   const McpLoadClientConfig *config);
void mcp_load_client_free(McpLoadClient *client);

/* Adds a source address with its SIP path and shared RTP socket. */
gboolean mcp_load_client_add_source(McpLoadClient *client, const struct sockaddr_in *address,
                                    GError **error);

/* Starts the next call; it belongs to the client. Returns: (transfer none) (nullable) */
McpLoadCall *mcp_load_client_call(McpLoadClient *client, GError **error);
/* Ends a call with CANCEL or BYE, whichever its state asks for. */
void mcp_load_call_hang_up(McpLoadCall *call);

/* All calls so far (McpLoadCall). */
const GPtrArray *mcp_load_client_calls(McpLoadClient *client);
McpLoadSipCounts mcp_load_client_counts(McpLoadClient *client);
McpBenchSipTransport *mcp_load_client_transport(McpLoadClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpLoadClient, mcp_load_client_free)

G_END_DECLS
