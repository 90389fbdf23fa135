/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call_progress.h"
#include <mcp/settings.h>

G_BEGIN_DECLS

/** MCP_MEDIA_COUNTRY_TONES: ringing, busy, congestion. */
#define MCP_MEDIA_COUNTRY_TONES 3

/**
 * McpMediaCountry: a [media.country "XX"] section: the tones of a country's network and what first
 * words are held to there. Immutable once it is read.
 */
typedef struct {
    const char *name; /* lives as long */
    guint n;          /* tones; 0: the built-in ones */
    McpMediaCadence tones[MCP_MEDIA_COUNTRY_TONES];
    McpMediaGreetingLimits greeting;
} McpMediaCountry;

/**
 * mcp_media_cadence_parse: "425: 500/500" or "440+480: 2000/4000": frequencies in Hz, then times on
 * and off in ms; one time alone: a steady tone. FALSE: malformed. Any thread.
 */
gboolean mcp_media_cadence_parse(McpMediaCadence *cadence, const char *text);
/**
 * mcp_media_country_read: the section of that name; MCP_ERROR_INVALID names key and origin. Any
 * thread.
 */
gboolean mcp_media_country_read(McpMediaCountry *country, McpSettings *settings, const char *name,
                                GError **error);
/** mcp_media_country_apply: @settings are those of @country. Any thread. */
void mcp_media_country_apply(const McpMediaCountry *country, McpMediaProgressSettings *settings);

G_END_DECLS
