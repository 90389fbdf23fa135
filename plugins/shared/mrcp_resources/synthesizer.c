/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speechsynth (RFC 6787 §8): SPEAKs one after the other, and what may be done to them meanwhile. On
 * the call's shard.
 */
#include "speak.h"

#include <mcp/log.h>
#include <string.h>

/* SPEAKs that may wait. */
#define MAX_PENDING 100
#define MAX_TEXT (50 * 1024)
/* From the epoch of NTP to that of Unix. */
#define NTP_OFFSET G_GUINT64_CONSTANT(2208988800)

typedef struct {
    McpMrcpdResource resource; /* first */
    McpMrcpdSpeak *speak;      /* nullable: idle */
    GQueue pending;            /* McpMrcpdSpeak */
} Synthesizer;

static void begin_next(Synthesizer *self);

static Synthesizer *
synthesizer_of(McpMrcpdResource *resource)
{
    return (Synthesizer *)resource;
}

static guint32
id_of(const McpMrcpdSpeak *speak)
{
    return mcp_mrcpd_speak_get_request(speak)->id;
}

/* RFC 6787 §8.4.8: an NTP timestamp of 64 bits, and the last mark. */
static void
set_marker(Synthesizer *self, McpMrcpMessage *message, const char *mark)
{
    guint64 wall = (guint64)mcp_clock_wall(self->resource.session->clock);
    guint64 fraction = ((wall % G_USEC_PER_SEC) << 32) / G_USEC_PER_SEC;
    guint64 ntp = ((wall / G_USEC_PER_SEC + NTP_OFFSET) << 32) | fraction;
    g_autofree char *text = g_strdup_printf("timestamp=%" G_GUINT64_FORMAT "%s%s", ntp,
                                            mark != NULL ? ";" : "", mark != NULL ? mark : "");

    mcp_mrcp_message_set(message, "Speech-Marker", text);
}

static void
send_marker(Synthesizer *self, guint32 id, const char *mark)
{
    McpMrcpMessage *event =
        mcp_mrcp_event_new(MCP_MRCP_V2, "SPEECH-MARKER", id, MCP_MRCP_IN_PROGRESS);

    set_marker(self, event, mark);
    mcp_mrcpd_send(&self->resource, event);
}

/* @reason: (nullable) */
static void
send_complete(Synthesizer *self, const McpMrcpdSpeak *speak, guint cause, const char *reason)
{
    McpMrcpMessage *event =
        mcp_mrcp_event_new(MCP_MRCP_V2, "SPEAK-COMPLETE", id_of(speak), MCP_MRCP_COMPLETE);
    g_autofree char *text = mcp_mrcp_cause_text(MCP_MRCP_V2, MCP_MRCP_SPEECHSYNTH, cause);

    mcp_mrcp_message_set(event, "Completion-Cause", text);
    mcp_mrcpd_set_reason(event, reason);
    set_marker(self, event, mcp_mrcpd_speak_get_mark(speak));
    mcp_log_info("mrcp-spoken", self->resource.session->call_id, "channel %s: SPEAK %u: %s%s%s",
                 mcp_mrcpd_channel_get_id(self->resource.channel), id_of(speak), text,
                 reason != NULL ? ": " : "", reason != NULL ? reason : "");
    mcp_mrcpd_send(&self->resource, event);
}

/* --- the queue --- */

static void
on_marked(McpMrcpdSpeak *speak, const char *mark, gpointer user_data)
{
    send_marker(user_data, id_of(speak), mark);
}

/* §8.6: with one that fails those that wait are cancelled. */
static void
cancel_pending(Synthesizer *self)
{
    McpMrcpdSpeak *speak = NULL;

    while ((speak = g_queue_pop_head(&self->pending)) != NULL) {
        send_complete(self, speak, MCP_MRCP_SYNTH_CANCELLED, NULL);
        mcp_mrcpd_speak_free(speak);
    }
}

static void
on_ended(McpMrcpdSpeak *speak, guint cause, const char *reason, gpointer user_data)
{
    Synthesizer *self = user_data;

    send_complete(self, speak, cause, reason);
    if (cause != MCP_MRCP_SYNTH_NORMAL)
        cancel_pending(self);
    g_clear_pointer(&self->speak, mcp_mrcpd_speak_free);
    begin_next(self);
}

/* §8.13: that a SPEAK leaves the queue is told by a mark without a name. */
static void
begin_next(Synthesizer *self)
{
    if (self->speak != NULL || g_queue_is_empty(&self->pending))
        return;
    self->speak = g_queue_pop_head(&self->pending);
    send_marker(self, id_of(self->speak), NULL);
    mcp_mrcpd_speak_begin(self->speak);
}

/* --- methods --- */

static gboolean
is_text(const McpMrcpMessage *request)
{
    static const char *const types[] = {"application/ssml+xml", "text/plain",
                                        "application/synthesis+ssml"};
    const char *value = mcp_mrcp_message_get(request, "Content-Type");
    g_autofree char *type = value != NULL ? g_strndup(value, strcspn(value, "; \t")) : NULL;

    for (guint i = 0; type != NULL && i < G_N_ELEMENTS(types); i++)
        if (g_ascii_strcasecmp(types[i], type) == 0)
            return TRUE;
    return FALSE;
}

static const char *
why_not(Synthesizer *self, const McpMrcpMessage *request)
{
    if (request->body == NULL)
        return "there is nothing to say";
    if (!is_text(request))
        return "only SSML and plain text can be said";
    if (g_bytes_get_size(request->body) > MAX_TEXT)
        return "the text is longer than 50 KB";
    return NULL;
}

static void
speak(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    static const McpMrcpdSpeakEvents events = {on_marked, on_ended};
    Synthesizer *self = synthesizer_of(resource);
    const char *why = why_not(self, request);
    McpMrcpdSpeak *next = NULL;
    McpMrcpMessage *answer = NULL;

    if (why != NULL) {
        mcp_mrcpd_refuse_request(resource, request, 408, why);
        return;
    }
    if (!mcp_mrcpd_check(resource, request))
        return;
    if (g_queue_get_length(&self->pending) >= MAX_PENDING) {
        mcp_mrcpd_refuse_request(resource, request, 407, "too many wait to be said");
        return;
    }
    next = mcp_mrcpd_speak_new(resource, request, &events, self);
    if (self->speak != NULL) {
        g_queue_push_tail(&self->pending, next);
        mcp_mrcpd_send(resource, mcp_mrcpd_respond(request, 200, MCP_MRCP_PENDING));
        return;
    }
    self->speak = next;
    answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_IN_PROGRESS);
    set_marker(self, answer, NULL);
    mcp_mrcpd_send(resource, answer);
    mcp_mrcpd_speak_begin(self->speak);
}

/* Ends those that @request is about; (transfer full): their ids. */
static GArray *
drop(Synthesizer *self, const McpMrcpMessage *request)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint32));
    GList *link = self->pending.head;
    guint32 id = self->speak != NULL ? id_of(self->speak) : 0;

    if (self->speak != NULL && mcp_mrcpd_is_listed(request, id)) {
        g_array_append_val(ids, id);
        g_clear_pointer(&self->speak, mcp_mrcpd_speak_free);
    }
    while (link != NULL) {
        GList *next = link->next;

        id = id_of(link->data);
        if (mcp_mrcpd_is_listed(request, id)) {
            g_array_append_val(ids, id);
            mcp_mrcpd_speak_free(link->data);
            g_queue_delete_link(&self->pending, link);
        }
        link = next;
    }
    return ids;
}

static void
stop(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Synthesizer *self = synthesizer_of(resource);
    McpMrcpMessage *answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE);
    g_autoptr(GArray) ids = NULL;

    set_marker(self, answer, self->speak != NULL ? mcp_mrcpd_speak_get_mark(self->speak) : NULL);
    ids = drop(self, request);
    mcp_mrcpd_set_ids(answer, ids);
    mcp_mrcpd_send(resource, answer);
    begin_next(self);
}

/* §8.8: all that wait end with it, whatever they say of barge-in. */
static void
barge_in(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Synthesizer *self = synthesizer_of(resource);
    McpMrcpMessage *answer = NULL;

    if (self->speak != NULL &&
        mcp_mrcpd_get_bool(resource, mcp_mrcpd_speak_get_request(self->speak),
                           "Kill-On-Barge-In")) {
        stop(resource, request);
        return;
    }
    answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE);
    set_marker(self, answer, self->speak != NULL ? mcp_mrcpd_speak_get_mark(self->speak) : NULL);
    mcp_mrcpd_send(resource, answer);
}

static void
pause_or_resume(Synthesizer *self, const McpMrcpMessage *request, gboolean pause)
{
    McpMrcpMessage *answer = NULL;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint32 id = self->speak != NULL ? id_of(self->speak) : 0;

    if (self->speak == NULL) {
        mcp_mrcpd_refuse_request(&self->resource, request, 402, "nothing is said");
        return;
    }
    answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE);
    if (mcp_mrcpd_speak_is_paused(self->speak) != pause)
        g_array_append_val(ids, id);
    mcp_mrcpd_set_ids(answer, ids);
    mcp_mrcpd_send(&self->resource, answer);
    if (pause)
        mcp_mrcpd_speak_pause(self->speak);
    else
        mcp_mrcpd_speak_resume(self->speak);
}

static void
pause_speech(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    pause_or_resume(synthesizer_of(resource), request, TRUE);
}

static void
resume_speech(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    pause_or_resume(synthesizer_of(resource), request, FALSE);
}

/* --- the class --- */

static void
take_leg(McpMrcpdResource *resource, const McpLegEvent *event)
{
    Synthesizer *self = synthesizer_of(resource);

    if (self->speak != NULL)
        mcp_mrcpd_speak_take_leg(self->speak, event);
}

static void
describe(McpMrcpdResource *resource, McpJson *json)
{
    Synthesizer *self = synthesizer_of(resource);

    mcp_json_int(json, "speaking", self->speak != NULL ? id_of(self->speak) : 0);
    mcp_json_int(json, "pending", g_queue_get_length(&self->pending));
}

static void
synthesizer_free(McpMrcpdResource *resource)
{
    Synthesizer *self = synthesizer_of(resource);

    g_clear_pointer(&self->speak, mcp_mrcpd_speak_free);
    g_queue_clear_full(&self->pending, (GDestroyNotify)mcp_mrcpd_speak_free);
    mcp_mrcpd_resource_clear(resource);
    g_free(self);
}

static const McpMrcpdMethod methods[] = {
    {"SET-PARAMS", mcp_mrcpd_set_params},
    {"GET-PARAMS", mcp_mrcpd_get_params},
    {"SPEAK", speak},
    {"STOP", stop},
    {"PAUSE", pause_speech},
    {"RESUME", resume_speech},
    {"BARGE-IN-OCCURRED", barge_in},
};

static const McpMrcpdResourceClass synthesizer_class = {
    .kind = MCP_MRCP_SPEECHSYNTH,
    .methods = methods,
    .n_methods = G_N_ELEMENTS(methods),
    .take_leg = take_leg,
    .describe = describe,
    .free = synthesizer_free,
};

McpMrcpdResource *
mcp_mrcpd_synthesizer_new(McpMrcpdSession *session, GError **error)
{
    g_autofree Synthesizer *self = g_new0(Synthesizer, 1);

    if (!mcp_mrcpd_resource_init(&self->resource, &synthesizer_class, session, error))
        return NULL;
    g_queue_init(&self->pending);
    return &g_steal_pointer(&self)->resource;
}
