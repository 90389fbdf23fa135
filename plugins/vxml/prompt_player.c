/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From queued prompts to audio that can be played at once: words go to the synthesizer, URLs to the
 * fetcher, recordings to the store, all side by side; each result is brought into the wire format
 * before it counts, so that what cannot be played gives way to its fallback. On the call's shard.
 */
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#include "session_loading.h"

/* One segment on its way; fallbacks replace it in place. */
typedef struct _Slot {
    const McpVxmlSegment *segment;
    McpAudio *audio;
    GPtrArray *fallback; /* Slot: nullable */
} Slot;

typedef struct {
    McpVxmlSession *session;
    GCancellable *cancellable;
    GPtrArray *prompts; /* McpVxmlPrompt */
    GPtrArray *rows;    /* GPtrArray of Slot, one a prompt */
    guint pending;
    char *event; /* nullable: what failed */
    char *message;
    McpVxmlPreparedFunc func;
} Job;

/* One asynchronous step of a slot. */
typedef struct {
    Job *job;
    Slot *slot;
    const McpVxmlSegment *segment;
    const McpVxmlPrompt *prompt;
    McpAudio *audio;
} Step;

static void
slot_free(gpointer data)
{
    Slot *slot = data;

    g_clear_pointer(&slot->audio, mcp_audio_unref);
    g_clear_pointer(&slot->fallback, g_ptr_array_unref);
    g_free(slot);
}

static void
job_free(Job *job)
{
    g_object_unref(job->session);
    g_object_unref(job->cancellable);
    g_ptr_array_unref(job->prompts);
    g_ptr_array_unref(job->rows);
    g_free(job->event);
    g_free(job->message);
    g_free(job);
}

static void
group_free(gpointer data)
{
    McpVxmlGroup *group = data;

    g_ptr_array_unref(group->pieces);
    g_ptr_array_unref(group->words);
    g_free(group);
}

void
mcp_vxml_piece_free(gpointer data)
{
    McpVxmlPiece *piece = data;

    g_clear_pointer(&piece->audio, mcp_audio_unref);
    g_free(piece->mark);
    g_free(piece);
}

static void
add_piece(GPtrArray *pieces, McpAudio *audio, const char *mark)
{
    McpVxmlPiece *piece = g_new0(McpVxmlPiece, 1);

    piece->audio = audio != NULL ? mcp_audio_ref(audio) : NULL;
    piece->mark = g_strdup(mark);
    g_ptr_array_add(pieces, piece);
}

static void
gather(GPtrArray *slots, GPtrArray *pieces, GString *words)
{
    for (guint i = 0; i < slots->len; i++) {
        Slot *slot = slots->pdata[i];

        if (slot->segment->kind == MCP_VXML_SEGMENT_MARK)
            add_piece(pieces, NULL, slot->segment->text);
        if (slot->audio == NULL) {
            if (slot->fallback != NULL)
                gather(slot->fallback, pieces, words);
            continue;
        }
        add_piece(pieces, slot->audio, NULL);
        g_string_append_printf(words, "%s%s", words->len > 0 ? " " : "", slot->segment->text);
    }
}

static GPtrArray *
make_groups(Job *job)
{
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
    McpVxmlGroup *group = NULL;

    for (guint i = 0; i < job->prompts->len; i++) {
        const McpVxmlPrompt *prompt = job->prompts->pdata[i];
        g_autoptr(GPtrArray) pieces = g_ptr_array_new();
        g_autoptr(GString) words = g_string_new(NULL);

        gather(job->rows->pdata[i], pieces, words);
        if (pieces->len == 0)
            continue;
        if (group == NULL || group->barge_in != prompt->barge_in ||
            group->hotword != prompt->hotword) {
            group = g_new0(McpVxmlGroup, 1);
            group->words = g_ptr_array_new_with_free_func(g_free);
            group->pieces = g_ptr_array_new_with_free_func(mcp_vxml_piece_free);
            group->barge_in = prompt->barge_in;
            group->hotword = prompt->hotword;
            g_ptr_array_add(groups, group);
        }
        g_ptr_array_add(group->words, g_strdup(words->str));
        for (guint j = 0; j < pieces->len; j++)
            g_ptr_array_add(group->pieces, pieces->pdata[j]);
    }
    return groups;
}

static void
finish_one(Job *job)
{
    if (--job->pending > 0)
        return;
    if (!g_cancellable_is_cancelled(job->cancellable) && !job->session->ended) {
        if (job->event != NULL)
            job->func(job->session, NULL, job->event, job->message);
        else
            job->func(job->session, make_groups(job), NULL, NULL);
    }
    job_free(job);
}

static void start_slots(Job *job, GPtrArray *slots, GPtrArray *segments,
                        const McpVxmlPrompt *prompt);

static void
step_done(Step *step)
{
    Job *job = step->job;

    g_clear_pointer(&step->audio, mcp_audio_unref);
    g_free(step);
    finish_one(job);
}

/* The event that a failing prompt gives; the first one of a queue counts. */
static void
step_throw(Step *step, const char *event, const char *message)
{
    Job *job = step->job;

    if (job->event == NULL) {
        job->event = g_strdup(event);
        job->message = g_strdup(message);
    }
    step_done(step);
}

/* VoiceXML 2.0 §4.1.3: the content instead; without content nothing, and no event. */
static void
step_fall_back(Step *step, const char *why)
{
    Job *job = step->job;
    g_autofree char *told = mcp_vxml_secrets_redact(job->session->secrets, step->segment->text);

    mcp_log_info("vxml-audio", mcp_vxml_session_call_id(job->session), "%s: %s", told, why);
    if (step->segment->kind == MCP_VXML_SEGMENT_SPEECH) {
        step_throw(step, "error.noresource", why);
        return;
    }
    if (step->segment->fallback != NULL && step->segment->fallback->len > 0) {
        step->slot->fallback = g_ptr_array_new_with_free_func(slot_free);
        start_slots(job, step->slot->fallback, step->segment->fallback, step->prompt);
    }
    step_done(step);
}

static void
on_ready(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Step *step = user_data;
    g_autoptr(GError) error = NULL;

    if (!mcp_media_prepare_finish(MCP_MEDIA(source), result, NULL, &error)) {
        step_fall_back(step, error->message);
        return;
    }
    step->slot->audio = g_steal_pointer(&step->audio);
    step_done(step);
}

static void
take_audio(Step *step, McpAudio *audio)
{
    McpVxmlSession *session = step->job->session;

    step->audio = audio;
    if (session->services.media == NULL || session->leg == NULL) {
        step_throw(step, "error.noresource", "no media is running");
        return;
    }
    mcp_media_prepare_async(session->services.media, session->leg, audio, step->job->cancellable,
                            on_ready, step);
}

static void
on_synthesized(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Step *step = user_data;
    g_autoptr(GError) error = NULL;
    McpAudio *audio = mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, &error);

    if (audio != NULL)
        take_audio(step, audio);
    else if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        step_throw(step, "error.unsupported.language", error->message);
    else if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        step_throw(step, "error.badfetch", error->message);
    else
        step_throw(step, "error.noresource", error->message);
}

static void
synthesize(Step *step)
{
    McpVxmlSession *session = step->job->session;
    McpSynthesisRequest request;
    McpAudio *ready = NULL;

    if (session->services.synthesizer == NULL) {
        step_throw(step, "error.noresource", "no synthesizer is running");
        return;
    }
    mcp_vxml_fill_synthesis(session, step->prompt, step->segment, &request);
    ready = mcp_vxml_ahead_take(session, &request);
    if (ready != NULL) {
        take_audio(step, ready);
        return;
    }
    mcp_synthesizer_synthesize_async(session->services.synthesizer, &request,
                                     step->job->cancellable, on_synthesized, step);
}

static void
on_audio(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Step *step = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts;

    if (response == NULL) {
        step_fall_back(step, error->message);
        return;
    }
    facts = mcp_fetch_response_get_facts(response);
    if (facts->status < 200 || facts->status >= 300) {
        g_autofree char *why = g_strdup_printf("http %u", facts->status);

        step_fall_back(step, why);
        return;
    }
    take_audio(step, mcp_audio_new(facts->body, facts->content_type, facts->content_id));
}

static void
fetch_audio(Step *step)
{
    McpVxmlSession *session = step->job->session;
    McpFetchRequest request = {
        .url = step->segment->text,
        .method = "GET",
        .accept = MCP_VXML_ACCEPT_AUDIO,
        .timeout = step->segment->fetch.timeout,
        .max_age = step->segment->fetch.max_age,
        .max_stale = step->segment->fetch.max_stale,
        .call = session->call,
    };

    if (session->services.fetcher == NULL) {
        step_fall_back(step, "no fetcher is running");
        return;
    }
    mcp_vxml_prefetcher_note(session, step->segment->text);
    mcp_fetcher_fetch_async(session->services.fetcher, &request, step->job->cancellable, on_audio,
                            step);
}

static void
on_recording(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Step *step = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = mcp_store_read_finish(MCP_STORE(source), result, &error);

    if (bytes == NULL)
        step_fall_back(step, error->message);
    else
        take_audio(step, mcp_audio_new(bytes, step->segment->type, NULL));
}

static void
start_step(Step *step)
{
    McpVxmlSession *session = step->job->session;

    switch (step->segment->kind) {
    case MCP_VXML_SEGMENT_MARK:
        step_done(step);
        break;
    case MCP_VXML_SEGMENT_AUDIO:
        fetch_audio(step);
        break;
    case MCP_VXML_SEGMENT_RECORDING:
        if (session->services.store == NULL)
            step_fall_back(step, "no store is running");
        else
            mcp_store_read_async(session->services.store, step->segment->text,
                                 step->job->cancellable, on_recording, step);
        break;
    case MCP_VXML_SEGMENT_SPEECH:
    default:
        synthesize(step);
        break;
    }
}

static void
start_slots(Job *job, GPtrArray *slots, GPtrArray *segments, const McpVxmlPrompt *prompt)
{
    for (guint i = 0; i < segments->len; i++) {
        Step *step = g_new0(Step, 1);

        step->job = job;
        step->slot = g_new0(Slot, 1);
        step->slot->segment = segments->pdata[i];
        step->segment = segments->pdata[i];
        step->prompt = prompt;
        g_ptr_array_add(slots, step->slot);
        job->pending++;
        start_step(step);
    }
}

void
mcp_vxml_prepare_prompts(McpVxmlSession *session, GPtrArray *prompts, McpVxmlPreparedFunc func)
{
    Job *job = g_new0(Job, 1);

    job->session = g_object_ref(session);
    job->cancellable = g_object_ref(session->cancellable);
    job->prompts = g_ptr_array_ref(prompts);
    job->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    job->func = func;
    job->pending = 1; /* ours, until all are started */
    for (guint i = 0; i < prompts->len; i++) {
        McpVxmlPrompt *prompt = prompts->pdata[i];
        GPtrArray *row = g_ptr_array_new_with_free_func(slot_free);

        g_ptr_array_add(job->rows, row);
        start_slots(job, row, prompt->segments, prompt);
    }
    finish_one(job);
}

guint64
mcp_vxml_play_group(McpVxmlSession *session, const McpVxmlGroup *group)
{
    g_autofree McpPlayItem *items = g_new0(McpPlayItem, group->pieces->len + 1);
    guint n = 0;

    if (mcp_vxml_turn_is_open(session))
        items[n++] = (McpPlayItem){.kind = MCP_PLAY_MARK, .mark = MCP_VXML_TURN_MARK};
    for (guint i = 0; i < group->pieces->len; i++) {
        const McpVxmlPiece *piece = group->pieces->pdata[i];

        items[n++] = (McpPlayItem){.kind = piece->audio != NULL ? MCP_PLAY_AUDIO : MCP_PLAY_MARK,
                                   .audio = piece->audio,
                                   .mark = piece->mark};
    }
    session->generation = mcp_leg_play(session->leg, items, n);
    for (guint i = 0; i < group->words->len; i++)
        mcp_vxml_session_report_prompt(session, "started", "text", group->words->pdata[i]);
    mcp_vxml_ahead_begin(session);
    return session->generation;
}
