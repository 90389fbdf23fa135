/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching: pages with their root documents, scripts, and the recordings that a form carries. Pages
 * above 50 KB are parsed in the compute pool. What goes wrong becomes the standard's event
 * (VoiceXML 2.0 §5.2.6). On the call's shard.
 */
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#include "session_loading.h"

#define BIG_PAGE 51200

typedef struct {
    McpVxmlSession *session;
    GCancellable *cancellable;
    McpVxmlPageFunc func;
    McpVxmlFetch fetch;        /* timing and method */
    gint64 start;              /* of the fetch that runs */
    char *current_root;        /* nullable */
    McpVxmlDocument *document; /* once there, while the root is fetched */
    char *id;                  /* identity of the bytes being parsed */
} Load;

static void
load_free(Load *load)
{
    g_object_unref(load->session);
    g_clear_object(&load->cancellable);
    mcp_vxml_fetch_clear(&load->fetch);
    g_free(load->current_root);
    g_clear_pointer(&load->document, mcp_vxml_document_unref);
    g_free(load->id);
    g_free(load);
}

char *
mcp_vxml_fetch_event(guint status, const GError *error)
{
    if (error == NULL)
        return g_strdup_printf("error.badfetch.http.%u", status);
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_REFUSED))
        return g_strdup("error.noauthorization");
    return g_strdup("error.badfetch");
}

static void
give_up(Load *load, const char *event, const char *message)
{
    load->func(load->session, NULL, NULL, event, message);
    load_free(load);
}

static void fetch_root(Load *load);

static void
take_document(Load *load, McpVxmlDocument *document)
{
    const char *application;

    if (load->document != NULL) {
        load->func(load->session, load->document, document, NULL, NULL);
        load_free(load);
        return;
    }
    load->document = mcp_vxml_document_ref(document);
    application = mcp_vxml_document_get_application(document);
    if (application != NULL && g_strcmp0(application, load->current_root) != 0) {
        fetch_root(load);
        return;
    }
    load->func(load->session, document, NULL, NULL, NULL);
    load_free(load);
}

/* ---- parsing ---- */

typedef struct {
    GBytes *bytes;
    char *url;
    char *charset;
    char *call_id;
    gsize max_bytes;
} Parse;

static void
parse_free(gpointer data)
{
    Parse *parse = data;

    g_bytes_unref(parse->bytes);
    g_free(parse->url);
    g_free(parse->charset);
    g_free(parse->call_id);
    g_free(parse);
}

static void
on_warning(const char *message, gpointer user_data)
{
    mcp_log_info("vxml-page", user_data, "%s", message);
}

static void
run_parse(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Parse *parse = data;
    GError *error = NULL;
    McpVxmlDocument *document =
        mcp_vxml_document_parse(parse->bytes, parse->url, parse->charset, parse->max_bytes,
                                on_warning, parse->call_id, &error);

    if (document != NULL)
        g_task_return_pointer(task, document, (GDestroyNotify)mcp_vxml_document_unref);
    else
        g_task_return_error(task, error);
}

static void
on_parsed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Load *load = user_data;
    Parse *parse = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;
    g_autoptr(McpVxmlDocument) document = g_task_propagate_pointer(G_TASK(result), &error);

    if (g_cancellable_is_cancelled(load->cancellable)) {
        give_up(load, "error.badfetch", "cancelled");
    } else if (document == NULL) {
        give_up(load, "error.badfetch", error->message);
    } else {
        mcp_vxml_cache_put(load->session->services.cache, parse->url, load->id, document);
        take_document(load, document);
    }
}

static void
parse_page(Load *load, const McpFetchFacts *facts)
{
    McpVxmlServices *services = &load->session->services;
    g_autoptr(McpVxmlDocument) known = NULL;
    g_autoptr(GTask) task = NULL;
    Parse *parse;

    g_free(load->id);
    load->id =
        g_strdup_printf("%s\n%s", facts->content_id, facts->charset != NULL ? facts->charset : "");
    known = mcp_vxml_cache_get(services->cache, facts->url, load->id);
    if (known != NULL) {
        take_document(load, known);
        return;
    }
    parse = g_new0(Parse, 1);
    parse->bytes = g_bytes_ref(facts->body);
    parse->url = g_strdup(facts->url);
    parse->charset = g_strdup(facts->charset);
    parse->call_id = g_strdup(mcp_vxml_session_call_id(load->session));
    parse->max_bytes = services->config->max_page_bytes;
    task = g_task_new(NULL, NULL, on_parsed, load);
    g_task_set_task_data(task, parse, parse_free);
    if (services->compute != NULL && g_bytes_get_size(parse->bytes) > BIG_PAGE)
        mcp_pool_run(services->compute, task, run_parse);
    else
        run_parse(task, NULL, parse, NULL);
}

/* ---- fetching ---- */

/* How long a page took, without its query, which may hold what the caller entered. */
static void
report_fetch(Load *load, const char *url, guint status)
{
    McpVxmlSession *session = load->session;
    double ms = (double)(mcp_clock_now(session->services.clock) - load->start) / 1000;
    g_autofree char *text =
        g_strdup_printf("%.*s: %u, %.1f ms", (int)strcspn(url, "?"), url, status, ms);

    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "loaded", "url", text);
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Load *load = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts = response != NULL ? mcp_fetch_response_get_facts(response) : NULL;
    g_autofree char *event = NULL;
    g_autofree char *message = NULL;

    if (facts != NULL)
        report_fetch(load, facts->url, facts->status);
    if (facts != NULL && facts->status >= 200 && facts->status < 300) {
        parse_page(load, facts);
        return;
    }
    event = mcp_vxml_fetch_event(facts != NULL ? facts->status : 0, error);
    message = facts != NULL ? g_strdup_printf("http %u from %s", facts->status, facts->url)
                            : g_strdup(error->message);
    give_up(load, event, message);
}

void
mcp_vxml_fetch_resource(McpVxmlSession *session, const McpVxmlFetch *how, GBytes *body,
                        const char *accept, GAsyncReadyCallback callback, gpointer data)
{
    g_autofree char *url = g_strndup(how->url, strcspn(how->url, "#"));
    McpFetchRequest request = {
        .url = url,
        .method = how->method != NULL ? how->method : "GET",
        .accept = accept,
        .content_type = how->content_type,
        .body = body,
        .timeout = how->timeout,
        .max_age = how->max_age,
        .max_stale = how->max_stale,
        .max_bytes = session->services.config->max_page_bytes,
        .call = session->call,
    };

    mcp_fetcher_fetch_async(session->services.fetcher, &request, session->cancellable, callback,
                            data);
}

static void
fetch_root(Load *load)
{
    McpVxmlFetch plain = load->fetch;

    plain.url = (char *)mcp_vxml_document_get_application(load->document);
    plain.method = NULL;
    plain.content_type = NULL;
    load->start = mcp_clock_now(load->session->services.clock);
    mcp_vxml_fetch_resource(load->session, &plain, NULL, MCP_VXML_ACCEPT_PAGE, on_fetched, load);
}

void
mcp_vxml_load_page(McpVxmlSession *session, const McpVxmlFetch *how, GBytes *body,
                   const char *current_root, McpVxmlPageFunc func)
{
    Load *load;

    if (session->services.fetcher == NULL) {
        func(session, NULL, NULL, "error.noresource", "no fetcher is running");
        return;
    }
    load = g_new0(Load, 1);
    load->session = g_object_ref(session);
    load->cancellable = g_object_ref(session->cancellable);
    load->func = func;
    load->fetch.timeout = how->timeout;
    load->fetch.max_age = how->max_age;
    load->fetch.max_stale = how->max_stale;
    load->current_root = g_strdup(current_root);
    load->start = mcp_clock_now(session->services.clock);
    mcp_vxml_fetch_resource(session, how, body, MCP_VXML_ACCEPT_PAGE, on_fetched, load);
}

/* ---- scripts ---- */

static char *
to_utf8(const McpFetchFacts *facts)
{
    gsize length;
    const char *data = g_bytes_get_data(facts->body, &length);

    if (facts->charset != NULL && g_ascii_strcasecmp(facts->charset, "utf-8") != 0)
        return g_convert(data, (gssize)length, "UTF-8", facts->charset, NULL, NULL, NULL);
    if (length >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        data += 3;
        length -= 3;
    }
    return g_utf8_validate(data, (gssize)length, NULL) ? g_strndup(data, length) : NULL;
}

static void
on_script(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts = response != NULL ? mcp_fetch_response_get_facts(response) : NULL;
    g_autofree char *text = NULL;
    g_autofree char *event = NULL;

    if (session->ended)
        return;
    if (facts == NULL || facts->status < 200 || facts->status >= 300) {
        event = mcp_vxml_fetch_event(facts != NULL ? facts->status : 0, error);
        mcp_vxml_session_fail(session, event, "script: %s",
                              facts != NULL ? facts->url : error->message);
        return;
    }
    text = to_utf8(facts);
    if (text == NULL) {
        mcp_vxml_session_fail(session, "error.badfetch", "%s is not text", facts->url);
    } else {
        McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_SCRIPT, .text = text};

        mcp_vxml_session_resume(session, &outcome);
    }
}

void
mcp_vxml_load_script(McpVxmlSession *session, const McpVxmlFetch *how)
{
    if (session->services.fetcher == NULL) {
        mcp_vxml_session_fail(session, "error.noresource", "no fetcher is running");
        return;
    }
    mcp_vxml_fetch_resource(session, how, NULL, MCP_VXML_ACCEPT_SCRIPT, on_script,
                            g_object_ref(session));
}

/* ---- forms with recordings ---- */

static void send_form(McpVxmlSession *session, const McpVxmlAction *action, McpVxmlPageFunc func);

typedef struct {
    McpVxmlSession *session;
    const McpVxmlAction *action;
    McpVxmlField *field;
    McpVxmlPageFunc func;
} Read;

static void
on_recording_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autofree Read *read = user_data;
    g_autoptr(McpVxmlSession) session = read->session;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = mcp_store_read_finish(MCP_STORE(source), result, &error);

    if (session->ended)
        return;
    if (bytes == NULL) {
        read->func(session, NULL, NULL, "error.noresource", error->message);
        return;
    }
    read->field->bytes = g_steal_pointer(&bytes);
    send_form(session, read->action, read->func);
}

static McpVxmlField *
next_unread(McpVxmlSubmission *form)
{
    GPtrArray *fields = mcp_vxml_submission_get_fields(form);

    for (guint i = 0; i < fields->len; i++) {
        McpVxmlField *field = fields->pdata[i];

        if (field->recording && field->bytes == NULL)
            return field;
    }
    return NULL;
}

static void
send_form(McpVxmlSession *session, const McpVxmlAction *action, McpVxmlPageFunc func)
{
    McpVxmlFetch how = action->fetch;
    McpVxmlField *field = next_unread(how.submission);
    g_autoptr(GBytes) body = NULL;
    g_autofree char *type = NULL;

    if (field != NULL) {
        Read *read;

        if (session->services.store == NULL) {
            func(session, NULL, NULL, "error.noresource", "no store is running");
            return;
        }
        read = g_new0(Read, 1);
        read->session = g_object_ref(session);
        read->action = action;
        read->field = field;
        read->func = func;
        mcp_store_read_async(session->services.store, field->value, session->cancellable,
                             on_recording_read, read);
        return;
    }
    if (strcmp(how.content_type, "multipart/form-data") == 0) {
        body = mcp_vxml_submission_to_multipart(how.submission, &type);
        how.content_type = type;
    } else {
        char *text = mcp_vxml_submission_to_urlencoded(how.submission);

        body = g_bytes_new_take(text, strlen(text));
    }
    if (action->type == MCP_VXML_ACTION_DATA)
        mcp_vxml_load_data_with(session, &how, body);
    else
        mcp_vxml_load_page(session, &how, body, action->current_root, func);
}

void
mcp_vxml_submit_page(McpVxmlSession *session, const McpVxmlAction *action, McpVxmlPageFunc func)
{
    if (action->fetch.submission != NULL)
        send_form(session, action, func);
    else
        mcp_vxml_load_page(session, &action->fetch, NULL, action->current_root, func);
}
