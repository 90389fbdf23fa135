/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "greeting.h"
#include "special_tones.h"

G_BEGIN_DECLS

/** McpMediaProgress: what the far end of an outgoing call was found to be. */
typedef enum {
    MCP_MEDIA_PROGRESS_RINGING,   /* informational: once until something else is heard */
    MCP_MEDIA_PROGRESS_BUSY,      /* the called line */
    MCP_MEDIA_PROGRESS_FAST_BUSY, /* the network: congestion, reorder, unobtainable */
    MCP_MEDIA_PROGRESS_SIT,       /* detail: intercept, vacant, reorder, no-circuit, plain, other */
    MCP_MEDIA_PROGRESS_FAX,       /* detail: cng, ced */
    MCP_MEDIA_PROGRESS_MODEM,     /* detail: ansam, ans, bell */
    MCP_MEDIA_PROGRESS_MACHINE,   /* an answering machine; its beep comes as BEEP */
    MCP_MEDIA_PROGRESS_PERSON,
    MCP_MEDIA_PROGRESS_SILENCE, /* no answer, or nobody speaks */
    MCP_MEDIA_PROGRESS_BEEP,    /* after MACHINE or PERSON: a beep is over, one may speak */
} McpMediaProgress;

/** McpMediaProgressReport: a verdict and why. */
typedef struct {
    McpMediaProgress progress;
    gint64 at;          /* samples of the input since init, when it became certain */
    const char *detail; /* static; row of the cadence table, or kind of the tone; "" for none */
    char evidence[MCP_MEDIA_EVIDENCE_BYTES];
} McpMediaProgressReport;

/** McpMediaProgressSettings: see mcp_media_progress_settings_default(). */
typedef struct {
    const McpMediaCadence *cadences; /* must live as long as the detector; not copied */
    guint n_cadences;
    McpMediaGreetingLimits greeting;
    guint no_answer_ms;    /* since init, without an answer or a verdict; 0: no limit */
    gboolean await_answer; /* speech before mcp_media_call_progress_answered() is not judged */
} McpMediaProgressSettings;

/**
 * McpMediaCallProgress: listens to what the far end sends. One verdict ends it, but for ringing and
 * beeps; tones are found within 4 s of their begin, a person or a machine within 4 s of the first
 * word.
 */
typedef struct {
    McpMediaNarrowband narrowband;
    McpMediaProgressSettings settings;
    McpMediaSegments segments;
    McpMediaSpecialTones special;
    McpMediaGreeting greeting;
    gboolean answered;
    gboolean decided;
    McpMediaProgress verdict; /* when decided */
    gboolean rings;           /* ringing was reported and nothing else came since */
    guint ring_cycles;
    McpMediaProgressReport waiting[4]; /* a ring */
    guint n_made, n_taken;
} McpMediaCallProgress;

/**
 * mcp_media_progress_settings_default: greeting up to 2.5 s, then 0.9 s of silence; 3.5 s of
 * silence after the answer; 4 s in all; no answer after 60 s; speech counts before the answer too.
 * @country: (nullable): ISO 3166, whose cadences to use; NULL or unknown: those of all countries
 *
 * Any thread.
 */
void mcp_media_progress_settings_default(McpMediaProgressSettings *settings, const char *country);
/**
 * mcp_media_call_progress_init: FALSE: @rate is neither 8000 nor 16000. Any thread; the first call
 * in a process computes tables.
 */
gboolean mcp_media_call_progress_init(McpMediaCallProgress *progress,
                                      const McpMediaProgressSettings *settings, guint rate);
/**
 * mcp_media_call_progress_take: listens to more samples.
 * @samples: linear, @n of them, any number
 * @out_reports: room for @max reports; those that do not fit wait for the next call, four at most
 *
 * Returns: how many reports. Media worker; no allocation.
 */
guint mcp_media_call_progress_take(McpMediaCallProgress *progress, const gint16 *samples, gsize n,
                                   McpMediaProgressReport *out_reports, guint max);
/**
 * mcp_media_call_progress_answered: the call is answered now: what was heard before is forgotten
 * and a verdict on it withdrawn, person or machine is judged by what follows. Media worker.
 */
void mcp_media_call_progress_answered(McpMediaCallProgress *progress);
/** mcp_media_progress_name: "busy", "fast-busy" …; "unknown" for others. Any thread. */
const char *mcp_media_progress_name(McpMediaProgress progress);

G_END_DECLS
