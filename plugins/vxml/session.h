/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One VoiceXML session: the McpDialog that carries out what the interpreter asks for. All of it on
 * the call's shard; only the machine itself moves to the compute pool and back.
 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/dialog.h>
#include <mcp/contract/fetcher.h>
#include <mcp/contract/grammar.h>
#include <mcp/contract/media.h>
#include <mcp/contract/recognizer.h>
#include <mcp/contract/store.h>
#include <mcp/contract/synthesizer.h>
#include <mcp/event.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

#include "config.h"
#include "debug.h"
#include "debugger/debug_calls.h"
#include "dialler.h"
#include "document_cache.h"
#include "interpreter.h"

G_BEGIN_DECLS

/** McpVxmlServices: what a session uses; each reference may be NULL but clock, cache, config. */
typedef struct {
    McpClock *clock;
    McpPool *compute;
    McpPool *scripts; /* nullable: where heavy sessions run; else in @compute */
    McpEvents *events;
    McpMetrics *metrics;
    McpFetcher *fetcher;
    McpGrammarEngine *grammar;
    McpSynthesizer *synthesizer;
    McpRecognizer *recognizer;
    McpMedia *media;
    McpStore *store;
    McpVxmlCache *cache;
    /* nullable: instead of an INFO within the call, for sessions without one */
    gboolean (*send_info)(gpointer data, const char *content_type, GBytes *body);
    gpointer send_info_data;
    McpVxmlConfig *config;
    /* (transfer full): the McpObjectProvider of a classid; nullable, as what it returns */
    GObject *(*find_object)(const char *classid, gpointer data);
    gpointer find_data;
    gboolean speech;                /* mcp_vxml_session_hear() is called */
    const McpVxmlDialler *dialler;  /* nullable: that of the call, if there is one */
    gpointer dialler_data;          /* not referenced */
    McpVxmlDebugCalls *debug_calls; /* nullable: nobody debugs */
    McpVxmlProbeFunc probe;         /* nullable: a debugger in the same thread */
    gpointer probe_data;
} McpVxmlServices;

/** McpVxmlStart: the first page and what the application is told. Strings are copied. */
typedef struct {
    const char *url;
    const char *method; /* "GET" or "POST" */
    const char *body;   /* nullable */
    gint64 max_age;     /* -1: not said */
    gint64 max_stale;
    const char *session; /* JSON of session.connection */
    const char *extra;   /* nullable: JSON of session.com */
    gboolean no_media;   /* RFC 5552 §2.3: prepared only */
} McpVxmlStart;

#define MCP_TYPE_VXML_SESSION (mcp_vxml_session_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlSession, mcp_vxml_session, MCP, VXML_SESSION, GObject)

/**
 * mcp_vxml_session_new: (transfer full): @call is NULL in tests of the session alone; the members
 * of @services are referenced.
 */
McpVxmlSession *mcp_vxml_session_new(const McpVxmlServices *services, McpCall *call,
                                     const McpVxmlStart *start);

/**
 * mcp_vxml_session_hear: what a recognizer made of what the caller said, while input is awaited;
 * at any other time nothing. @confidence: 0 to 1
 */
void mcp_vxml_session_hear(McpVxmlSession *session, const char *words, double confidence);

G_END_DECLS
