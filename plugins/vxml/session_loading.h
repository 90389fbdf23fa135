/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session fetches, compiles and prepares, and what is heard meanwhile. As session_private.h.
 */
#pragma once
#include "session_private.h"

G_BEGIN_DECLS

/* page_loading.c */
typedef void (*McpVxmlPageFunc)(McpVxmlSession *session, McpVxmlDocument *document,
                                McpVxmlDocument *root, const char *event, const char *message);
/** mcp_vxml_load_page: fetches and parses a page and its root; @func runs once. */
void mcp_vxml_load_page(McpVxmlSession *session, const McpVxmlFetch *fetch, GBytes *body,
                        const char *current_root, McpVxmlPageFunc func);
void mcp_vxml_load_script(McpVxmlSession *session, const McpVxmlFetch *fetch);
/** mcp_vxml_submit_page: reads the recordings that the form carries, then loads the page. */
void mcp_vxml_submit_page(McpVxmlSession *session, const McpVxmlAction *action,
                          McpVxmlPageFunc func);
/** mcp_vxml_fetch_resource: what @how says, with the limits of the session, until
 * it is cancelled. */
void mcp_vxml_fetch_resource(McpVxmlSession *session, const McpVxmlFetch *how, GBytes *body,
                             const char *accept, GAsyncReadyCallback callback, gpointer data);
/** mcp_vxml_fetch_event: (transfer full): the event for a response or an error of a fetch. */
char *mcp_vxml_fetch_event(guint status, const GError *error);

/* data_loading.c */
/** mcp_vxml_load_data: the action is DATA. */
void mcp_vxml_load_data(McpVxmlSession *session);
/** mcp_vxml_load_data_with: with @body, once the recordings that it carries were read. */
void mcp_vxml_load_data_with(McpVxmlSession *session, const McpVxmlFetch *how, GBytes *body);

/* prompt_player.c */
/** mcp_vxml_piece_free: for a GPtrArray. */
void mcp_vxml_piece_free(gpointer piece);
/** McpVxmlPreparedFunc: @groups (transfer full) of McpVxmlGroup, or NULL with an event. */
typedef void (*McpVxmlPreparedFunc)(McpVxmlSession *session, GPtrArray *groups, const char *event,
                                    const char *message);
void mcp_vxml_prepare_prompts(McpVxmlSession *session, GPtrArray *prompts,
                              McpVxmlPreparedFunc func);
/** mcp_vxml_play_group: plays from the next packet on; returns the generation. */
guint64 mcp_vxml_play_group(McpVxmlSession *session, const McpVxmlGroup *group);

/* grammar_loading.c */
typedef void (*McpVxmlGrammarsFunc)(McpVxmlSession *session, GPtrArray *compiled, const char *event,
                                    const char *message);
/** mcp_vxml_load_grammars: @func gets one McpGrammar (nullable: voice) for each of @grammars. */
void mcp_vxml_load_grammars(McpVxmlSession *session, GPtrArray *grammars, McpVxmlGrammarsFunc func);

/* fetch_audio.c */
/** mcp_vxml_fetch_with_audio: a page, with what is heard meanwhile; @func runs once. */
void mcp_vxml_fetch_with_audio(McpVxmlSession *session, McpVxmlPageFunc func);
/** McpVxmlStartFunc: sends off what is waited for. */
typedef void (*McpVxmlStartFunc)(McpVxmlSession *session);
/** mcp_vxml_wait_with_audio: as above for what is no page; over by mcp_vxml_wait_arrived().
 * @start: nullable: it comes without being asked for. */
void mcp_vxml_wait_with_audio(McpVxmlSession *session, McpVxmlStartFunc start,
                              McpVxmlPageFunc func);
/** mcp_vxml_wait_arrived: @event: nullable: it failed. */
void mcp_vxml_wait_arrived(McpVxmlSession *session, const char *event, const char *message);
void mcp_vxml_fetch_audio_event(McpVxmlSession *session, const McpLegEvent *event);
/** mcp_vxml_fetch_audio_hangup: nobody listens any more; the page is awaited all the same. */
void mcp_vxml_fetch_audio_hangup(McpVxmlSession *session);
void mcp_vxml_fetch_audio_free(McpVxmlSession *session);

/* prefetching.c */
/** mcp_vxml_prefetcher_open: from here on what the session fetches is noted. */
void mcp_vxml_prefetcher_open(McpVxmlSession *session);
/** mcp_vxml_prefetch: fetches what of @list (McpVxmlPrefetch) the session has not fetched yet. */
void mcp_vxml_prefetch(McpVxmlSession *session, GPtrArray *list);
/** mcp_vxml_prefetcher_note: @url is fetched otherwise; nothing before it was opened. */
void mcp_vxml_prefetcher_note(McpVxmlSession *session, const char *url);
void mcp_vxml_prefetcher_free(McpVxmlSession *session);

/* saying_ahead.c */
/** mcp_vxml_fill_synthesis: how @segment of @prompt is asked for; it borrows their strings. */
void mcp_vxml_fill_synthesis(McpVxmlSession *session, const McpVxmlPrompt *prompt,
                             const McpVxmlSegment *segment, McpSynthesisRequest *out_request);
/** mcp_vxml_ahead_plan: what may be due next, in place of what was planned before. */
void mcp_vxml_ahead_plan(McpVxmlSession *session, GPtrArray *prompts);
/** mcp_vxml_ahead_begin: nothing that is due is held up any more by what is not. */
void mcp_vxml_ahead_begin(McpVxmlSession *session);
/** mcp_vxml_ahead_take: (transfer full) (nullable): what was said ahead of @request. */
McpAudio *mcp_vxml_ahead_take(McpVxmlSession *session, const McpSynthesisRequest *request);
void mcp_vxml_ahead_free(McpVxmlSession *session);

G_END_DECLS
