/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A prompt that an operator has said: the engine is asked, and its audio followed to the end. On
 * the context on which it was asked for; only the bell is rung on other threads.
 */
#include "saying.h"

#include <mcp/error.h>
#include <mcp/json.h>
#include <sound/wave_header.h>
#include <string.h>

#include "trial.h"

/* A quarter of an hour at 16 kHz. */
#define SOUND_MAX (32 * 1024 * 1024)
#define BLOCK 4096

typedef struct _Bell Bell;

/* Until its task is finished. */
typedef struct {
    GTask *task; /* of which it is the data */
    McpSpeechTrial trial;
    McpSpeechSaid *said;
    gboolean asked;  /* and not answered */
    McpAudio *audio; /* nullable: it does not grow */
    McpAudioWatch *watch;
    Bell *bell;
    GByteArray *sound;
} Saying;

/* Audio has grown: rung on any thread, heard on the context. Counted by reference. */
struct _Bell {
    gatomicrefcount refs;
    GMainContext *context;
    gint rung;      /* atomic */
    Saying *saying; /* on the context alone; NULL: nobody waits */
};

static void take_more(Saying *saying);

static Bell *
bell_ref(Bell *bell)
{
    g_atomic_ref_count_inc(&bell->refs);
    return bell;
}

static void
bell_unref(gpointer data)
{
    Bell *bell = data;

    if (!g_atomic_ref_count_dec(&bell->refs))
        return;
    g_main_context_unref(bell->context);
    g_free(bell);
}

static gboolean
on_heard(gpointer user_data)
{
    Bell *bell = user_data;

    g_atomic_int_set(&bell->rung, FALSE);
    if (bell->saying != NULL)
        take_more(bell->saying);
    return G_SOURCE_REMOVE;
}

static void
on_grown(gpointer user_data)
{
    Bell *bell = user_data;
    g_autoptr(GSource) source = NULL;

    if (!g_atomic_int_compare_and_exchange(&bell->rung, FALSE, TRUE))
        return;
    source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, on_heard, bell_ref(bell), bell_unref);
    g_source_attach(source, bell->context);
}

/* --- the end --- */

static void
leave_audio(Saying *saying)
{
    if (saying->bell != NULL)
        saying->bell->saying = NULL;
    g_clear_pointer(&saying->watch, mcp_audio_watch_free);
    g_clear_pointer(&saying->bell, bell_unref);
    g_clear_pointer(&saying->audio, mcp_audio_unref);
}

static void
saying_free(gpointer data)
{
    Saying *saying = data;

    leave_audio(saying);
    mcp_speech_trial_clear(&saying->trial);
    mcp_speech_said_free(saying->said);
    g_byte_array_unref(saying->sound);
    g_free(saying);
}

static void
fail(Saying *saying, GError *error)
{
    GTask *task = saying->task;

    leave_audio(saying);
    mcp_speech_trial_clear(&saying->trial);
    g_task_return_error(task, error);
    g_object_unref(task);
}

static void
succeed(Saying *saying, GBytes *sound)
{
    GTask *task = saying->task;
    McpSpeechSaid *said = g_steal_pointer(&saying->said);

    said->sound = g_bytes_ref(sound);
    said->whole_ms = mcp_speech_trial_ms(&saying->trial);
    leave_audio(saying);
    mcp_speech_trial_clear(&saying->trial);
    g_task_return_pointer(task, said, (GDestroyNotify)mcp_speech_said_free);
    g_object_unref(task);
}

static void
on_cancelled(gpointer user_data)
{
    Saying *saying = user_data;

    /* The synthesizer answers that it was cancelled. */
    if (!saying->asked)
        fail(saying, mcp_speech_trial_error(&saying->trial));
}

/* --- the audio --- */

static void
take_more(Saying *saying)
{
    g_autoptr(GError) error = NULL;
    gboolean ended = FALSE;
    g_autoptr(GBytes) more =
        mcp_audio_watch_read(saying->watch, saying->sound->len, &ended, &error);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(more, &length);

    if (length > 0 && saying->sound->len == 0)
        saying->said->first_ms = mcp_speech_trial_ms(&saying->trial);
    if (saying->sound->len + length > SOUND_MAX) {
        fail(saying, g_error_new(MCP_ERROR, MCP_ERROR_LIMIT, "the audio is longer than %d bytes",
                                 SOUND_MAX));
        return;
    }
    if (length > 0)
        g_byte_array_append(saying->sound, data, (guint)length);
    if (ended && error != NULL) {
        fail(saying, g_steal_pointer(&error));
    } else if (ended) {
        g_autoptr(GBytes) all = g_bytes_new(saying->sound->data, saying->sound->len);

        succeed(saying, all);
    }
}

static void
follow(Saying *saying, McpAudio *audio)
{
    Bell *bell = g_new0(Bell, 1);

    g_atomic_ref_count_init(&bell->refs);
    bell->context = g_main_context_ref_thread_default();
    bell->saying = saying;
    saying->bell = bell;
    saying->audio = mcp_audio_ref(audio);
    saying->watch = mcp_audio_watch_new(audio, on_grown, bell_ref(bell), bell_unref);
    take_more(saying);
}

static void
on_spoken(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Saying *saying = user_data;
    McpSynthesizer *synthesizer = MCP_SYNTHESIZER(source);
    GError *error = NULL;
    g_autoptr(McpAudio) audio = mcp_synthesizer_synthesize_finish(synthesizer, result, &error);

    saying->asked = FALSE;
    if (g_cancellable_is_cancelled(saying->trial.cancellable)) {
        g_clear_error(&error);
        fail(saying, mcp_speech_trial_error(&saying->trial));
        return;
    }
    if (audio == NULL) {
        fail(saying, error);
        return;
    }
    saying->said->engine =
        g_strdup(mcp_synthesizer_get_engine(synthesizer, result, &saying->said->kept));
    saying->said->content_type = g_strdup(mcp_audio_get_content_type(audio));
    if (mcp_audio_is_growing(audio)) {
        follow(saying, audio);
        return;
    }
    saying->said->first_ms = mcp_speech_trial_ms(&saying->trial);
    succeed(saying, mcp_audio_get_bytes(audio));
}

void
mcp_speech_say_async(McpSynthesizer *synthesizer, McpClock *clock, const McpSpeechSay *say,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    Saying *saying = g_new0(Saying, 1);
    const McpSynthesisRequest request = {
        .text = say->text,
        .ssml = say->ssml,
        .language = say->language,
        .voice = say->voice,
        .sample_rate = say->rate,
        .deadline = say->timeout,
        .engines = say->engine,
    };

    saying->task = g_task_new(synthesizer, NULL, callback, user_data);
    g_task_set_source_tag(saying->task, mcp_speech_say_async);
    g_task_set_task_data(saying->task, saying, saying_free);
    saying->said = g_new0(McpSpeechSaid, 1);
    saying->sound = g_byte_array_new();
    saying->trial.end = on_cancelled;
    saying->trial.user_data = saying;
    saying->asked = TRUE;
    mcp_speech_trial_begin(&saying->trial, clock, say->timeout, cancellable);
    mcp_synthesizer_synthesize_async(synthesizer, &request, cancellable, on_spoken, saying);
}

McpSpeechSaid *
mcp_speech_say_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

/* --- what was said --- */

void
mcp_speech_said_free(McpSpeechSaid *said)
{
    if (said == NULL)
        return;
    g_free(said->engine);
    g_free(said->content_type);
    g_clear_pointer(&said->sound, g_bytes_unref);
    g_free(said);
}

static gboolean
find_samples(const McpSpeechSaid *said, McpSoundContent *out_content, GError **error)
{
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(said->sound, &length);

    return mcp_sound_container_parse(data != NULL ? data : (const guint8 *)"", length,
                                     said->content_type, out_content, error);
}

char *
mcp_speech_said_describe(const McpSpeechSaid *said, GError **error)
{
    McpSoundContent content;
    McpJson *json = NULL;
    guint64 samples = 0;

    if (!find_samples(said, &content, error))
        return NULL;
    samples = content.length / mcp_sound_content_frame(&content);
    json = mcp_json_new();
    mcp_json_begin_object(json, NULL);
    if (said->engine != NULL)
        mcp_json_string(json, "engine", said->engine);
    mcp_json_bool(json, "kept", said->kept);
    mcp_json_int(json, "duration_ms", (gint64)(samples * 1000 / content.rate));
    mcp_json_int(json, "bytes", (gint64)g_bytes_get_size(said->sound));
    mcp_json_string(json, "content_type", said->content_type);
    mcp_json_int(json, "first_ms", said->first_ms);
    mcp_json_int(json, "whole_ms", said->whole_ms);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

/* G.711 stays what it is, all else becomes linear. */
static void
append_samples(GByteArray *wave, const McpSoundContent *content)
{
    McpSoundContent flat = *content;
    gint16 block[BLOCK];
    guint n = 0;

    if (content->encoding == MCP_SOUND_MULAW || content->encoding == MCP_SOUND_ALAW) {
        g_byte_array_append(wave, content->data, (guint)content->length);
        return;
    }
    flat.channels = 1;
    for (gsize at = 0; (n = mcp_sound_content_read(&flat, at, BLOCK, block)) > 0; at += n) {
        for (guint i = 0; i < n; i++)
            block[i] = GINT16_TO_LE(block[i]);
        g_byte_array_append(wave, (const guint8 *)block, n * 2);
    }
}

GBytes *
mcp_speech_said_wave(const McpSpeechSaid *said, GError **error)
{
    g_autoptr(GByteArray) wave = g_byte_array_new();
    g_autoptr(GByteArray) samples = g_byte_array_new();
    guint8 header[MCP_SOUND_WAVE_HEADER_MAX];
    McpSoundContent content;
    guint length = 0;

    if (!find_samples(said, &content, error))
        return NULL;
    append_samples(samples, &content);
    if (content.encoding != MCP_SOUND_MULAW && content.encoding != MCP_SOUND_ALAW)
        content.encoding = MCP_SOUND_S16LE;
    length = (guint)mcp_sound_wave_header(&content, samples->len, header);
    g_byte_array_append(wave, header, length);
    g_byte_array_append(wave, samples->data, samples->len);
    return g_byte_array_free_to_bytes(g_steal_pointer(&wave));
}
