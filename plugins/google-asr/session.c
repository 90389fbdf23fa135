/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleAsrSession: gets the token, opens a stream, feeds it, watches that it goes on, and opens
 * another one. Runs on the context it was made on; a step under way holds a reference.
 */
#include "session.h"

#include "stream.h"

#include <google_api/status.h>
#include <mcp/breaker.h>
#include <mcp/log.h>

#define TICK (200 * G_TIME_SPAN_MILLISECOND)
#define FIRST_WAIT (200 * G_TIME_SPAN_MILLISECOND)
#define LAST_WAIT (2 * G_TIME_SPAN_SECOND)
/* The service takes 10 MB. */
#define MOST_BYTES 9800000
/* Beyond the length of a stream, for the last answers. */
#define AFTER_ALL (15 * G_TIME_SPAN_SECOND)
/* A stream that the service ends sooner, without a word, was no stream. */
#define LEAST_LIFE G_TIME_SPAN_SECOND

struct _McpGoogleAsrSession {
    guint refs;
    gboolean freed;
    McpGoogleAsrSessionParams params;
    McpGapiService *service; /* of the present try; nullable */
    McpGoogleAsrStream *stream;
    char **metadata;
    McpTimer *pause; /* before the next try */
    McpTimer *watch;
    gboolean authorizing;
    gboolean trying;    /* the breaker waits to be told */
    gboolean spoken_to; /* by the service, in this stream */
    gboolean end_wanted;
    gboolean ending; /* the stream knows */
    gboolean reauthorized;
    guint retries;
    McpBackoff backoff;
    guint64 begin;      /* position of the stream's first sample */
    guint64 fed;        /* position behind its last */
    gsize sent;         /* bytes that had left at the last look */
    gint64 began_at;    /* clock µs, as the next: token asked for, then stream opened */
    gint64 progress_at; /* something was sent, or answered */
};

static void attempt(McpGoogleAsrSession *session);

static const McpGoogleAsrDeps *
deps_of(const McpGoogleAsrSession *session)
{
    return mcp_google_asr_recognizer_get_deps(session->params.recognizer);
}

static gint64
now_of(const McpGoogleAsrSession *session)
{
    return mcp_clock_now(deps_of(session)->service.clock);
}

static void
session_unref(McpGoogleAsrSession *session)
{
    if (--session->refs > 0)
        return;
    g_strfreev(session->metadata);
    g_free(session);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleAsrSession, session_unref)

static McpGoogleAsrSession *
session_ref(McpGoogleAsrSession *session)
{
    session->refs++;
    return session;
}

/* A stream that is given up tells as much of the service as it has answered. */
static void
drop_stream(McpGoogleAsrSession *session)
{
    if (session->trying && session->spoken_to)
        mcp_gapi_service_tell(session->service, NULL);
    else if (session->trying)
        mcp_gapi_service_tell_unknown(session->service);
    session->trying = FALSE;
    session->ending = FALSE;
    session->spoken_to = FALSE;
    g_clear_pointer(&session->stream, mcp_google_asr_stream_close);
    g_clear_pointer(&session->service, mcp_gapi_service_unref);
}

/* What fails later is another failure. */
static void
went_well(McpGoogleAsrSession *session)
{
    session->retries = 0;
    session->reauthorized = FALSE;
    mcp_backoff_reset(&session->backoff);
}

static void
end_with(McpGoogleAsrSession *session, const GError *error)
{
    guint64 next = mcp_google_asr_session_needs(session);

    drop_stream(session);
    session->end_wanted = FALSE;
    session->params.events->ended(error, next, session->params.user_data);
}

/* --- what fails --- */

static void
pause_over(gpointer user_data)
{
    McpGoogleAsrSession *session = user_data;

    mcp_timer_clear(&session->pause);
    attempt(session);
}

/* FALSE: there is no try left. */
static gboolean
try_later(McpGoogleAsrSession *session, const GError *error)
{
    const McpGoogleAsrDeps *deps = deps_of(session);
    gint64 wait = 0;

    if (session->retries >= session->params.config->retries)
        return FALSE;
    session->retries++;
    wait = mcp_backoff_next(&session->backoff, FIRST_WAIT, LAST_WAIT);
    mcp_google_asr_count(deps, MCP_GOOGLE_ASR_METRIC_RETRIES, 0, 1);
    mcp_log_info("stream-again", session->params.call_id,
                 "%s; tried again in %" G_GINT64_FORMAT " ms", error->message,
                 wait / G_TIME_SPAN_MILLISECOND);
    session->pause = mcp_clock_after(deps->service.clock, NULL, wait, pause_over, session);
    return TRUE;
}

/* Long streams, and those whose caller falls silent, the service ends as out of range; and new
 * settings close the service in whose name a token was asked for. */
static gboolean
may_pass(const GError *error)
{
    return mcp_gapi_may_pass(error) ||
           g_error_matches(error, MCP_RPC_ERROR, MCP_RPC_ERROR_OUT_OF_RANGE) ||
           g_error_matches(error, MCP_ERROR, MCP_ERROR_CLOSED);
}

static gboolean
renew_token(McpGoogleAsrSession *session, const GError *error)
{
    return g_error_matches(error, MCP_RPC_ERROR, MCP_RPC_ERROR_UNAUTHENTICATED) &&
           !session->reauthorized &&
           mcp_gapi_service_unauthorize(session->service, session->metadata);
}

static void
failed(McpGoogleAsrSession *session, const GError *error)
{
    g_autoptr(McpGoogleAsrSession) held = session_ref(session);
    g_autoptr(GError) kept = g_error_copy(error);
    gboolean renewed = FALSE;

    if (g_error_matches(error, MCP_RPC_ERROR, MCP_RPC_ERROR_RESOURCE_EXHAUSTED))
        mcp_google_asr_count(deps_of(session), MCP_GOOGLE_ASR_METRIC_QUOTA, 0, 1);
    renewed = renew_token(session, error);
    drop_stream(session);
    if (!renewed && !(may_pass(kept) && try_later(session, kept))) {
        end_with(session, kept);
        return;
    }
    session->params.events->anew(session->params.user_data);
    if (!renewed || session->freed)
        return;
    session->reauthorized = TRUE;
    attempt(session);
}

/* --- the stream --- */

static void
got_answer(const McpGoogleAsrAnswer *answer, gpointer user_data)
{
    McpGoogleAsrSession *session = user_data;

    session->spoken_to = TRUE;
    session->progress_at = now_of(session);
    session->params.events->answer(answer, session->begin, session->params.user_data);
}

static void
stream_ended(const GError *error, gpointer user_data)
{
    McpGoogleAsrSession *session = user_data;
    g_autoptr(GError) nothing = NULL;

    if (error == NULL && !session->ending && !session->spoken_to &&
        now_of(session) - session->began_at < LEAST_LIFE)
        error = nothing = g_error_new_literal(MCP_RPC_ERROR, MCP_RPC_ERROR_INTERNAL,
                                              "INTERNAL: the stream ended at once");
    session->trying = FALSE;
    mcp_gapi_service_tell(session->service, error);
    if (error != NULL) {
        failed(session, error);
        return;
    }
    went_well(session);
    end_with(session, NULL);
}

static const McpGoogleAsrStreamEvents stream_events = {got_answer, stream_ended};

static void
open_stream(McpGoogleAsrSession *session)
{
    const McpGoogleAsrSessionParams *params = &session->params;

    session->trying = TRUE;
    session->begin = params->audio->begin;
    session->fed = session->begin;
    session->sent = 0;
    session->began_at = now_of(session);
    session->progress_at = session->began_at;
    session->stream = mcp_google_asr_stream_open(
        deps_of(session), session->service, session->metadata, params->setup,
        params->config->stream_length + AFTER_ALL, &stream_events, session);
    mcp_google_asr_session_pump(session);
}

static void
authorized(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpGoogleAsrSession) session = user_data;
    g_autoptr(GError) error = NULL;
    char **metadata = mcp_gapi_service_authorize_finish(result, &error);

    g_strfreev(session->metadata);
    session->metadata = metadata;
    if (session->freed || !session->authorizing)
        return;
    session->authorizing = FALSE;
    if (metadata == NULL)
        failed(session, error);
    else if (!mcp_gapi_service_allows(session->service, &error))
        end_with(session, error);
    else
        open_stream(session);
}

static void
attempt(McpGoogleAsrSession *session)
{
    g_autoptr(GError) error = NULL;

    session->service = mcp_google_asr_recognizer_get_service(session->params.recognizer);
    if (session->service == NULL) {
        error = g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "the service is being stopped");
        end_with(session, error);
        return;
    }
    session->authorizing = TRUE;
    session->began_at = now_of(session);
    mcp_gapi_service_authorize_async(session->service, authorized, session_ref(session));
}

/* --- that it goes on --- */

static void
stall(McpGoogleAsrSession *session, const char *what)
{
    g_autoptr(GError) status = mcp_rpc_error_new(MCP_RPC_ERROR_DEADLINE_EXCEEDED, NULL, 0);
    g_autoptr(GError) error =
        g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "the service %s for %g s", what,
                    (double)session->params.config->stall / G_USEC_PER_SEC);

    if (session->trying)
        mcp_gapi_service_tell(session->service, status);
    session->trying = FALSE;
    session->authorizing = FALSE;
    end_with(session, error);
}

static void
note_progress(McpGoogleAsrSession *session, gint64 now)
{
    gsize unsent = mcp_google_asr_stream_get_unsent(session->stream);
    gsize sent = mcp_google_asr_stream_get_bytes(session->stream) -
                 MIN(unsent, mcp_google_asr_stream_get_bytes(session->stream));

    if (sent != session->sent || (unsent == 0 && !session->ending))
        session->progress_at = now;
    session->sent = sent;
}

static void
on_watch(gpointer user_data)
{
    g_autoptr(McpGoogleAsrSession) session = session_ref(user_data);
    gint64 now = now_of(session);
    gint64 longest = session->params.config->stall;

    mcp_timer_clear(&session->watch);
    if (session->stream != NULL)
        note_progress(session, now);
    if (session->stream != NULL && now - session->progress_at >= longest)
        stall(session, session->ending ? "has not answered" : "has taken no audio");
    else if (session->authorizing && now - session->began_at >= longest)
        stall(session, "could not be asked for want of a token");
    if (!session->freed)
        session->params.events->tick(session->params.user_data);
    if (!session->freed)
        session->watch =
            mcp_clock_after(deps_of(session)->service.clock, NULL, TICK, on_watch, session);
}

/* --- from outside --- */

static gboolean
is_full(const McpGoogleAsrSession *session, gsize more)
{
    guint width = session->params.setup->encoding == MCP_GOOGLE_ASR_LINEAR16 ? 2 : 1;

    return now_of(session) - session->began_at >= session->params.config->stream_length ||
           mcp_google_asr_stream_get_bytes(session->stream) + more * width > MOST_BYTES;
}

static void
replace(McpGoogleAsrSession *session)
{
    g_autoptr(McpGoogleAsrSession) held = session_ref(session);

    drop_stream(session);
    went_well(session);
    session->params.events->anew(session->params.user_data);
    if (!session->freed)
        attempt(session);
}

void
mcp_google_asr_session_pump(McpGoogleAsrSession *session)
{
    const gint16 *samples = NULL;
    gsize n = 0;

    if (session->stream == NULL) {
        if (!session->authorizing && session->pause == NULL)
            attempt(session);
        return;
    }
    if (session->ending)
        return;
    samples = mcp_google_asr_audio_get(session->params.audio, session->fed, &n);
    if (is_full(session, n) && session->fed > session->begin) {
        replace(session);
        return;
    }
    mcp_google_asr_stream_feed(session->stream, samples, n);
    session->fed += n;
    if (session->end_wanted) {
        session->ending = TRUE;
        session->progress_at = now_of(session);
        mcp_google_asr_stream_end(session->stream);
    }
}

void
mcp_google_asr_session_end(McpGoogleAsrSession *session)
{
    session->end_wanted = TRUE;
    mcp_google_asr_session_pump(session);
}

void
mcp_google_asr_session_drop(McpGoogleAsrSession *session)
{
    drop_stream(session);
    session->authorizing = FALSE;
    session->end_wanted = FALSE;
    mcp_timer_clear(&session->pause);
}

gboolean
mcp_google_asr_session_is_ending(const McpGoogleAsrSession *session)
{
    return session->end_wanted;
}

guint64
mcp_google_asr_session_needs(const McpGoogleAsrSession *session)
{
    return session->stream != NULL ? session->fed : session->params.audio->begin;
}

McpGoogleAsrSession *
mcp_google_asr_session_new(const McpGoogleAsrSessionParams *params)
{
    McpGoogleAsrSession *session = g_new0(McpGoogleAsrSession, 1);

    session->refs = 1;
    session->params = *params;
    session->watch =
        mcp_clock_after(deps_of(session)->service.clock, NULL, TICK, on_watch, session);
    return session;
}

void
mcp_google_asr_session_free(McpGoogleAsrSession *session)
{
    session->freed = TRUE;
    mcp_google_asr_session_drop(session);
    mcp_timer_clear(&session->watch);
    session_unref(session);
}
