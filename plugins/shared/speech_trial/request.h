/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** McpSpeechSay: the body of POST /speech/prompts, checked. */
typedef struct {
    char *text; /* plain, or an SSML document when @ssml */
    gboolean ssml;
    char *language; /* nullable */
    char *voice;    /* nullable */
    char *engine;   /* nullable */
    guint rate;     /* Hz */
    gint64 timeout; /* µs for all of it */
} McpSpeechSay;

/** McpSpeechHear: the body of POST /speech/recognitions, checked. */
typedef struct {
    GBytes *audio;             /* a WAV file */
    char *grammar;             /* nullable: its text */
    char *grammar_type;        /* nullable: of the text */
    char *grammar_uri;         /* nullable: one of text and URI is there */
    char *language;            /* nullable */
    char *engine;              /* nullable */
    gint64 complete_timeout;   /* µs; 0: the engine's own */
    gint64 incomplete_timeout; /* µs; 0: the engine's own */
    gint64 timeout;            /* µs for all of it */
} McpSpeechHear;

/** mcp_speech_say_parse: (transfer full): NULL with MCP_ERROR_INVALID naming the member. */
McpSpeechSay *mcp_speech_say_parse(GBytes *body, GError **error);
/** mcp_speech_say_free: frees it. */
void mcp_speech_say_free(McpSpeechSay *say);
/** mcp_speech_hear_parse: (transfer full): NULL with MCP_ERROR_INVALID naming the member. */
McpSpeechHear *mcp_speech_hear_parse(GBytes *body, GError **error);
/** mcp_speech_hear_free: frees it. */
void mcp_speech_hear_free(McpSpeechHear *hear);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSpeechSay, mcp_speech_say_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSpeechHear, mcp_speech_hear_free)

G_END_DECLS
