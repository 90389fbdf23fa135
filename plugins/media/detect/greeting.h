/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cadence.h"

G_BEGIN_DECLS

/** McpMediaGreetingLimits: what a person's first words are held to, in ms. */
typedef struct {
    guint greeting_ms;        /* who speaks longer is a machine */
    guint after_greeting_ms;  /* silence that ends a greeting; pauses are shorter */
    guint initial_silence_ms; /* after the answer; longer: nobody speaks. 0: no limit */
    guint total_ms;           /* from the first word, and after the answer if any was spoken */
} McpMediaGreetingLimits;

/** McpMediaGreetingVerdict: who speaks. */
typedef enum {
    MCP_MEDIA_GREETING_UNKNOWN,
    MCP_MEDIA_GREETING_PERSON,
    MCP_MEDIA_GREETING_MACHINE,
    MCP_MEDIA_GREETING_NOBODY,
} McpMediaGreetingVerdict;

/** McpMediaGreeting: listens to the first words after an answer; times in blocks of 10 ms. */
typedef struct {
    McpMediaGreetingLimits limits;
    guint from;        /* when listening began */
    gboolean answered; /* it began with the answer */
    gboolean spoken;
    guint start, end; /* of speech */
    guint pause;      /* the longest one between two words */
} McpMediaGreeting;

/** mcp_media_greeting_begin: @answered: the call was answered at the block @now. Media worker. */
void mcp_media_greeting_begin(McpMediaGreeting *greeting, const McpMediaGreetingLimits *limits,
                              guint now, gboolean answered);
/**
 * mcp_media_greeting_push: after each block of @segments.
 * @evidence: what was measured, MCP_MEDIA_EVIDENCE_BYTES
 *
 * Media worker; no allocation.
 */
McpMediaGreetingVerdict mcp_media_greeting_push(McpMediaGreeting *greeting,
                                                const McpMediaSegments *segments, char *evidence);

G_END_DECLS
