/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recording of the whole call that a page orders by <log gvp:dest>: both voices into an object
 * of the store that the platform names. A leg has one recorder, so meanwhile <record> gives
 * error.noresource, and an order that comes while <record> runs is refused. On the call's shard.
 */
#include <mcp/log.h>
#include <string.h>

#include "session_private.h"

typedef struct {
    McpRecordFormat format;
    McpRecordSource source;
} Wish;

static void
refuse(McpVxmlSession *session, const char *order, const char *why)
{
    mcp_log_warning("vxml-callrec", mcp_vxml_session_call_id(session), "%s: %s", order, why);
    mcp_vxml_session_report(session, MCP_EVENT_RECORDING, "refused", "reason", why);
}

static gboolean
read_source(const char *value, McpRecordSource *out_source)
{
    static const char *const names[] = {"caller", "ivr", "mixed", "stereo"};
    static const McpRecordSource sources[] = {MCP_RECORD_HEARD, MCP_RECORD_SENT, MCP_RECORD_MIXED,
                                              MCP_RECORD_STEREO};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(value, names[i]) != 0)
            continue;
        *out_source = sources[i];
        return TRUE;
    }
    return FALSE;
}

/* "recsrc=mixed type=audio/wav;codec=alaw"; (nullable): the word that means nothing here. */
static const char *
read_wish(char **words, Wish *wish)
{
    for (guint i = 0; words[i] != NULL; i++) {
        gboolean ok = TRUE;

        if (g_str_has_prefix(words[i], "recsrc="))
            ok = read_source(words[i] + strlen("recsrc="), &wish->source);
        else if (g_str_has_prefix(words[i], "type="))
            ok = mcp_record_format_from_type(words[i] + strlen("type="), &wish->format);
        else
            ok = *words[i] == '\0';
        if (!ok)
            return words[i];
    }
    return NULL;
}

static char *
object_name(McpVxmlSession *session, McpRecordFormat format)
{
    const char *id = mcp_vxml_session_call_id(session);
    g_autofree char *plain = g_strdup(id != NULL ? id : "call");

    g_strcanon(plain, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_", '_');
    return g_strdup_printf("vxml/%s/call-%u%s", plain, ++session->n_call_recordings,
                           mcp_record_format_get_suffix(format));
}

static void
start(McpVxmlSession *session, const Wish *wish)
{
    g_autofree char *name = object_name(session, wish->format);
    McpStoreObject object = {.name = name,
                             .content_type = mcp_record_format_get_type(wish->format),
                             .call_id = mcp_vxml_session_call_id(session),
                             .policy = MCP_STORE_BEST_EFFORT};
    McpRecordParams params = {.format = wish->format, .source = wish->source, .no_input = -1};
    g_autoptr(McpStoreStream) stream = NULL;
    g_autoptr(GError) error = NULL;

    if (session->services.store == NULL || session->leg == NULL || session->hung_up) {
        refuse(session, "start", "nothing can be recorded");
        return;
    }
    stream = mcp_store_open(session->services.store, &object, &error);
    params.stream = stream;
    if (stream == NULL || !mcp_leg_record(session->leg, &params, &error)) {
        if (stream != NULL)
            mcp_store_stream_abort(stream);
        refuse(session, "start", error->message);
        return;
    }
    session->call_recording = TRUE;
    mcp_vxml_session_report(session, MCP_EVENT_RECORDING, "opened", "name", name);
    if (session->call != NULL)
        mcp_call_set_record_field(session->call, "call_recording", name);
}

static void
pause_or_resume(McpVxmlSession *session, gboolean paused)
{
    g_autoptr(GError) error = NULL;

    if (!session->call_recording) {
        refuse(session, paused ? "pause" : "resume", "the call is not recorded");
        return;
    }
    if (!mcp_leg_pause_recording(session->leg, paused, MCP_RECORD_PAUSE_SILENCE, &error))
        refuse(session, paused ? "pause" : "resume", error->message);
}

void
mcp_vxml_order_call_recording(McpVxmlSession *session, const char *order)
{
    g_auto(GStrv) words = g_strsplit(order, " ", -1);
    Wish wish = {.format = MCP_RECORD_WAV_PCM, .source = MCP_RECORD_MIXED};
    const char *unknown;

    if (strcmp(words[0], "stop") == 0) {
        /* It is over once its object is committed. */
        if (session->call_recording)
            mcp_leg_stop_recording(session->leg);
    } else if (strcmp(words[0], "pause") == 0 || strcmp(words[0], "resume") == 0) {
        pause_or_resume(session, strcmp(words[0], "pause") == 0);
    } else {
        unknown = read_wish(words + 1, &wish);
        if (unknown != NULL) {
            refuse(session, unknown, "not understood");
            return;
        }
        /* Ordered anew it goes on in a new object, once the old one is complete. */
        if (session->call_recording) {
            g_free(session->next_recording);
            session->next_recording = g_strdup(order);
            mcp_leg_stop_recording(session->leg);
            return;
        }
        start(session, &wish);
    }
}

gboolean
mcp_vxml_call_recording_event(McpVxmlSession *session, const McpLegEvent *event)
{
    const McpRecordingResult *result = event->recording;
    g_autofree char *next = NULL;

    if (!session->call_recording || event->type != MCP_LEG_RECORDING_ENDED)
        return FALSE;
    next = g_steal_pointer(&session->next_recording);
    session->call_recording = FALSE;
    if (result != NULL && result->stop != MCP_STOP_FAILED)
        mcp_vxml_session_report(session, MCP_EVENT_RECORDING, "committed", "name", result->name);
    else
        refuse(session, "callrec", event->error != NULL ? event->error->message : "failed");
    if (next != NULL)
        mcp_vxml_order_call_recording(session, next);
    return TRUE;
}
