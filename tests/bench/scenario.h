/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The load shapes. "hold" puts up N calls, lets them settle and measures a window; "delay" and
 * "reaction" do the same and measure how long sound and keys take; "rate" starts calls at a steady
 * rate and follows each to its end. One loop, one thread.
 */
#pragma once

#include "delay.h"
#include "process_usage.h"
#include "reaction.h"
#include "sip_client.h"

G_BEGIN_DECLS

typedef enum {
    MCP_LOAD_SHAPE_HOLD,
    MCP_LOAD_SHAPE_RATE,
    MCP_LOAD_SHAPE_DELAY,
    MCP_LOAD_SHAPE_REACTION,
} McpLoadShape;

typedef struct {
    McpLoadShape shape;
    const char *target;
    guint group; /* calls that share a target, 0: all */
    const McpBenchCodec *codec;
    gboolean tcp;
    struct sockaddr_in server;
    struct sockaddr_in local; /* the first source */
    guint sources;
    gboolean own_sockets;
    gboolean echo;    /* delay: each call hears itself */
    guint calls;      /* all but rate */
    double rate;      /* calls started a second */
    double settle_s;  /* all but rate: from the last answer to the window */
    double measure_s; /* the window; rate: how long calls are started */
    double talk_s;    /* rate: the caller hangs up after that; 0: the server does */
    double longest_s; /* rate: a call not ended by the server by then has failed */
    int server_pid;   /* 0: unknown */
    gboolean quiet;
} McpLoadOptions;

typedef struct {
    McpBenchUsage usage; /* of the server */
    McpBenchUsage own;
    McpLoadMediaCounts media;
    gint64 time_us;
} McpLoadMoment;

typedef struct {
    const McpLoadOptions *options;
    McpBenchLoop *loop;
    McpBenchMaterial *material;
    McpLoadMedia *media;
    McpLoadClient *client;
    McpLoadDelay *delay;       /* NULL: not measured */
    McpLoadReaction *reaction; /* NULL: not measured */
    McpBenchTimer launch;
    McpBenchTimer phase;
    gint64 start_us;
    guint wanted;
    guint started;
    guint answered;
    guint unanswered; /* ended before a usable answer */
    guint ended;
    gboolean settling;
    gboolean leaving; /* the window is over, calls end because we end them */
    McpLoadMoment from;
    McpLoadMoment until;
    char *trouble; /* why the run could not be made, NULL: it could */
} McpLoadRun;

/* Whether calls are put up and held, as all shapes but "rate" do. */
gboolean mcp_load_holds(const McpLoadOptions *options);

/* Runs the shape to its end and leaves the result in @run; blocks. FALSE when it cannot be made. */
gboolean mcp_load_run(McpLoadRun *run, const McpLoadOptions *options, GError **error);
void mcp_load_run_clear(McpLoadRun *run);

/* Address of the caller number @i of a run: @first for one source, else 127.0.1.1 and up. */
struct sockaddr_in mcp_load_source_address(const struct sockaddr_in *first, guint sources, guint i);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpLoadRun, mcp_load_run_clear)

G_END_DECLS
