/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control API as openapi.yaml describes it: a table of operations and what each does. Control
 * context.
 */
#include "api.h"

#include <mcp/contract/store.h>
#include <mcp/error.h>
#include <mcp/log.h>

#include "diagnosis.h"
#include "place.h"
#include "steps.h"

struct _McpControlApi {
    gatomicrefcount refs; /* one more for each answer that is still to come */
    McpHost *host;
    McpListener *listener;
    char *listener_name;
    McpControlStreams *streams; /* NULL once unmounted */
};

/* A request on its way, with the part of the path that stood for {id}. */
typedef struct {
    McpControlApi *api;
    McpWebRequest *request;
    const McpWebFacts *facts;
    const char *id;
} Visit;

/* An answer that comes later. */
typedef struct {
    McpControlApi *api;
    McpWebRequest *request;
} Pending;

typedef void (*Operation)(const Visit *visit);

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
respond_error(const Visit *visit, guint status, const char *text)
{
    McpJson *json = object_new();

    mcp_json_string(json, "error", text);
    respond_json(visit, status, json);
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
    McpJson *json = object_new();
    g_autofree char *body = NULL;

    mcp_json_string(json, "error", text);
    mcp_json_end_object(json);
    body = mcp_json_finish(json);
    answer(pending, status, body);
}

static void
get_status(const Visit *visit)
{
    McpJson *json = object_new();

    mcp_host_describe_status(visit->api->host, json);
    respond_json(visit, 200, json);
}

static void
get_plugins(const Visit *visit)
{
    McpJson *json = object_new();

    mcp_host_describe_plugins(visit->api->host, json);
    respond_json(visit, 200, json);
}

static void
get_metrics(const Visit *visit)
{
    McpJson *json = object_new();

    mcp_host_describe_metrics(visit->api->host, json);
    respond_json(visit, 200, json);
}

static void
get_settings(const Visit *visit)
{
    McpJson *json = object_new();

    mcp_host_describe_settings(visit->api->host, json);
    respond_json(visit, 200, json);
}

static void
get_calls(const Visit *visit)
{
    McpJson *json = object_new();

    mcp_calls_list(mcp_host_get_calls(visit->api->host), json);
    respond_json(visit, 200, json);
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

static guint
status_of(const GError *error)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        return 400;
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_NOT_FOUND))
        return 404;
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_LIMIT))
        return 503;
    return 500;
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
        respond_error(visit, status_of(error), error->message);
    } else if (stream != NULL) {
        mcp_control_stream_open(stream, visit->request, id);
    } else {
        McpJson *json = object_new();

        mcp_json_string(json, "id", id);
        respond_json(visit, 201, json);
    }
}

static void
delete_call(const Visit *visit)
{
    McpJson *json = NULL;

    if (!mcp_calls_hangup(mcp_host_get_calls(visit->api->host), visit->id, "hung up by operator")) {
        respond_error(visit, 404, "no such call");
        return;
    }
    json = object_new();
    mcp_json_string(json, "id", visit->id);
    respond_json(visit, 202, json);
}

static void
get_log_level(const Visit *visit)
{
    McpJson *json = object_new();

    mcp_json_string(json, "level", mcp_log_level_to_string(mcp_log_get_level()));
    respond_json(visit, 200, json);
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
    gsize length = 0;
    const char *body = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;

    if (bytes == NULL) {
        answer_error(pending, status_of(error), error->message);
        return;
    }
    mcp_listener_respond(pending->api->listener, pending->request, 200, "audio/x-wav", body,
                         length);
    api_unref(pending->api);
    g_free(pending);
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

/* An answer of diagnosis.c. */
static void
on_diagnosed(guint status, const char *json, gpointer data)
{
    answer(data, status, json);
}

static void
get_traces(const Visit *visit)
{
    McpJson *json = object_new();

    mcp_traces_list(mcp_host_get_traces(visit->api->host), json);
    respond_json(visit, 200, json);
}

static void
post_traces(const Visit *visit)
{
    mcp_control_trace_start(visit->api->host, visit->facts->body, on_diagnosed, pend(visit));
}

static void
delete_trace(const Visit *visit)
{
    McpJson *json = NULL;

    if (!mcp_traces_stop(mcp_host_get_traces(visit->api->host), visit->id)) {
        respond_error(visit, 404, "no such trace runs");
        return;
    }
    json = object_new();
    mcp_json_string(json, "id", visit->id);
    respond_json(visit, 200, json);
}

static void
post_sip_explain(const Visit *visit)
{
    mcp_control_explain(visit->api->host, visit->facts->body, on_diagnosed, pend(visit));
}

/* In the order of openapi.yaml, which a test compares with this table. */
static const McpControlRoute routes[] = {
    {"GET", "/status"},    {"GET", "/plugins"},         {"GET", "/calls"},
    {"POST", "/calls"},    {"GET", "/calls/{id}"},      {"DELETE", "/calls/{id}"},
    {"GET", "/metrics"},   {"GET", "/settings"},        {"GET", "/log-level"},
    {"PUT", "/log-level"}, {"POST", "/reload"},         {"POST", "/drain"},
    {"GET", "/events"},    {"GET", "/recordings/{id}"}, {"GET", "/traces"},
    {"POST", "/traces"},   {"DELETE", "/traces/{id}"},  {"POST", "/sip/explain"},
};

static const Operation operations[G_N_ELEMENTS(routes)] = {
    get_status,  get_plugins,   get_calls,     post_calls,    get_call,     delete_call,
    get_metrics, get_settings,  get_log_level, put_log_level, post_reload,  post_drain,
    get_events,  get_recording, get_traces,    post_traces,   delete_trace, post_sip_explain,
};

const McpControlRoute *
mcp_control_api_get_route(guint index)
{
    return index < G_N_ELEMENTS(routes) ? &routes[index] : NULL;
}

/* Whether @path is @pattern; @out_id gets the part that stands for {id}. */
static gboolean
path_matches(const char *pattern, const char *path, const char **out_id)
{
    const char *brace = strchr(pattern, '{');
    gsize length = brace != NULL ? (gsize)(brace - pattern) : 0;

    if (brace == NULL)
        return strcmp(pattern, path) == 0;
    if (strncmp(pattern, path, length) != 0 || path[length] == '\0' ||
        strchr(path + length, '/') != NULL)
        return FALSE;
    *out_id = path + length;
    return TRUE;
}

static void
on_request(McpWebRequest *request, const McpWebFacts *facts, gpointer data)
{
    Visit visit = {.api = data, .request = request, .facts = facts};
    gboolean known = FALSE;

    for (guint i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (!path_matches(routes[i].path, facts->path, &visit.id))
            continue;
        known = TRUE;
        if (strcmp(routes[i].method, facts->method) == 0) {
            operations[i](&visit);
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
    return api;
}

void
mcp_control_api_free(McpControlApi *api)
{
    mcp_listener_unmount(api->listener, api->listener_name, "/");
    g_clear_pointer(&api->streams, mcp_control_streams_free);
    api_unref(api);
}
