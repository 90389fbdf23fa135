/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control API as openapi.yaml describes it: a table of operations and what each does. Control
 * context.
 */
#include "api.h"

#include <mcp/contract/health.h>
#include <mcp/contract/store.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <speech_trial/trials.h>
#include <spool_view/spool_view.h>

#include "diagnosis.h"
#include "place.h"
#include "rooms.h"
#include "steps.h"

struct _McpControlApi {
    gatomicrefcount refs; /* one more for each answer that is still to come */
    McpHost *host;
    McpListener *listener;
    char *listener_name;
    McpControlStreams *streams; /* NULL once unmounted */
    McpControlRooms *rooms;     /* NULL once unmounted */
    McpSpeechTrials *trials;    /* NULL once unmounted */
};

/* A request on its way, with the parts of the path that stood for {id} and {member}. */
typedef struct {
    McpControlApi *api;
    McpWebRequest *request;
    const McpWebFacts *facts;
    const char *id;
    const char *member;
} Visit;

/* An answer that comes later. */
typedef struct {
    McpControlApi *api;
    McpWebRequest *request;
    const char *content_type; /* of what is no error */
} Pending;

typedef void (*Operation)(const Visit *visit);
typedef void (*Describe)(McpHost *host, McpJson *json);

static McpControlApi *
api_ref(McpControlApi *api)
{
    g_atomic_ref_count_inc(&api->refs);
    return api;
}

static void
api_unref(McpControlApi *api)
{
    if (!g_atomic_ref_count_dec(&api->refs))
        return;
    g_object_unref(api->host);
    g_object_unref(api->listener);
    g_free(api->listener_name);
    g_free(api);
}

static void
respond(McpControlApi *api, McpWebRequest *request, guint status, const char *json)
{
    mcp_listener_respond(api->listener, request, status, "application/json", json, strlen(json));
}

static void
respond_json(const Visit *visit, guint status, McpJson *json)
{
    g_autofree char *text = NULL;

    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    respond(visit->api, visit->request, status, text);
}

static McpJson *
object_new(void)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    return json;
}

static void
respond_value(const Visit *visit, guint status, const char *key, const char *value)
{
    g_autofree char *text = mcp_control_object(key, value);

    respond(visit->api, visit->request, status, text);
}

static void
respond_error(const Visit *visit, guint status, const char *text)
{
    respond_value(visit, status, "error", text);
}

/* (transfer full): for an answer that comes later; the request stays open until then. */
static Pending *
pend(const Visit *visit)
{
    Pending *pending = g_new0(Pending, 1);

    pending->api = api_ref(visit->api);
    pending->request = visit->request;
    return pending;
}

static void
answer(Pending *pending, guint status, const char *json)
{
    respond(pending->api, pending->request, status, json);
    api_unref(pending->api);
    g_free(pending);
}

static void
answer_error(Pending *pending, guint status, const char *text)
{
    g_autofree char *body = mcp_control_object("error", text);

    answer(pending, status, body);
}

/* What is no JSON, or was made elsewhere; NULL with @error. */
static void
answer_bytes(Pending *pending, GBytes *bytes, const GError *error)
{
    gsize length = 0;
    const char *body = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;

    if (bytes == NULL) {
        answer_error(pending, mcp_control_status_of(error), error->message);
        return;
    }
    mcp_listener_respond(pending->api->listener, pending->request, 200, pending->content_type, body,
                         length);
    api_unref(pending->api);
    g_free(pending);
}

static void
describe_calls(McpHost *host, McpJson *json)
{
    mcp_calls_list(mcp_host_get_calls(host), json);
}

static void
on_described(const char *object, gpointer data)
{
    if (object != NULL)
        answer(data, 200, object);
    else
        answer_error(data, 404, "no such call");
}

static void
get_call(const Visit *visit)
{
    mcp_calls_describe(mcp_host_get_calls(visit->api->host), visit->id, on_described, pend(visit));
}

/* A stream for the events of a call that is not placed yet; NULL when none is asked for. */
static McpControlStream *
follow(const Visit *visit)
{
    McpControlFilter filter = {.until_record = TRUE};

    if (g_strcmp0(g_hash_table_lookup(visit->facts->query, "follow"), "true") != 0)
        return NULL;
    mcp_control_event_types(NULL, &filter.types);
    if (g_strcmp0(g_hash_table_lookup(visit->facts->query, "watch"), "all") == 0)
        filter.other_types = filter.types;
    return mcp_control_streams_subscribe(visit->api->streams, &filter);
}

static char *
place_call(const Visit *visit, GError **error)
{
    g_autoptr(McpControlPlace) place = mcp_control_place_parse(visit->facts->body, error);
    McpPlaceRequest request = {0};

    if (place == NULL)
        return NULL;
    request.target = place->target;
    request.from = place->from;
    request.uui = place->uui;
    request.dialog = place->dialog;
    request.parameters = place->parameters;
    request.deadline = place->deadline;
    return mcp_calls_place(mcp_host_get_calls(visit->api->host), &request, error);
}

static void
post_calls(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    /* Subscribed before the call begins, which may be over before this function returns. */
    McpControlStream *stream = follow(visit);
    g_autofree char *id = place_call(visit, &error);

    if (id == NULL) {
        if (stream != NULL)
            mcp_control_stream_drop(stream);
        respond_error(visit, mcp_control_status_of(error), error->message);
    } else if (stream != NULL) {
        mcp_control_stream_open(stream, visit->request, id);
    } else {
        respond_value(visit, 201, "id", id);
    }
}

static void
delete_call(const Visit *visit)
{
    if (mcp_calls_hangup(mcp_host_get_calls(visit->api->host), visit->id, "hung up by operator"))
        respond_value(visit, 202, "id", visit->id);
    else
        respond_error(visit, 404, "no such call");
}

static void
on_moved(guint status, const char *reason, gpointer data)
{
    g_autofree char *text = g_strdup_printf("%u %s", status, reason);

    if (status < 300)
        answer(data, 200, "{}");
    else
        answer_error(data, mcp_control_status_of_sip(status), text);
}

typedef gboolean (*Move)(McpCalls *calls, const char *call_id, const char *where,
                         McpTransferFunc func, gpointer user_data);

/* Where to is in @member of the body; the answer comes when it is known how it went. */
static void
move_call(const Visit *visit, const char *member, Move move)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *where = mcp_control_parse_member(visit->facts->body, member, &error);
    Pending *pending = pend(visit);

    if (where == NULL)
        answer_error(pending, 400, error != NULL ? error->message : "where to is not said");
    else if (!move(mcp_host_get_calls(visit->api->host), visit->id, where, on_moved, pending))
        answer_error(pending, 404, "no such call");
}

static void
post_transfer(const Visit *visit)
{
    move_call(visit, "target", mcp_calls_transfer);
}

static void
post_redirect(const Visit *visit)
{
    move_call(visit, "call", mcp_calls_redirect);
}

static void
get_log_level(const Visit *visit)
{
    respond_value(visit, 200, "level", mcp_log_level_to_string(mcp_log_get_level()));
}

static void
put_log_level(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = mcp_control_parse_member(visit->facts->body, "level", &error);
    McpLogLevel level = MCP_LOG_INFO;

    if (name == NULL || !mcp_log_level_from_string(name, &level)) {
        respond_error(visit, 400,
                      error != NULL ? error->message
                                    : "level is none of error, warning, info, debug");
        return;
    }
    mcp_log_set_level(level);
    mcp_log_info("log-level", NULL, "log level is now %s", name);
    get_log_level(visit);
}

static void
on_reloaded(const GError *error, gpointer data)
{
    if (error == NULL)
        answer(data, 200, "{}");
    else
        answer_error(data, 422, error->message);
}

static void
post_reload(const Visit *visit)
{
    mcp_host_reload(visit->api->host, on_reloaded, pend(visit));
}

static void
post_drain(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = mcp_control_parse_member(visit->facts->body, "deadline", &error);
    gint64 deadline = 0;
    McpJson *json = NULL;

    if (error != NULL || (text != NULL && !mcp_steps_parse_duration(text, &deadline))) {
        respond_error(visit, 400, error != NULL ? error->message : "deadline is no duration");
        return;
    }
    json = object_new();
    mcp_json_int(json, "calls", mcp_calls_get_running(mcp_host_get_calls(visit->api->host)));
    respond_json(visit, 202, json);
    mcp_host_drain(visit->api->host, deadline);
}

static void
get_events(const Visit *visit)
{
    McpControlFilter filter = {.call_id = g_hash_table_lookup(visit->facts->query, "call")};

    if (!mcp_control_event_types(g_hash_table_lookup(visit->facts->query, "type"), &filter.types)) {
        respond_error(visit, 400, "unknown event type");
        return;
    }
    filter.until_record = filter.call_id != NULL;
    mcp_control_stream_open(mcp_control_streams_subscribe(visit->api->streams, &filter),
                            visit->request, NULL);
}

static void
on_recording(GObject *source, GAsyncResult *result, gpointer data)
{
    Pending *pending = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = mcp_store_read_finish(MCP_STORE(source), result, &error);

    pending->content_type = "audio/x-wav";
    answer_bytes(pending, bytes, error);
}

static void
get_recording(const Visit *visit)
{
    g_autoptr(McpStore) store = mcp_host_lookup(visit->api->host, MCP_CONTRACT_STORE, NULL);

    if (store == NULL)
        respond_error(visit, 404, "no store service is running");
    else
        mcp_store_read_async(store, visit->id, NULL, on_recording, pend(visit));
}

/* An answer of diagnosis.c or rooms.c. */
static void
on_diagnosed(guint status, const char *json, gpointer data)
{
    answer(data, status, json);
}

static void
describe_traces(McpHost *host, McpJson *json)
{
    mcp_traces_list(mcp_host_get_traces(host), json);
}

static void
post_traces(const Visit *visit)
{
    mcp_control_trace_start(visit->api->host, visit->facts->body, on_diagnosed, pend(visit));
}

static void
delete_trace(const Visit *visit)
{
    if (mcp_traces_stop(mcp_host_get_traces(visit->api->host), visit->id))
        respond_value(visit, 200, "id", visit->id);
    else
        respond_error(visit, 404, "no such trace runs");
}

static void
post_sip_explain(const Visit *visit)
{
    mcp_control_explain(visit->api->host, visit->facts->body, on_diagnosed, pend(visit));
}

static void
get_spool_records(const Visit *visit)
{
    mcp_spool_view_export(visit->api->host, visit->facts->query, on_diagnosed, pend(visit));
}

static void
post_spool_replay(const Visit *visit)
{
    mcp_spool_view_replay(visit->api->host, visit->facts->body, on_diagnosed, pend(visit));
}

/* --- speech --- */

static void
delete_speech_cache(const Visit *visit)
{
    g_autoptr(GError) error = NULL;

    if (mcp_speech_flush(visit->api->host, &error)) {
        mcp_log_info("speech-flush", NULL, "an operator had synthesizers forget their prompts");
        respond(visit->api, visit->request, 200, "{}");
    } else {
        respond_error(visit, mcp_control_status_of(error), error->message);
    }
}

static void
on_tried(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = mcp_speech_trials_finish(result, &error);

    answer_bytes(data, bytes, error);
}

static void
post_prompt(const Visit *visit)
{
    Pending *pending = pend(visit);
    gboolean wave =
        visit->facts->accept != NULL && g_str_has_prefix(visit->facts->accept, "audio/x-wav");

    pending->content_type = wave ? "audio/x-wav" : "application/json";
    mcp_speech_trials_say_async(visit->api->trials, visit->facts->body, wave, on_tried, pending);
}

static void
post_recognition(const Visit *visit)
{
    Pending *pending = pend(visit);

    pending->content_type = "application/json";
    mcp_speech_trials_hear_async(visit->api->trials, visit->facts->body, on_tried, pending);
}

/* --- rooms --- */

static void
respond_done(const Visit *visit, gboolean done, guint status, const GError *error)
{
    if (done)
        respond_value(visit, status, "room", visit->id);
    else
        respond_error(visit, mcp_control_status_of(error), error->message);
}

static void
get_room(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    McpJson *json = object_new();

    if (mcp_control_rooms_show(visit->api->rooms, visit->id, json, &error)) {
        respond_json(visit, 200, json);
        return;
    }
    mcp_json_free(json);
    respond_done(visit, FALSE, 0, error);
}

static void
patch_member(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    gboolean done = mcp_control_rooms_change(visit->api->rooms, visit->id, visit->member,
                                             visit->facts->body, &error);

    respond_done(visit, done, 200, error);
}

static void
delete_member(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    gboolean done = mcp_control_rooms_remove(visit->api->rooms, visit->id, visit->member, &error);

    respond_done(visit, done, 202, error);
}

static void
post_playback(const Visit *visit)
{
    mcp_control_rooms_play(visit->api->rooms, visit->id, visit->facts->body, on_diagnosed,
                           pend(visit));
}

static void
delete_playback(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    gboolean done = mcp_control_rooms_stop(visit->api->rooms, visit->id, &error);

    respond_done(visit, done, 202, error);
}

static void
post_recording(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    gboolean done =
        mcp_control_rooms_record(visit->api->rooms, visit->id, visit->facts->body, &error);

    respond_done(visit, done, 202, error);
}

static void
delete_recording(const Visit *visit)
{
    g_autoptr(GError) error = NULL;
    gboolean done = mcp_control_rooms_stop_recording(visit->api->rooms, visit->id, &error);

    respond_done(visit, done, 202, error);
}

/* In the order of openapi.yaml, which a test compares with it. A row describes, or runs. */
static const struct {
    McpControlRoute route;
    Describe describe;
    Operation run;
} rows[] = {
    {{"GET", "/status"}, mcp_host_describe_status, NULL},
    {{"GET", "/health"}, mcp_host_describe_health, NULL},
    {{"GET", "/plugins"}, mcp_host_describe_plugins, NULL},
    {{"GET", "/calls"}, describe_calls, NULL},
    {{"POST", "/calls"}, NULL, post_calls},
    {{"GET", "/calls/{id}"}, NULL, get_call},
    {{"DELETE", "/calls/{id}"}, NULL, delete_call},
    {{"POST", "/calls/{id}/transfer"}, NULL, post_transfer},
    {{"POST", "/calls/{id}/redirect"}, NULL, post_redirect},
    {{"GET", "/rooms"}, mcp_control_rooms_list, NULL},
    {{"GET", "/rooms/{id}"}, NULL, get_room},
    {{"PATCH", "/rooms/{id}/members/{member}"}, NULL, patch_member},
    {{"DELETE", "/rooms/{id}/members/{member}"}, NULL, delete_member},
    {{"POST", "/rooms/{id}/playback"}, NULL, post_playback},
    {{"DELETE", "/rooms/{id}/playback"}, NULL, delete_playback},
    {{"POST", "/rooms/{id}/recording"}, NULL, post_recording},
    {{"DELETE", "/rooms/{id}/recording"}, NULL, delete_recording},
    {{"GET", "/speech"}, mcp_speech_describe, NULL},
    {{"DELETE", "/speech/cache"}, NULL, delete_speech_cache},
    {{"POST", "/speech/prompts"}, NULL, post_prompt},
    {{"POST", "/speech/recognitions"}, NULL, post_recognition},
    {{"GET", "/metrics"}, mcp_host_describe_metrics, NULL},
    {{"GET", "/settings"}, mcp_host_describe_settings, NULL},
    {{"GET", "/log-level"}, NULL, get_log_level},
    {{"PUT", "/log-level"}, NULL, put_log_level},
    {{"POST", "/reload"}, NULL, post_reload},
    {{"POST", "/drain"}, NULL, post_drain},
    {{"GET", "/events"}, NULL, get_events},
    {{"GET", "/recordings/{id}"}, NULL, get_recording},
    {{"GET", "/spools"}, mcp_spool_view_list, NULL},
    {{"GET", "/spools/records"}, NULL, get_spool_records},
    {{"POST", "/spools/replay"}, NULL, post_spool_replay},
    {{"GET", "/traces"}, describe_traces, NULL},
    {{"POST", "/traces"}, NULL, post_traces},
    {{"DELETE", "/traces/{id}"}, NULL, delete_trace},
    {{"POST", "/sip/explain"}, NULL, post_sip_explain},
};

const McpControlRoute *
mcp_control_api_get_route(guint index)
{
    return index < G_N_ELEMENTS(rows) ? &rows[index].route : NULL;
}

static void
run_row(const Visit *visit, guint index)
{
    McpJson *json = NULL;

    if (rows[index].run != NULL) {
        rows[index].run(visit);
        return;
    }
    json = object_new();
    rows[index].describe(visit->api->host, json);
    respond_json(visit, 200, json);
}

/* Whether @path is @pattern; @out_parts gets what stands for its parts in braces. */
static gboolean
path_matches(const char *pattern, const char *path, GPtrArray *out_parts)
{
    g_ptr_array_set_size(out_parts, 0);
    while (*pattern != '\0') {
        gsize part = 0;

        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return FALSE;
            continue;
        }
        part = strcspn(path, "/");
        if (part == 0)
            return FALSE;
        g_ptr_array_add(out_parts, g_strndup(path, part));
        path += part;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

static void
on_request(McpWebRequest *request, const McpWebFacts *facts, gpointer data)
{
    Visit visit = {.api = data, .request = request, .facts = facts};
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    gboolean known = FALSE;

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!path_matches(rows[i].route.path, facts->path, parts))
            continue;
        known = TRUE;
        visit.id = parts->len > 0 ? parts->pdata[0] : NULL;
        visit.member = parts->len > 1 ? parts->pdata[1] : NULL;
        if (strcmp(rows[i].route.method, facts->method) == 0) {
            run_row(&visit, i);
            return;
        }
    }
    if (known)
        respond_error(&visit, 405, "method not allowed");
    else
        respond_error(&visit, 404, "no such resource");
}

McpControlApi *
mcp_control_api_new(McpHost *host, McpListener *listener, const char *listener_name, GError **error)
{
    McpControlApi *api = g_new0(McpControlApi, 1);

    g_atomic_ref_count_init(&api->refs);
    api->host = g_object_ref(host);
    api->listener = g_object_ref(listener);
    api->listener_name = g_strdup(listener_name);
    if (!mcp_listener_mount(listener, listener_name, "/", on_request, api, error)) {
        api_unref(api);
        return NULL;
    }
    api->streams = mcp_control_streams_new(host, listener);
    api->rooms = mcp_control_rooms_new(host);
    api->trials = mcp_speech_trials_new(host);
    return api;
}

void
mcp_control_api_free(McpControlApi *api)
{
    mcp_listener_unmount(api->listener, api->listener_name, "/");
    g_clear_pointer(&api->streams, mcp_control_streams_free);
    g_clear_pointer(&api->rooms, mcp_control_rooms_unref);
    g_clear_pointer(&api->trials, mcp_speech_trials_close);
    api_unref(api);
}
