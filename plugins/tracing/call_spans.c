/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the events of a call say about how its time went: the call, its SIP transactions, pages,
 * items of forms, prompts, fetches, speech. On the control context.
 *
 * Texts of prompts, digits, results and headers are not taken over: a trace goes to other people
 * than the log does.
 */
#include "call_spans.h"

#include <string.h>

#include "json/json_tree.h"

struct _McpCallSpans {
    char trace_id[MCP_TRACE_ID_LENGTH + 1];
    McpSpan *root;
    McpSpan *page;   /* nullable, as all that are open */
    McpSpan *item;   /* below @page */
    McpSpan *prompt; /* below @item, or what there is */
    McpSpan *recording;
    GPtrArray *done; /* McpSpan */
    guint limit;
    guint dropped;
};

static const char *
text_of(const McpEvent *event, const char *key)
{
    return mcp_event_get_string(event, key);
}

static void
keep(McpCallSpans *self, McpSpan *span)
{
    if (self->done->len < self->limit) {
        g_ptr_array_add(self->done, span);
        return;
    }
    self->dropped++;
    mcp_span_free(span);
}

static void
end_open(McpCallSpans *self, McpSpan **open, gint64 wall)
{
    McpSpan *span = g_steal_pointer(open);

    if (span == NULL)
        return;
    mcp_span_end(span, wall);
    keep(self, span);
}

static McpSpan *
innermost(McpCallSpans *self)
{
    if (self->item != NULL)
        return self->item;
    return self->page != NULL ? self->page : self->root;
}

static McpSpan *
begin_below(const McpSpan *parent, McpSpanKind kind, const char *name, gint64 start)
{
    return mcp_span_new(NULL, mcp_span_get_id(parent), kind, name, start);
}

/* One that is told of when it is over, with how long it took. */
static void
past(McpCallSpans *self, McpSpan *span, const McpEvent *event)
{
    mcp_span_end(span, mcp_event_get_wall(event));
    keep(self, span);
}

static gint64
start_of(const McpEvent *event, const char *key)
{
    return mcp_event_get_wall(event) - 1000 * MAX(mcp_event_get_int(event, key, 0), 0);
}

McpCallSpans *
mcp_call_spans_new(const McpTraceContext *context, const McpEvent *event, guint limit)
{
    McpCallSpans *self = g_new0(McpCallSpans, 1);
    gboolean outgoing = g_strcmp0(mcp_event_get_what(event), "outgoing") == 0;

    g_strlcpy(self->trace_id, context->trace_id, sizeof self->trace_id);
    self->limit = limit;
    self->done = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_span_free);
    self->root = mcp_span_new(mcp_event_get_call_id(event), context->parent_id,
                              outgoing ? MCP_SPAN_CLIENT : MCP_SPAN_SERVER, "call",
                              mcp_event_get_wall(event));
    mcp_span_set_string(self->root, "mcp.call.id", mcp_event_get_call_id(event));
    mcp_span_set_string(self->root, "mcp.call.direction", outgoing ? "outgoing" : "incoming");
    mcp_span_set_string(self->root, "mcp.service", text_of(event, "service"));
    mcp_span_set_string(self->root, "mcp.peer", text_of(event, "peer"));
    return self;
}

void
mcp_call_spans_free(McpCallSpans *self)
{
    g_clear_pointer(&self->prompt, mcp_span_free);
    g_clear_pointer(&self->recording, mcp_span_free);
    g_clear_pointer(&self->item, mcp_span_free);
    g_clear_pointer(&self->page, mcp_span_free);
    mcp_span_free(self->root);
    g_ptr_array_unref(self->done);
    g_free(self);
}

/* The query may hold what a caller has entered. */
static void
set_url(McpSpan *span, const char *url)
{
    g_autofree char *shown = url != NULL ? g_strndup(url, strcspn(url, "?#")) : NULL;

    mcp_span_set_string(span, "url.full", shown);
}

static void
take_dialog(McpCallSpans *self, const McpEvent *event)
{
    const char *what = mcp_event_get_what(event);
    gint64 wall = mcp_event_get_wall(event);

    if (strcmp(what, "page") == 0) {
        end_open(self, &self->item, wall);
        end_open(self, &self->page, wall);
        self->page = begin_below(self->root, MCP_SPAN_INTERNAL, "page", wall);
        set_url(self->page, text_of(event, "url"));
    } else if (strcmp(what, "item") == 0) {
        end_open(self, &self->item, wall);
        self->item = begin_below(innermost(self), MCP_SPAN_INTERNAL, "form item", wall);
        mcp_span_set_string(self->item, "mcp.item", text_of(event, "name"));
    } else if (strcmp(what, "form") == 0) {
        mcp_span_add_event(innermost(self), wall, "form", "mcp.form", text_of(event, "name"));
    } else if (strcmp(what, "event") == 0) {
        const char *name = text_of(event, "event");

        mcp_span_add_event(innermost(self), wall, "vxml event", "mcp.event", name);
        if (name != NULL && g_str_has_prefix(name, "error"))
            mcp_span_fail(innermost(self), name);
    } else if (strcmp(what, "exit") == 0) {
        end_open(self, &self->item, wall);
        end_open(self, &self->page, wall);
    }
}

static void
take_prompt(McpCallSpans *self, const McpEvent *event)
{
    const char *what = mcp_event_get_what(event);
    gint64 wall = mcp_event_get_wall(event);

    if (strcmp(what, "started") == 0) {
        end_open(self, &self->prompt, wall);
        self->prompt = begin_below(innermost(self), MCP_SPAN_INTERNAL, "prompt", wall);
    } else if (strcmp(what, "ended") == 0 && self->prompt != NULL) {
        mcp_span_set_string(self->prompt, "mcp.prompt.end", text_of(event, "how"));
        end_open(self, &self->prompt, wall);
    } else if (strcmp(what, "synthesized") == 0) {
        McpSpan *span = begin_below(innermost(self), MCP_SPAN_CLIENT, "synthesis",
                                    start_of(event, "duration_ms"));

        mcp_span_set_string(span, "mcp.engine", text_of(event, "engine"));
        mcp_span_set_string(span, "mcp.cache", text_of(event, "from"));
        past(self, span, event);
    }
}

/* A turn begins where the caller was done, and ends with the first packet of the answer. */
static void
take_turn(McpCallSpans *self, const McpEvent *event)
{
    gboolean answered = mcp_event_get_int(event, "prompt_ms", -1) >= 0;
    const char *mode = text_of(event, "mode");
    gint64 start = start_of(event, answered ? "prompt_ms" : "result_ms");
    McpSpan *span = begin_below(innermost(self), MCP_SPAN_INTERNAL, "turn", start);

    mcp_span_set_string(span, "mcp.turn.mode", mode);
    mcp_span_set_string(span, "mcp.turn.result", text_of(event, "result"));
    if (g_strcmp0(mode, "voice") == 0) {
        McpSpan *heard = begin_below(span, MCP_SPAN_CLIENT, "recognition", start);

        mcp_span_end(heard, start + 1000 * mcp_event_get_int(event, "result_ms", 0));
        keep(self, heard);
    }
    past(self, span, event);
}

static void
take_fetch(McpCallSpans *self, const McpEvent *event)
{
    McpSpan *span = mcp_span_new(text_of(event, "span"), mcp_span_get_id(innermost(self)),
                                 MCP_SPAN_CLIENT, "fetch", start_of(event, "duration_ms"));
    gint64 status = mcp_event_get_int(event, "status", 0);

    set_url(span, text_of(event, "url"));
    mcp_span_set_string(span, "mcp.cache", text_of(event, "cache"));
    if (status > 0) {
        mcp_span_set_int(span, "http.response.status_code", status);
        mcp_span_set_int(span, "http.response.body.size", mcp_event_get_int(event, "bytes", 0));
    }
    if (strcmp(mcp_event_get_what(event), "failed") == 0 || status >= 400)
        mcp_span_fail(span, text_of(event, "error"));
    past(self, span, event);
}

/* A leg has one recorder. <record> is over with the input that it makes. */
static void
take_recording(McpCallSpans *self, const McpEvent *event)
{
    const char *what = mcp_event_get_what(event);
    gboolean opened = strcmp(what, "opened") == 0;
    gboolean failed = strcmp(what, "failed") == 0;

    if (!opened && !failed && strcmp(what, "committed") != 0 && strcmp(what, "recorded") != 0)
        return;
    if (opened)
        end_open(self, &self->recording, mcp_event_get_wall(event));
    if (self->recording == NULL) {
        self->recording = begin_below(innermost(self), MCP_SPAN_INTERNAL, "recording",
                                      start_of(event, "duration_ms"));
        mcp_span_set_string(self->recording, "mcp.recording", text_of(event, "name"));
    }
    if (failed)
        mcp_span_fail(self->recording, NULL);
    if (!opened)
        end_open(self, &self->recording, mcp_event_get_wall(event));
}

static void
take_input(McpCallSpans *self, const McpEvent *event)
{
    const char *what = mcp_event_get_what(event);

    if (strcmp(what, "turn") == 0)
        take_turn(self, event);
    else if (strcmp(what, "recorded") == 0 && self->recording != NULL)
        take_recording(self, event);
    else if (strcmp(what, "digit") != 0)
        mcp_span_add_event(innermost(self), mcp_event_get_wall(event), what, NULL, NULL);
}

static void
take_end(McpCallSpans *self, const McpEvent *event)
{
    gint64 wall = mcp_event_get_wall(event);

    end_open(self, &self->prompt, wall);
    end_open(self, &self->recording, wall);
    end_open(self, &self->item, wall);
    end_open(self, &self->page, wall);
    mcp_span_set_string(self->root, "mcp.call.end_reason", text_of(event, "reason"));
    if (mcp_event_get_event_type(event) == MCP_EVENT_CALL_REFUSED) {
        mcp_span_set_int(self->root, "sip.response.status_code",
                         mcp_event_get_int(event, "code", 0));
        mcp_span_fail(self->root, text_of(event, "reason"));
    }
    mcp_span_end(self->root, wall);
}

/* ---- SIP transactions, from the ladder of the record ---- */

typedef struct {
    McpSpan *span;
    const char *request; /* "INVITE 1": method and CSeq, in the record's tree */
    gboolean sent;
} Transaction;

static gint64
entry_time(JsonObject *entry)
{
    const char *text = json_object_get_string_member_with_default(entry, "time", "");
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

    return time != NULL
               ? g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time)
               : 0;
}

static const char *
static_method(const char *message)
{
    static const char *const methods[] = {"INVITE", "ACK",   "BYE",    "CANCEL", "OPTIONS",
                                          "INFO",   "PRACK", "UPDATE", "REFER",  "NOTIFY"};

    for (guint i = 0; i < G_N_ELEMENTS(methods); i++)
        if (g_str_has_prefix(message, methods[i]))
            return methods[i];
    return "SIP request";
}

/* A response says what it is to in brackets: "200 OK (INVITE)". */
static gboolean
is_answer_to(const Transaction *transaction, const char *message, gboolean sent)
{
    const char *bracket = strrchr(message, '(');

    return bracket != NULL && transaction->sent != sent &&
           g_str_has_prefix(bracket + 1, transaction->request);
}

static void
take_response(McpCallSpans *self, GArray *open, const char *message, gboolean sent, gint64 wall)
{
    guint status = (guint)g_ascii_strtoull(message, NULL, 10);

    for (guint i = open->len; i-- > 0;) {
        const Transaction transaction = g_array_index(open, Transaction, i);

        if (!is_answer_to(&transaction, message, sent))
            continue;
        if (status < 200) {
            mcp_span_add_event(transaction.span, wall, "provisional", "sip.response", message);
            return;
        }
        mcp_span_set_int(transaction.span, "sip.response.status_code", status);
        if (status >= 400)
            mcp_span_fail(transaction.span, message);
        mcp_span_end(transaction.span, wall);
        keep(self, transaction.span);
        g_array_remove_index(open, i);
        return;
    }
}

static void
take_request(McpCallSpans *self, GArray *open, const char *message, gboolean sent, gint64 wall)
{
    const char *method = static_method(message);
    Transaction transaction = {NULL, method, sent};

    /* RFC 3261 §17.1.1.3: the ACK of a 2xx has no response. */
    if (strcmp(method, "ACK") == 0)
        return;
    transaction.span =
        begin_below(self->root, sent ? MCP_SPAN_CLIENT : MCP_SPAN_SERVER, method, wall);
    mcp_span_set_string(transaction.span, "sip.method", method);
    g_array_append_val(open, transaction);
}

static void
take_entry(McpCallSpans *self, GArray *open, JsonObject *entry)
{
    const char *message = json_object_get_string_member_with_default(entry, "message", "");
    gboolean sent = json_object_get_boolean_member_with_default(entry, "sent", FALSE);
    gint64 wall = entry_time(entry);

    if (wall == 0 || json_object_get_boolean_member_with_default(entry, "repeat", FALSE))
        return;
    if (g_ascii_isdigit(message[0]))
        take_response(self, open, message, sent, wall);
    else
        take_request(self, open, message, sent, wall);
}

static void
take_ladder(McpCallSpans *self, const char *record)
{
    g_autoptr(JsonNode) root =
        record != NULL ? mcp_json_tree_parse(record, strlen(record), NULL) : NULL;
    JsonObject *object =
        root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(Transaction));
    JsonNode *ladder = object != NULL ? json_object_get_member(object, "ladder") : NULL;
    JsonArray *entries =
        ladder != NULL && JSON_NODE_HOLDS_ARRAY(ladder) ? json_node_get_array(ladder) : NULL;

    for (guint i = 0; entries != NULL && i < json_array_get_length(entries); i++) {
        JsonNode *entry = json_array_get_element(entries, i);

        if (JSON_NODE_HOLDS_OBJECT(entry))
            take_entry(self, open, json_node_get_object(entry));
    }
    for (guint i = 0; i < open->len; i++) {
        McpSpan *span = g_array_index(open, Transaction, i).span;

        mcp_span_fail(span, "no final response");
        keep(self, span);
    }
}

void
mcp_call_spans_take(McpCallSpans *self, const McpEvent *event)
{
    switch (mcp_event_get_event_type(event)) {
    case MCP_EVENT_CALL_ANSWERED:
        mcp_span_add_event(self->root, mcp_event_get_wall(event), "answered", NULL, NULL);
        break;
    case MCP_EVENT_CALL_ENDED:
    case MCP_EVENT_CALL_REFUSED:
        take_end(self, event);
        break;
    case MCP_EVENT_CALL_RECORD:
        take_ladder(self, mcp_event_get_object(event));
        break;
    case MCP_EVENT_DIALOG:
        take_dialog(self, event);
        break;
    case MCP_EVENT_PROMPT:
        take_prompt(self, event);
        break;
    case MCP_EVENT_INPUT:
        take_input(self, event);
        break;
    case MCP_EVENT_FETCH:
        take_fetch(self, event);
        break;
    case MCP_EVENT_RECORDING:
        take_recording(self, event);
        break;
    case MCP_EVENT_CALL_ARRIVED:
    case MCP_EVENT_STATE:
    case MCP_EVENT_ALERT:
    case MCP_EVENT_LAST:
        break;
    }
}

char *
mcp_call_spans_finish(McpCallSpans *self, guint *out_n, guint *out_dropped)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    gsize length = 0;

    mcp_json_begin_array(json, NULL);
    mcp_span_write(self->root, self->trace_id, json);
    for (guint i = 0; i < self->done->len; i++)
        mcp_span_write(g_ptr_array_index(self->done, i), self->trace_id, json);
    mcp_json_end_array(json);
    text = mcp_json_finish(json);
    *out_n = self->done->len + 1;
    *out_dropped = self->dropped;
    mcp_call_spans_free(self);
    length = strlen(text);
    return g_strndup(text + 1, length - 2);
}
