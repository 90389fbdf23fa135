/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpEspeakUtterance: one order: waits for a worker, hands on the audio with its first samples, and
 * gives up when it takes too long, when it becomes too long, or when nobody listens any more. Runs
 * on the pool's context.
 */
#include "utterance.h"

#include "protocol.h"

#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define SILENCE_MS 100

struct _McpEspeakUtterance {
    McpEspeakPool *pool;
    McpClock *clock;
    McpEspeakOrder *order;
    const McpEspeakUtteranceEvents *events;
    gpointer user_data;
    gint64 last; /* clock µs: when it began, or samples came */
    McpTimer *deadline;
    GSource *abandoned;         /* by who waits, then by who listens */
    GByteArray *samples;        /* so far */
    McpAudioProducer *producer; /* nullable: has not begun */
};

void
mcp_espeak_order_free(McpEspeakOrder *order)
{
    g_free(order->id);
    g_clear_pointer(&order->message, g_bytes_unref);
    g_free(order);
}

static void
stop_watching(McpEspeakUtterance *utterance)
{
    if (utterance->abandoned != NULL)
        g_source_destroy(utterance->abandoned);
    g_clear_pointer(&utterance->abandoned, g_source_unref);
}

/* The end; the pool does not know it any more. */
static void
finish(McpEspeakUtterance *utterance, McpAudio *audio, const GError *error)
{
    mcp_timer_clear(&utterance->deadline);
    stop_watching(utterance);
    if (utterance->producer != NULL)
        mcp_audio_producer_finish(utterance->producer, error);
    if (utterance->producer != NULL && error != NULL && error->code != MCP_ERROR_CLOSED)
        mcp_log_warning("speech-broken", NULL, "a prompt ends before its end: %s", error->message);
    g_clear_pointer(&utterance->producer, mcp_audio_producer_free);
    utterance->events->ended(audio, error, utterance->user_data);
    g_byte_array_unref(utterance->samples);
    mcp_espeak_order_free(utterance->order);
    g_object_unref(utterance->clock);
    mcp_espeak_pool_unref(utterance->pool);
    g_free(utterance);
}

static void
give_up(McpEspeakUtterance *utterance, McpError code, const char *message)
{
    g_autoptr(GError) error = g_error_new_literal(MCP_ERROR, (int)code, message);

    mcp_espeak_pool_give_up(utterance->pool, utterance);
    finish(utterance, NULL, error);
}

static void
time_is_up(gpointer user_data)
{
    McpEspeakUtterance *utterance = user_data;
    gint64 left = utterance->last + utterance->order->deadline - mcp_clock_now(utterance->clock);

    mcp_timer_clear(&utterance->deadline);
    if (left > 0)
        utterance->deadline = mcp_clock_after(utterance->clock, NULL, left, time_is_up, utterance);
    else
        give_up(utterance, MCP_ERROR_TIMEOUT,
                utterance->producer == NULL ? "speech was not ready in time"
                                            : "the rest of the speech did not come");
}

static gboolean
was_abandoned(GCancellable *cancellable, gpointer user_data)
{
    give_up(user_data, MCP_ERROR_CLOSED, "nobody waits any more");
    return G_SOURCE_REMOVE;
}

static void
watch(McpEspeakUtterance *utterance, GCancellable *abandoned)
{
    stop_watching(utterance);
    utterance->abandoned = g_cancellable_source_new(abandoned);
    g_source_set_callback(utterance->abandoned, G_SOURCE_FUNC(was_abandoned), utterance, NULL);
    g_source_attach(utterance->abandoned, g_main_context_get_thread_default());
}

/* Any thread. */
static void
not_heard(gpointer user_data)
{
    g_cancellable_cancel(user_data);
}

static char *
audio_type(const McpEspeakOrder *order)
{
    return g_strdup_printf("audio/L16;rate=%u", order->rate);
}

/* Those who waited get the audio; from now on it counts whether anybody listens. */
static void
begin(McpEspeakUtterance *utterance)
{
    const McpEspeakOrder *order = utterance->order;
    g_autoptr(GCancellable) unheard = g_cancellable_new();
    g_autofree char *type = audio_type(order);
    g_autoptr(McpAudio) audio = NULL;

    utterance->producer = mcp_audio_producer_new(
        type, order->id, (gsize)order->rate * 2 * MCP_ESPEAK_MOST_SECONDS, &audio);
    mcp_audio_producer_on_abandoned(utterance->producer, not_heard, g_object_ref(unheard),
                                    g_object_unref);
    mcp_audio_producer_append(utterance->producer, utterance->samples->data,
                              utterance->samples->len);
    watch(utterance, unheard);
    utterance->events->begun(audio, utterance->user_data);
}

static void
got_audio(const guint8 *data, gsize length, gpointer user_data)
{
    McpEspeakUtterance *utterance = user_data;

    if (length == 0)
        return;
    utterance->last = mcp_clock_now(utterance->clock);
    g_byte_array_append(utterance->samples, data, (guint)length);
    if (utterance->producer == NULL)
        begin(utterance);
    else if (!mcp_audio_producer_append(utterance->producer, data, length))
        give_up(utterance, MCP_ERROR_LIMIT, "the prompt is longer than ten minutes");
}

static void
all_said(const GError *error, gpointer user_data)
{
    McpEspeakUtterance *utterance = user_data;
    const McpEspeakOrder *order = utterance->order;
    g_autofree char *type = audio_type(order);
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(McpAudio) audio = NULL;
    guint from = utterance->samples->len;

    if (error != NULL) {
        finish(utterance, NULL, error);
        return;
    }
    /* There are texts of which it makes no sound. */
    if (from == 0) {
        g_byte_array_set_size(utterance->samples, order->rate * SILENCE_MS / 1000 * 2);
        memset(utterance->samples->data, 0, utterance->samples->len);
    }
    bytes = g_bytes_new(utterance->samples->data, utterance->samples->len);
    audio = mcp_audio_new(bytes, type, order->id);
    finish(utterance, audio, NULL);
}

static const McpEspeakSayEvents say_events = {got_audio, all_said};

void
mcp_espeak_utterance_start(McpEspeakPool *pool, McpClock *clock, McpEspeakOrder *order,
                           GCancellable *abandoned, const McpEspeakUtteranceEvents *events,
                           gpointer user_data)
{
    McpEspeakUtterance *utterance = g_new0(McpEspeakUtterance, 1);
    g_autoptr(GError) error = NULL;

    utterance->pool = mcp_espeak_pool_ref(pool);
    utterance->clock = g_object_ref(clock);
    utterance->order = order;
    utterance->events = events;
    utterance->user_data = user_data;
    utterance->samples = g_byte_array_new();
    utterance->last = mcp_clock_now(clock);
    utterance->deadline = mcp_clock_after(clock, NULL, order->deadline, time_is_up, utterance);
    watch(utterance, abandoned);
    if (!mcp_espeak_pool_say(pool, order->message, &say_events, utterance, &error))
        finish(utterance, NULL, error);
}
