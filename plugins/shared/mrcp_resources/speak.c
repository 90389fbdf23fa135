/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SPEAK (RFC 6787 §8.6): its text in pieces goes to the synthesizer at once, and what it says,
 * some of which may still grow, is played as one list. A pause ends the list; it goes on within the
 * piece in which it was. On the call's shard.
 */
#include "speak.h"

#include "speech_text.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mrcp/bodies.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMrcpdSpeak);

struct _McpMrcpdSpeak {
    McpMrcpdResource *resource;
    McpMrcpMessage *request;
    McpMrcpdSpeakEvents events;
    gpointer user_data;
    GPtrArray *pieces; /* McpMrcpdPiece; nullable: not begun */
    McpAudio **audio;  /* by piece; NULL for marks */
    guint pending;     /* that the synthesizer has not begun to say */
    GCancellable *cancellable;
    GSource *telling;   /* nullable: of an end that is known at once */
    guint cause;        /* of that */
    char *reason;       /* nullable */
    guint64 generation; /* of the leg's list; 0: nothing plays */
    guint at;           /* piece that is played */
    gint64 begun;       /* position in the list where it began */
    gint64 offset;      /* of it that was played by earlier lists */
    char *mark;         /* nullable */
    gboolean paused;
};

/* One piece on its way; the utterance may be gone. */
typedef struct {
    McpMrcpdSpeak *speak;
    GCancellable *cancellable;
    guint index;
} Step;

McpMrcpdSpeak *
mcp_mrcpd_speak_new(McpMrcpdResource *resource, McpMrcpMessage *request,
                    const McpMrcpdSpeakEvents *events, gpointer user_data)
{
    McpMrcpdSpeak *self = g_new0(McpMrcpdSpeak, 1);

    self->resource = resource;
    self->request = mcp_mrcp_request_new(MCP_MRCP_V2, request->name, request->id);
    g_ptr_array_unref(self->request->fields);
    self->request->fields = g_ptr_array_ref(request->fields);
    self->request->body = g_bytes_ref(request->body);
    self->events = *events;
    self->user_data = user_data;
    self->cancellable = g_cancellable_new();
    MCP_LEDGER_CREATED(McpMrcpdSpeak);
    return self;
}

void
mcp_mrcpd_speak_free(McpMrcpdSpeak *speak)
{
    if (speak == NULL)
        return;
    g_cancellable_cancel(speak->cancellable);
    g_object_unref(speak->cancellable);
    if (speak->telling != NULL)
        g_source_destroy(speak->telling);
    g_clear_pointer(&speak->telling, g_source_unref);
    if (speak->generation != 0)
        mcp_leg_stop(speak->resource->session->leg, speak->generation);
    for (guint i = 0; speak->pieces != NULL && i < speak->pieces->len; i++)
        g_clear_pointer(&speak->audio[i], mcp_audio_unref);
    g_free(speak->audio);
    g_clear_pointer(&speak->pieces, g_ptr_array_unref);
    mcp_mrcp_message_free(speak->request);
    g_free(speak->reason);
    g_free(speak->mark);
    g_free(speak);
    MCP_LEDGER_FINALIZED(McpMrcpdSpeak);
}

const McpMrcpMessage *
mcp_mrcpd_speak_get_request(const McpMrcpdSpeak *speak)
{
    return speak->request;
}

const char *
mcp_mrcpd_speak_get_mark(const McpMrcpdSpeak *speak)
{
    return speak->mark;
}

gboolean
mcp_mrcpd_speak_is_paused(const McpMrcpdSpeak *speak)
{
    return speak->paused;
}

/* --- its end --- */

static gboolean
tell_end(gpointer user_data)
{
    McpMrcpdSpeak *self = user_data;

    g_clear_pointer(&self->telling, g_source_unref);
    self->events.ended(self, self->cause, self->reason, self->user_data);
    return G_SOURCE_REMOVE;
}

/* The first one counts. */
static void
end_soon(McpMrcpdSpeak *self, guint cause, const char *reason)
{
    if (self->telling != NULL)
        return;
    g_cancellable_cancel(self->cancellable);
    self->cause = cause;
    self->reason = g_strdup(reason);
    self->telling = g_idle_source_new();
    g_source_set_priority(self->telling, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->telling, tell_end, self, NULL);
    g_source_attach(self->telling, g_main_context_get_thread_default());
}

static guint
cause_of(const GError *error)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        return MCP_MRCP_SYNTH_PARSE_FAILURE;
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        return MCP_MRCP_SYNTH_LANGUAGE_UNSUPPORTED;
    return MCP_MRCP_SYNTH_ERROR;
}

/* --- playing --- */

/* Each piece has a mark before it, so that its place in the list is known. */
static void
play(McpMrcpdSpeak *self)
{
    guint n = self->pieces->len - self->at;
    g_autofree McpPlayItem *items = g_new0(McpPlayItem, (gsize)2 * n + 1);
    g_auto(GStrv) places = g_new0(char *, n + 1);
    guint n_items = 0;

    for (guint i = 0; i < n; i++) {
        McpAudio *audio = self->audio[self->at + i];

        places[i] = g_strdup_printf("%u", self->at + i);
        items[n_items++] = (McpPlayItem){.kind = MCP_PLAY_MARK, .mark = places[i]};
        if (audio != NULL)
            items[n_items++] = (McpPlayItem){
                .kind = MCP_PLAY_AUDIO, .audio = audio, .offset = i == 0 ? self->offset : 0};
    }
    self->begun = 0;
    self->generation = mcp_leg_play(self->resource->session->leg, items, n_items);
}

static void
play_if_ready(McpMrcpdSpeak *self)
{
    if (self->pending > 0 || self->paused || self->generation != 0 || self->telling != NULL)
        return;
    if (self->pieces->len == 0)
        end_soon(self, MCP_MRCP_SYNTH_NORMAL, NULL);
    else
        play(self);
}

static void
take_place(McpMrcpdSpeak *self, const McpLegEvent *event)
{
    guint index = (guint)g_ascii_strtoull(event->mark, NULL, 10);
    const McpMrcpdPiece *piece = NULL;

    if (index >= self->pieces->len)
        return;
    piece = self->pieces->pdata[index];
    if (index != self->at)
        self->offset = 0;
    self->at = index;
    self->begun = event->position;
    if (piece->mark == NULL)
        return;
    g_free(self->mark);
    self->mark = g_strdup(piece->mark);
    self->events.marked(self, self->mark, self->user_data);
}

static void
take_end(McpMrcpdSpeak *self, const McpLegEvent *event)
{
    self->generation = 0;
    if (event->stop == MCP_STOP_COMPLETED) {
        end_soon(self, MCP_MRCP_SYNTH_NORMAL, NULL);
    } else if (event->stop == MCP_STOP_FAILED) {
        end_soon(self, MCP_MRCP_SYNTH_ERROR, event->error != NULL ? event->error->message : NULL);
    } else if (event->stop == MCP_STOP_COMMAND) {
        self->offset += event->position - self->begun;
        play_if_ready(self);
    }
}

void
mcp_mrcpd_speak_take_leg(McpMrcpdSpeak *speak, const McpLegEvent *event)
{
    if (speak->generation == 0 || event->generation != speak->generation)
        return;
    if (event->type == MCP_LEG_MARK)
        take_place(speak, event);
    else if (event->type == MCP_LEG_PLAYBACK_ENDED)
        take_end(speak, event);
}

void
mcp_mrcpd_speak_pause(McpMrcpdSpeak *speak)
{
    speak->paused = TRUE;
    if (speak->generation != 0)
        mcp_leg_stop(speak->resource->session->leg, speak->generation);
}

/* A list that is being stopped goes on when it has been. */
void
mcp_mrcpd_speak_resume(McpMrcpdSpeak *speak)
{
    speak->paused = FALSE;
    if (speak->pieces != NULL)
        play_if_ready(speak);
}

/* --- synthesis --- */

static void
step_free(Step *step)
{
    g_object_unref(step->cancellable);
    g_free(step);
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Step *step = user_data;
    McpMrcpdSpeak *self = step->speak;
    g_autoptr(GError) error = NULL;
    gboolean ready = mcp_media_prepare_finish(MCP_MEDIA(source), result, NULL, &error);

    if (g_cancellable_is_cancelled(step->cancellable)) {
        step_free(step);
        return;
    }
    step_free(step);
    self->pending--;
    if (ready)
        play_if_ready(self);
    else
        end_soon(self, MCP_MRCP_SYNTH_ERROR, error->message);
}

static void
on_synthesized(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Step *step = user_data;
    McpMrcpdSession *session = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpAudio) audio =
        mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, &error);

    if (g_cancellable_is_cancelled(step->cancellable)) {
        step_free(step);
        return;
    }
    if (audio == NULL) {
        end_soon(step->speak, cause_of(error), error->message);
        step_free(step);
        return;
    }
    session = step->speak->resource->session;
    step->speak->audio[step->index] = mcp_audio_ref(audio);
    mcp_media_prepare_async(session->media, session->leg, audio, step->cancellable, on_prepared,
                            step);
}

static const char *
wanted_voice(const McpMrcpdSpeak *self)
{
    const char *name = mcp_mrcpd_get(self->resource, self->request, "Voice-Name");

    return strcmp(name, "default") != 0 ? name : NULL;
}

static void
synthesize(McpMrcpdSpeak *self)
{
    McpMrcpdSession *session = self->resource->session;
    g_autoptr(GHashTable) vendor = mcp_mrcpd_get_vendor(self->resource, self->request);
    McpSynthesisRequest request = {
        .ssml = TRUE,
        .language = mcp_mrcpd_get_set(self->resource, self->request, "Speech-Language"),
        .voice = wanted_voice(self),
        .sample_rate = session->rate,
        .call = session->call,
        .parameters = vendor,
    };

    for (guint i = 0; i < self->pieces->len; i++) {
        const McpMrcpdPiece *piece = self->pieces->pdata[i];
        Step *step = NULL;

        if (piece->ssml == NULL)
            continue;
        step = g_new0(Step, 1);
        step->speak = self;
        step->cancellable = g_object_ref(self->cancellable);
        step->index = i;
        self->pending++;
        request.text = piece->ssml;
        mcp_synthesizer_synthesize_async(session->synthesizer, &request, self->cancellable,
                                         on_synthesized, step);
    }
    play_if_ready(self);
}

static GPtrArray *
cut_text(const McpMrcpdSpeak *self, GError **error)
{
    const char *type = mcp_mrcp_message_get(self->request, "Content-Type");
    McpMrcpdVoice voice = {
        .language = mcp_mrcpd_get(self->resource, self->request, "Speech-Language"),
        .gender = mcp_mrcpd_get_set(self->resource, self->request, "Voice-Gender"),
        .age = mcp_mrcpd_get_set(self->resource, self->request, "Voice-Age"),
        .variant = mcp_mrcpd_get_set(self->resource, self->request, "Voice-Variant"),
        .rate = mcp_mrcpd_get_set(self->resource, self->request, "Prosody-Rate"),
        .pitch = mcp_mrcpd_get_set(self->resource, self->request, "Prosody-Pitch"),
        .volume = mcp_mrcpd_get_set(self->resource, self->request, "Prosody-Volume"),
    };
    g_autofree char *text = mcp_mrcp_text(self->request->body);

    if (type == NULL || g_ascii_strncasecmp(type, "text/plain", strlen("text/plain")) != 0)
        return mcp_mrcpd_pieces_of_ssml(self->request->body, &voice, error);
    if (!g_utf8_validate(text, -1, NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the text is not UTF-8");
        return NULL;
    }
    return mcp_mrcpd_pieces_of_text(text, &voice);
}

void
mcp_mrcpd_speak_begin(McpMrcpdSpeak *speak)
{
    g_autoptr(GError) error = NULL;

    speak->pieces = cut_text(speak, &error);
    if (speak->pieces == NULL) {
        end_soon(speak, MCP_MRCP_SYNTH_PARSE_FAILURE,
                 error != NULL ? error->message : "nothing to say");
        return;
    }
    speak->audio = g_new0(McpAudio *, speak->pieces->len + 1);
    if (speak->resource->session->synthesizer != NULL)
        synthesize(speak);
    else
        end_soon(speak, MCP_MRCP_SYNTH_ERROR, "no synthesizer is running");
}
