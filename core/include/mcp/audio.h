/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpAudio: audio content: bytes with a media type and an identity. Shared by reference between
 * threads. The identity names the content for caches: equal identities mean equal bytes. It is
 * immutable, or grows at its end until its producer finishes it (an engine that still speaks).
 */
typedef struct _McpAudio McpAudio;
/** McpAudioProducer: appends to an audio that grows; one thread at a time. */
typedef struct _McpAudioProducer McpAudioProducer;
/** McpAudioWatch: reads an audio that may grow, without keeping it wanted. */
typedef struct _McpAudioWatch McpAudioWatch;

/** McpAudioFunc: something changed; on any thread, no lock is held. */
typedef void (*McpAudioFunc)(gpointer user_data);

/**
 * mcp_audio_new:
 * @bytes: (transfer none): the content
 * @content_type: "audio/x-wav", "audio/basic" (raw μ-law 8 kHz), "audio/x-alaw-basic",
 *   "audio/L16;rate=8000" (big-endian, RFC 3551 §4.5.11), "audio/x-au" …; a RIFF or .snd header
 *   wins
 * @id: (nullable): identity; NULL: a hash of the bytes is taken
 *
 * Returns: (transfer full). Any thread.
 */
McpAudio *mcp_audio_new(GBytes *bytes, const char *content_type, const char *id);
/** mcp_audio_ref: (transfer full). Any thread. */
McpAudio *mcp_audio_ref(McpAudio *audio);
/** mcp_audio_unref: Any thread. */
void mcp_audio_unref(McpAudio *audio);
/**
 * mcp_audio_get_bytes: (transfer none): of one that grows: what it has at its end; none before.
 */
GBytes *mcp_audio_get_bytes(McpAudio *audio);
/** mcp_audio_get_content_type: (transfer none). */
const char *mcp_audio_get_content_type(McpAudio *audio);
/** mcp_audio_get_id: (transfer none). */
const char *mcp_audio_get_id(McpAudio *audio);
/** mcp_audio_is_private: its identity was made up: nobody else can ask for the same. */
gboolean mcp_audio_is_private(McpAudio *audio);

/**
 * mcp_audio_producer_new: an audio without bytes yet.
 * @content_type: of raw samples: no container
 * @id: (nullable): NULL: one that no other audio has
 * @limit: bytes at most
 * @out_audio: (transfer full): the audio
 *
 * Returns: (transfer full). Any thread.
 */
McpAudioProducer *mcp_audio_producer_new(const char *content_type, const char *id, gsize limit,
                                         McpAudio **out_audio);
/**
 * mcp_audio_producer_on_abandoned: @func is called when the last reference to the audio is gone:
 * nobody will hear what is still to come. Set once, before the audio is given away.
 * @destroy: (nullable): of @user_data, when no call can come any more
 */
void mcp_audio_producer_on_abandoned(McpAudioProducer *producer, McpAudioFunc func,
                                     gpointer user_data, GDestroyNotify destroy);
/**
 * mcp_audio_producer_append: FALSE: it is as long as it may be, or at its end; nothing is taken.
 */
gboolean mcp_audio_producer_append(McpAudioProducer *producer, gconstpointer data, gsize length);
/**
 * mcp_audio_producer_finish: the end, and with @error (nullable) a bad one: what is there can be
 * heard, then the error is told. A second call changes nothing.
 */
void mcp_audio_producer_finish(McpAudioProducer *producer, const GError *error);
/** mcp_audio_producer_free: an audio not finished ends with MCP_ERROR_CLOSED. */
void mcp_audio_producer_free(McpAudioProducer *producer);

/**
 * mcp_audio_watch_new: (transfer full): @grown is called whenever there is more, or the end.
 * @destroy: (nullable): of @user_data, when no call can come any more
 */
McpAudioWatch *mcp_audio_watch_new(McpAudio *audio, McpAudioFunc grown, gpointer user_data,
                                   GDestroyNotify destroy);
/**
 * mcp_audio_watch_read: (transfer full): the bytes from @from on, none if there are none.
 * @out_ended: nothing follows them
 * @error: (nullable): how it ended, with @out_ended
 */
GBytes *mcp_audio_watch_read(McpAudioWatch *watch, gsize from, gboolean *out_ended, GError **error);
/** mcp_audio_watch_free: no call begins any more. Any thread, not within @grown. */
void mcp_audio_watch_free(McpAudioWatch *watch);
/** mcp_audio_is_growing: not at its end yet. Any thread. */
gboolean mcp_audio_is_growing(McpAudio *audio);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpAudio, mcp_audio_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpAudioProducer, mcp_audio_producer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpAudioWatch, mcp_audio_watch_free)

G_END_DECLS
