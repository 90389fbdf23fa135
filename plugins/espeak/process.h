/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpEspeakProcess: one worker: the program, and the frames (protocol.h) that go to it and come
 * from it. Used on the context it was made on.
 */
typedef struct _McpEspeakProcess McpEspeakProcess;

/**
 * McpEspeakProcessEvents: what the worker does; each may free the process.
 * @frame: a whole frame, of a type and length that a worker may send
 * @ended: last; it has ended, or has been ended for what it sent
 */
typedef struct {
    void (*frame)(char type, const guint8 *body, gsize length, gpointer user_data);
    void (*ended)(const char *why, gpointer user_data);
} McpEspeakProcessEvents;

/**
 * mcp_espeak_process_start: (transfer full): starts @program.
 * @events: static
 */
McpEspeakProcess *mcp_espeak_process_start(const char *program,
                                           const McpEspeakProcessEvents *events, gpointer user_data,
                                           GError **error);
/** mcp_espeak_process_send: a frame, as soon as the worker takes it. */
void mcp_espeak_process_send(McpEspeakProcess *process, char type, const char *body, gsize length);
/** mcp_espeak_process_free: (transfer full): ends it if it still runs; no event comes any more. */
void mcp_espeak_process_free(McpEspeakProcess *process);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpEspeakProcess, mcp_espeak_process_free)

G_END_DECLS
