/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came of an action. Values that belong to whoever carried it out. Times are µs.
 */
#pragma once
#include "document.h"

G_BEGIN_DECLS

typedef enum {
    MCP_VXML_OUTCOME_PAGE,
    MCP_VXML_OUTCOME_SCRIPT,
    MCP_VXML_OUTCOME_MATCH,
    MCP_VXML_OUTCOME_RECORDED,
    MCP_VXML_OUTCOME_TRANSFERRED,
    MCP_VXML_OUTCOME_DATA,
    MCP_VXML_OUTCOME_OBJECT,
    MCP_VXML_OUTCOME_MESSAGE, /* one that was delivered; any action */
    MCP_VXML_OUTCOME_DONE,    /* PLAY, COMPUTE, SEND */
    MCP_VXML_OUTCOME_EVENT,
} McpVxmlOutcomeType;

/** McpVxmlReading: one way to understand what was said. */
typedef struct {
    guint grammar; /* index in the action's list; of no meaning without a match */
    char *utterance;
    char *interpretation; /* JSON; NULL: no grammar made one */
    double confidence;
} McpVxmlReading;

/** mcp_vxml_readings_new: (transfer full): an array that owns its readings. */
GPtrArray *mcp_vxml_readings_new(void);
/** mcp_vxml_readings_add: strings are copied; one that is there already is left out. */
void mcp_vxml_readings_add(GPtrArray *readings, const McpVxmlReading *reading);

/** McpVxmlOutcome: what came of an action; everything is copied or referenced. */
typedef struct {
    McpVxmlOutcomeType type;
    McpVxmlDocument *document; /* PAGE */
    McpVxmlDocument *root;     /* PAGE: nullable: fetched since it is not the current one */
    const char *text;          /* SCRIPT */
    guint grammar;             /* MATCH, RECORDED: index in the action's list */
    /* MATCH, and EVENT nomatch; RECORDED and TRANSFERRED when a grammar ended it, else NULL */
    const char *utterance;
    const char *interpretation; /* as utterance: JSON; of a nomatch nullable */
    const char *input_mode;     /* as utterance: "dtmf", "voice" */
    double confidence;          /* as utterance */
    GPtrArray *readings;        /* McpVxmlReading: with those behind the best; NULL: it alone */
    const char *mark;           /* MATCH: the last one that was reached; nullable */
    gint64 mark_time;           /* MATCH: µs since then */
    McpXmlDocument *xml;        /* DATA: nullable */
    const char *recording;      /* RECORDED, MATCH with record_utterance: object name */
    const char *recording_type; /* as recording: media type */
    gint64 duration;            /* as recording, and TRANSFERRED: µs */
    const char *result;         /* TRANSFERRED: "busy" …; OBJECT: JSON */
    guint64 size;               /* as recording: bytes */
    char term_char;             /* RECORDED: 0: none */
    gboolean max_time;          /* RECORDED */
    const char *event;          /* EVENT, and RECORDED by a hang-up */
    const char *message;        /* EVENT: nullable */
    gboolean unheard;           /* EVENT: before any of the action's prompts: they stay queued */
} McpVxmlOutcome;

G_END_DECLS
