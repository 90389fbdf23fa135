/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls as their events tell of them, and the events of each in batches. Control context.
 */
#include "call_table.h"

#include "json_text.h"

#include <string.h>

#include <openwire/openwire.h>

#define SCHEMA "mcp.events"
/* Of a message before it is compressed. */
#define MAX_BATCH (60 * 1024)
#define MAX_EVENT (16 * 1024)
/* Of all batches together; then all that wait are spooled. */
#define MAX_WAITING (64 * 1024 * 1024)
#define MAX_RECORDINGS 32
#define LEVEL 4
/* Of a label. */
#define MAX_ID 128
#define MAX_PART 1024

struct _McpActivemqCallTable {
    McpSpool *spool;
    GHashTable *calls; /* id → McpActivemqCall */
    gsize waiting;     /* bytes in batches */
};

static void
call_free(McpActivemqCall *call)
{
    g_free(call->id);
    g_free(call->service);
    g_free(call->from);
    g_free(call->to);
    g_free(call->peer);
    g_free(call->guid);
    g_free(call->tenant);
    g_string_free(call->events, TRUE);
    g_ptr_array_unref(call->recordings);
    g_free(call);
}

McpActivemqCallTable *
mcp_activemq_call_table_new(McpSpool *spool)
{
    McpActivemqCallTable *table = g_new0(McpActivemqCallTable, 1);

    table->spool = g_object_ref(spool);
    table->calls = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)call_free);
    return table;
}

void
mcp_activemq_call_table_free(McpActivemqCallTable *table)
{
    mcp_activemq_call_table_flush(table, G_MAXINT64);
    g_hash_table_unref(table->calls);
    g_object_unref(table->spool);
    g_free(table);
}

/* What a caller sends is no separator. */
static char *
part_of(const char *text, gsize most)
{
    char *part = g_strndup(text, most);

    for (char *at = part; *at != '\0'; at++)
        if ((guint8)*at < ' ')
            *at = ' ';
    return part;
}

char *
mcp_activemq_label(const char *type, const char *session, const char *tenant,
                   const char *application)
{
    g_autofree char *session_part = part_of(session, MAX_ID);
    g_autofree char *tenant_part = part_of(tenant, MAX_PART);
    g_autofree char *application_part = part_of(application, MAX_PART);

    return g_strjoin("\t", type, session_part, tenant_part, application_part, NULL);
}

char *
mcp_activemq_tenant(const char *guid)
{
    static const char key[] = "gvp.rm.tenant-id=";
    const char *at = strstr(guid, key);

    if (at == NULL)
        return g_strdup("");
    at += strlen(key);
    return g_strndup(at, strcspn(at, ";, "));
}

static char *
text_of(McpEvent *event, const char *key)
{
    const char *text = mcp_event_get_string(event, key);

    return g_strdup(text != NULL ? text : "");
}

static McpActivemqCall *
call_new(McpEvent *event)
{
    McpActivemqCall *call = g_new0(McpActivemqCall, 1);

    call->id = g_strdup(mcp_event_get_call_id(event));
    call->service = text_of(event, "service");
    call->from = text_of(event, "from");
    call->to = text_of(event, "to");
    call->peer = text_of(event, "peer");
    call->guid = text_of(event, "guid");
    call->tenant = mcp_activemq_tenant(call->guid);
    call->outgoing = strcmp(mcp_event_get_what(event), "outgoing") == 0;
    call->arrived = mcp_event_get_wall(event);
    call->events = g_string_new(NULL);
    call->recordings = g_ptr_array_new_with_free_func(g_free);
    return call;
}

McpActivemqCall *
mcp_activemq_call_table_get(McpActivemqCallTable *table, McpEvent *event)
{
    const char *id = mcp_event_get_call_id(event);
    McpActivemqCall *call = id != NULL ? g_hash_table_lookup(table->calls, id) : NULL;

    if (call == NULL && id != NULL && mcp_event_get_event_type(event) == MCP_EVENT_CALL_ARRIVED) {
        call = call_new(event);
        g_hash_table_insert(table->calls, call->id, call);
    }
    return call;
}

/* (transfer full): zlib of the content that a message is to have. */
static GBytes *
compress(GBytes *content)
{
    g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, LEVEL);
    gsize left = 0;
    const char *at = g_bytes_get_data(content, &left);
    GByteArray *out = g_byte_array_new();
    GConverterResult result = G_CONVERTER_CONVERTED;

    while (result == G_CONVERTER_CONVERTED) {
        guint8 part[8192];
        gsize took = 0;
        gsize gave = 0;

        result = g_converter_convert(G_CONVERTER(zlib), at, left, part, sizeof part,
                                     G_CONVERTER_INPUT_AT_END, &took, &gave, NULL);
        g_byte_array_append(out, part, (guint)gave);
        at += took;
        left -= took;
    }
    return g_byte_array_free_to_bytes(out);
}

static char *
write_batch(const McpActivemqCall *call)
{
    g_autofree char *events = g_strdup_printf("[%s]", call->events->str);
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "schema", SCHEMA);
    mcp_json_int(json, "version", 1);
    mcp_json_string(json, "session", call->id);
    mcp_json_string(json, "guid", call->guid);
    mcp_json_string(json, "tenant", call->tenant);
    mcp_json_string(json, "application", call->service);
    mcp_json_int(json, "batch", call->batch);
    mcp_json_raw(json, "events", events);
    mcp_json_end_object(json);
    return mcp_activemq_json_finish(json);
}

static void
spool_batch(McpActivemqCallTable *table, McpActivemqCall *call)
{
    g_autofree char *text = NULL;
    g_autofree char *id = NULL;
    g_autofree char *label = NULL;
    g_autoptr(GBytes) content = NULL;

    if (call->n_events == 0)
        return;
    text = write_batch(call);
    id = g_strdup_printf("%s:%u", call->id, call->batch++);
    label = mcp_activemq_label("events", call->id, call->tenant, call->service);
    content = mcp_openwire_text(text, strlen(text));
    mcp_spool_append(table->spool,
                     mcp_spool_record_new(MCP_ACTIVEMQ_CALL_EVENTS,
                                          MCP_SPOOL_DEFLATED | MCP_SPOOL_FRAMED, id,
                                          call->first_event, label, compress(content)));
    table->waiting -= call->events->len;
    g_string_truncate(call->events, 0);
    call->n_events = 0;
}

static gboolean
is_what(const McpEvent *event, const char *what)
{
    return strcmp(mcp_event_get_what(event), what) == 0;
}

static void
add_recording(McpActivemqCall *call, const char *name)
{
    if (name != NULL && call->recordings->len < MAX_RECORDINGS)
        g_ptr_array_add(call->recordings, g_strdup(name));
}

static void
count_prompt(McpActivemqCall *call, const McpEvent *event)
{
    if (!is_what(event, "synthesized"))
        return;
    if (g_strcmp0(mcp_event_get_string(event, "from"), "cache") == 0) {
        call->cached_prompts++;
    } else {
        call->prompts++;
        call->prompt_ms += mcp_event_get_int(event, "duration_ms", 0);
    }
}

static void
count_input(McpActivemqCall *call, const McpEvent *event)
{
    if (is_what(event, "turn")) {
        call->turns++;
    } else if (is_what(event, "recorded")) {
        add_recording(call, mcp_event_get_string(event, "text"));
    } else if (is_what(event, "recognized")) {
        call->recognitions++;
        call->recognition_ms += mcp_event_get_int(event, "duration_ms", 0);
        call->failed_recognitions +=
            g_strcmp0(mcp_event_get_string(event, "result"), "failed") == 0;
    }
}

static void
count_recording(McpActivemqCall *call, const McpEvent *event)
{
    if (is_what(event, "committed"))
        add_recording(call, mcp_event_get_string(event, "name"));
    call->failed_recordings += is_what(event, "failed") || is_what(event, "refused");
}

static void
count(McpActivemqCall *call, const McpEvent *event)
{
    McpEventType type = mcp_event_get_event_type(event);

    if (type == MCP_EVENT_PROMPT) {
        count_prompt(call, event);
    } else if (type == MCP_EVENT_INPUT) {
        count_input(call, event);
    } else if (type == MCP_EVENT_RECORDING) {
        count_recording(call, event);
    } else if (type == MCP_EVENT_FETCH) {
        call->fetches++;
        call->failed_fetches += is_what(event, "failed");
    } else if (type == MCP_EVENT_DIALOG) {
        /* The page's wish is told as well, without an address that is dialled. */
        call->transfers += is_what(event, "transfer") && mcp_event_has(event, "to");
    }
}

/* (nullable): an application begins with the first page of a dialog. */
static const char *
name_of(McpActivemqCall *call, const McpEvent *event)
{
    gboolean dialog = mcp_event_get_event_type(event) == MCP_EVENT_DIALOG;

    if (dialog && !call->begun && is_what(event, "page")) {
        call->begun = TRUE;
        return "appl_begin";
    }
    if (dialog && is_what(event, "ended"))
        call->begun = FALSE;
    return mcp_activemq_event_name(event, call->outgoing);
}

static void
batch(McpActivemqCallTable *table, McpActivemqCall *call, McpEvent *event, const char *name)
{
    g_autofree char *text = mcp_event_to_json(event);
    gsize before = call->events->len;

    if (strlen(text) > MAX_EVENT)
        return;
    if (before + strlen(text) > MAX_BATCH) {
        spool_batch(table, call);
        before = 0;
    }
    if (call->n_events++ == 0)
        call->first_event = mcp_event_get_wall(event);
    /* What the bus tells, with its name before it. */
    g_string_append_printf(call->events, "%s{\"event\":\"%s\",%s", before > 0 ? "," : "", name,
                           text + 1);
    table->waiting += call->events->len - before;
    if (table->waiting > MAX_WAITING)
        mcp_activemq_call_table_flush(table, G_MAXINT64);
}

void
mcp_activemq_call_table_add(McpActivemqCallTable *table, McpActivemqCall *call, McpEvent *event,
                            gboolean batched)
{
    const char *name = name_of(call, event);

    count(call, event);
    if (batched && name != NULL)
        batch(table, call, event, name);
}

void
mcp_activemq_call_table_flush(McpActivemqCallTable *table, gint64 wall)
{
    GHashTableIter iter;
    gpointer call = NULL;

    g_hash_table_iter_init(&iter, table->calls);
    while (g_hash_table_iter_next(&iter, NULL, &call))
        if (((McpActivemqCall *)call)->first_event <= wall)
            spool_batch(table, call);
}

void
mcp_activemq_call_table_end(McpActivemqCallTable *table, McpActivemqCall *call)
{
    spool_batch(table, call);
    g_hash_table_remove(table->calls, call->id);
}
