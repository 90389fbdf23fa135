/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has the prompts that most likely come next said while the caller listens or thinks, and keeps
 * them until they are due: it begins when the present ones are on their way, so that these are not
 * held up. Ends with the session. On the call's shard.
 */
#include <mcp/contract/synthesizer.h>

#include "session_loading.h"

/* Prompts that are kept; those of an item that was never reached make room for others. */
#define KEPT_MAX 8

struct _McpVxmlAhead {
    GPtrArray *due;    /* nullable: McpVxmlPrompt that nobody was asked for yet */
    GHashTable *asked; /* char* key → McpAudio, NULL: not there yet */
    GCancellable *cancellable;
};

/* What was asked for, until it comes. */
typedef struct {
    McpVxmlSession *session;
    char *key;
} Order;

static void
audio_free(gpointer audio)
{
    if (audio != NULL)
        mcp_audio_unref(audio);
}

static McpVxmlAhead *
ahead_of(McpVxmlSession *session)
{
    if (session->ahead == NULL) {
        session->ahead = g_new0(McpVxmlAhead, 1);
        session->ahead->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, audio_free);
        session->ahead->cancellable = g_cancellable_new();
    }
    return session->ahead;
}

void
mcp_vxml_ahead_free(McpVxmlSession *session)
{
    McpVxmlAhead *self = g_steal_pointer(&session->ahead);

    if (self == NULL)
        return;
    g_cancellable_cancel(self->cancellable);
    g_object_unref(self->cancellable);
    g_clear_pointer(&self->due, g_ptr_array_unref);
    g_hash_table_unref(self->asked);
    g_free(self);
}

void
mcp_vxml_ahead_plan(McpVxmlSession *session, GPtrArray *prompts)
{
    McpVxmlAhead *self = NULL;

    if (session->services.synthesizer == NULL || session->ended)
        return;
    self = ahead_of(session);
    g_clear_pointer(&self->due, g_ptr_array_unref);
    self->due = g_ptr_array_ref(prompts);
}

void
mcp_vxml_fill_synthesis(McpVxmlSession *session, const McpVxmlPrompt *prompt,
                        const McpVxmlSegment *segment, McpSynthesisRequest *out_request)
{
    *out_request = (McpSynthesisRequest){
        .text = segment->ssml != NULL ? segment->ssml : segment->text,
        .ssml = segment->ssml != NULL,
        .language = prompt->language,
        .sample_rate = 8000,
        .call = session->call,
        .engines = prompt->engines.names,
        .parameters = prompt->engines.parameters,
    };
}

/* Nobody waits for it: what goes wrong is found out when it is due. */
static void
on_synthesized(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Order *order = user_data;
    McpAudio *audio = mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, NULL);
    McpVxmlAhead *self = order->session->ahead;

    if (self != NULL && audio != NULL && g_hash_table_contains(self->asked, order->key))
        g_hash_table_insert(self->asked, g_strdup(order->key), g_steal_pointer(&audio));
    else if (self != NULL)
        g_hash_table_remove(self->asked, order->key);
    audio_free(audio);
    g_object_unref(order->session);
    g_free(order->key);
    g_free(order);
}

static void
ask_for(McpVxmlSession *session, const McpVxmlPrompt *prompt, const McpVxmlSegment *segment)
{
    McpVxmlAhead *self = session->ahead;
    McpSynthesisRequest request;
    g_autofree char *key = NULL;
    Order *order = NULL;

    mcp_vxml_fill_synthesis(session, prompt, segment, &request);
    key = mcp_synthesis_request_key(&request, request.engines);
    if (g_hash_table_contains(self->asked, key))
        return;
    if (g_hash_table_size(self->asked) >= KEPT_MAX)
        g_hash_table_remove_all(self->asked);
    g_hash_table_insert(self->asked, g_strdup(key), NULL);
    order = g_new0(Order, 1);
    order->session = g_object_ref(session);
    order->key = g_steal_pointer(&key);
    mcp_synthesizer_synthesize_async(session->services.synthesizer, &request, self->cancellable,
                                     on_synthesized, order);
}

void
mcp_vxml_ahead_begin(McpVxmlSession *session)
{
    g_autoptr(GPtrArray) due =
        session->ahead != NULL ? g_steal_pointer(&session->ahead->due) : NULL;

    for (guint i = 0; due != NULL && i < due->len; i++) {
        const McpVxmlPrompt *prompt = due->pdata[i];

        for (guint k = 0; k < prompt->segments->len; k++) {
            const McpVxmlSegment *segment = prompt->segments->pdata[k];

            if (segment->kind == MCP_VXML_SEGMENT_SPEECH)
                ask_for(session, prompt, segment);
        }
    }
}

/* Nobody is to be told of more of it. */
static void
ignore(gpointer unused)
{
}

/* What broke off is said anew. */
static gboolean
is_whole_so_far(McpAudio *audio)
{
    g_autoptr(McpAudioWatch) watch = NULL;
    g_autoptr(GBytes) rest = NULL;
    g_autoptr(GError) error = NULL;
    gboolean ended = FALSE;

    watch = mcp_audio_watch_new(audio, ignore, NULL, NULL);
    rest = mcp_audio_watch_read(watch, 0, &ended, &error);
    return error == NULL;
}

McpAudio *
mcp_vxml_ahead_take(McpVxmlSession *session, const McpSynthesisRequest *request)
{
    g_autofree char *key = NULL;
    McpAudio *audio = NULL;

    if (session->ahead == NULL || g_hash_table_size(session->ahead->asked) == 0)
        return NULL;
    key = mcp_synthesis_request_key(request, request->engines);
    audio = g_hash_table_lookup(session->ahead->asked, key);
    return audio != NULL && is_whole_so_far(audio) ? mcp_audio_ref(audio) : NULL;
}
