/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpRpcCall: one of the library's calls. Batches complete on the loop's thread, which posts them
 * to the call's context; all else happens there. A batch under way holds a reference, so that the
 * memory it writes to outlives its owner's handle.
 */
#include "rpc_call.h"
#include "rpc_private.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <string.h>

/* At most one batch of a kind is under way. */
typedef enum {
    KIND_HEAD,    /* the server's comes in */
    KIND_SEND,    /* a message, with our metadata before the first one */
    KIND_RECEIVE, /* a message comes in */
    KIND_STATUS,  /* the end of the call */
    KINDS,
} Kind;

typedef struct {
    McpRpcOperation operation; /* first */
    McpRpcCall *call;
    Kind kind;
    gboolean success;
} Batch;

struct _McpRpcCall {
    gatomicrefcount refs;
    McpRpcChannel *channel;
    grpc_call *call;
    GMainContext *context;
    const McpRpcEvents *events; /* NULL: nobody listens any more */
    gpointer user_data;
    Batch batches[KINDS];
    grpc_metadata *metadata;
    gsize metadata_count;

    GQueue outgoing; /* grpc_byte_buffer */
    grpc_byte_buffer *leaving;
    gsize leaving_bytes; /* the library empties it */
    gsize unsent;        /* bytes of both */
    gboolean begun;
    gboolean sending;
    gboolean end_wanted;
    gboolean end_sent;
    gboolean receiving;
    gboolean over;

    /* Written by the library. */
    grpc_metadata_array head;
    grpc_metadata_array tail;
    grpc_byte_buffer *arrived;
    grpc_status_code status;
    grpc_slice details;
};

static void receive(McpRpcCall *call);
static void send_next(McpRpcCall *call);

static void
drop_buffer(gpointer data)
{
    if (data != NULL)
        grpc_byte_buffer_destroy(data);
}

/* Any thread. */
static void
call_unref(gpointer data)
{
    McpRpcCall *call = data;

    if (!g_atomic_ref_count_dec(&call->refs))
        return;
    grpc_call_unref(call->call);
    for (gsize i = 0; i < call->metadata_count; i++) {
        grpc_slice_unref(call->metadata[i].key);
        grpc_slice_unref(call->metadata[i].value);
    }
    g_free(call->metadata);
    grpc_metadata_array_destroy(&call->head);
    grpc_metadata_array_destroy(&call->tail);
    grpc_slice_unref(call->details);
    g_queue_clear_full(&call->outgoing, drop_buffer);
    drop_buffer(call->leaving);
    drop_buffer(call->arrived);
    g_main_context_unref(call->context);
    mcp_rpc_channel_unref(call->channel);
    g_free(call);
}

static void
tell_end(McpRpcCall *call, int status, const char *details, gsize length)
{
    g_autoptr(GError) error = mcp_rpc_error_new(status, details, length);
    const McpRpcEvents *events = g_steal_pointer(&call->events);

    if (events != NULL)
        events->closed(error, call->user_data);
}

/* The status can be known before the last message has been taken. */
static void
end_if_over(McpRpcCall *call)
{
    if (call->over && !call->receiving)
        tell_end(call, (int)call->status, (const char *)GRPC_SLICE_START_PTR(call->details),
                 GRPC_SLICE_LENGTH(call->details));
}

static void
drop_leaving(McpRpcCall *call)
{
    call->unsent -= call->leaving_bytes;
    call->leaving_bytes = 0;
    g_clear_pointer(&call->leaving, grpc_byte_buffer_destroy);
}

static GBytes *
to_bytes(grpc_byte_buffer *buffer)
{
    grpc_byte_buffer_reader reader;
    grpc_slice slice;
    GBytes *bytes = NULL;

    if (!grpc_byte_buffer_reader_init(&reader, buffer))
        return NULL;
    slice = grpc_byte_buffer_reader_readall(&reader);
    bytes = g_bytes_new(GRPC_SLICE_START_PTR(slice), GRPC_SLICE_LENGTH(slice));
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    return bytes;
}

static void
take_message(McpRpcCall *call)
{
    g_autoptr(GBytes) message = call->arrived != NULL ? to_bytes(call->arrived) : NULL;

    g_clear_pointer(&call->arrived, grpc_byte_buffer_destroy);
    call->receiving = FALSE;
    if (message != NULL && call->events != NULL) {
        call->events->message(message, call->user_data);
        receive(call);
    }
    end_if_over(call);
}

/* On the call's context. */
static gboolean
batch_over(gpointer user_data)
{
    Batch *batch = user_data;
    McpRpcCall *call = batch->call;

    switch (batch->kind) {
    case KIND_SEND:
        drop_leaving(call);
        call->sending = FALSE;
        if (batch->success)
            send_next(call);
        break;
    case KIND_RECEIVE:
        take_message(call);
        break;
    case KIND_STATUS:
        call->over = TRUE;
        end_if_over(call);
        break;
    case KIND_HEAD:
    case KINDS:
    default:
        break;
    }
    return G_SOURCE_REMOVE;
}

static void
batch_destroyed(gpointer user_data)
{
    call_unref(((Batch *)user_data)->call);
}

/* On the loop's thread. */
static void
batch_done(McpRpcOperation *operation, gboolean success)
{
    Batch *batch = (Batch *)operation;
    g_autoptr(GSource) source = g_idle_source_new();

    batch->success = success;
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, batch_over, batch, batch_destroyed);
    g_source_attach(source, batch->call->context);
}

static gboolean
start_batch(McpRpcCall *call, Kind kind, const grpc_op *ops, gsize count)
{
    Batch *batch = &call->batches[kind];

    batch->call = call;
    batch->kind = kind;
    g_atomic_ref_count_inc(&call->refs);
    g_atomic_pointer_set(&batch->operation.done, batch_done);
    if (grpc_call_start_batch(call->call, ops, count, batch, NULL) == GRPC_CALL_OK)
        return TRUE;
    g_atomic_ref_count_dec(&call->refs);
    return FALSE;
}

static void
receive(McpRpcCall *call)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};

    if (call->events == NULL)
        return;
    op.data.recv_message.recv_message = &call->arrived;
    call->receiving = start_batch(call, KIND_RECEIVE, &op, 1);
}

static void
send_next(McpRpcCall *call)
{
    grpc_op ops[3] = {0};
    gsize count = 0;
    gboolean last = FALSE;

    if (call->sending || call->end_sent || call->events == NULL)
        return;
    if (!call->begun) {
        ops[count].op = GRPC_OP_SEND_INITIAL_METADATA;
        ops[count].data.send_initial_metadata.count = call->metadata_count;
        ops[count++].data.send_initial_metadata.metadata = call->metadata;
        call->begun = TRUE;
    }
    call->leaving = g_queue_pop_head(&call->outgoing);
    last = call->end_wanted && g_queue_is_empty(&call->outgoing);
    if (call->leaving != NULL) {
        call->leaving_bytes = grpc_byte_buffer_length(call->leaving);
        ops[count].op = GRPC_OP_SEND_MESSAGE;
        ops[count++].data.send_message.send_message = call->leaving;
    }
    if (last)
        ops[count++].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
    if (count == 0)
        return;
    call->end_sent = last;
    call->sending = start_batch(call, KIND_SEND, ops, count);
    if (call->sending)
        return;
    /* Metadata that must not be on the wire. */
    drop_leaving(call);
    grpc_call_cancel_with_status(call->call, GRPC_STATUS_INTERNAL, "the call cannot be sent", NULL);
}

static void
fill_metadata(McpRpcCall *call, const char *const *pairs)
{
    gsize count = pairs != NULL ? g_strv_length((char **)pairs) / 2 : 0;

    call->metadata = g_new0(grpc_metadata, count + 1);
    call->metadata_count = count;
    for (gsize i = 0; i < count; i++) {
        call->metadata[i].key = grpc_slice_from_copied_string(pairs[2 * i]);
        call->metadata[i].value = grpc_slice_from_copied_string(pairs[2 * i + 1]);
    }
}

/* What the server's metadata says is of no interest, but no message comes before it was taken; in
 * a batch with what goes out it would wait for an answer that waits for us. */
static void
listen(McpRpcCall *call)
{
    grpc_op head = {.op = GRPC_OP_RECV_INITIAL_METADATA};
    grpc_op status = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};

    head.data.recv_initial_metadata.recv_initial_metadata = &call->head;
    status.data.recv_status_on_client.trailing_metadata = &call->tail;
    status.data.recv_status_on_client.status = &call->status;
    status.data.recv_status_on_client.status_details = &call->details;
    start_batch(call, KIND_HEAD, &head, 1);
    start_batch(call, KIND_STATUS, &status, 1);
    receive(call);
}

static gpr_timespec
deadline_of(const McpRpcRequest *request)
{
    if (request->deadline <= 0)
        return gpr_inf_future(GPR_CLOCK_MONOTONIC);
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                        gpr_time_from_micros(request->deadline, GPR_TIMESPAN));
}

McpRpcCall *
mcp_rpc_call_open(McpRpcChannel *channel, const McpRpcRequest *request, const McpRpcEvents *events,
                  gpointer user_data)
{
    McpRpcCall *call = g_new0(McpRpcCall, 1);
    grpc_slice method = grpc_slice_from_copied_string(request->method);

    g_atomic_ref_count_init(&call->refs);
    call->channel = mcp_rpc_channel_ref(channel);
    call->context = g_main_context_ref_thread_default();
    call->events = events;
    call->user_data = user_data;
    call->details = grpc_empty_slice();
    grpc_metadata_array_init(&call->head);
    grpc_metadata_array_init(&call->tail);
    fill_metadata(call, request->metadata);
    call->call =
        grpc_channel_create_call(mcp_rpc_channel_get(channel), NULL, GRPC_PROPAGATE_DEFAULTS,
                                 mcp_rpc_loop_get_queue(mcp_rpc_channel_get_loop(channel)), method,
                                 NULL, deadline_of(request), NULL);
    grpc_slice_unref(method);
    listen(call);
    return call;
}

void
mcp_rpc_call_send(McpRpcCall *call, GBytes *message, gboolean last)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(message, &length);
    grpc_slice slice;

    if (call->events == NULL || call->over || call->end_wanted)
        return;
    slice = grpc_slice_from_copied_buffer(data, length);
    g_queue_push_tail(&call->outgoing, grpc_raw_byte_buffer_create(&slice, 1));
    grpc_slice_unref(slice);
    call->unsent += length;
    call->end_wanted = last;
    send_next(call);
}

void
mcp_rpc_call_end(McpRpcCall *call)
{
    if (call->events == NULL || call->over || call->end_wanted)
        return;
    call->end_wanted = TRUE;
    send_next(call);
}

gsize
mcp_rpc_call_get_unsent(const McpRpcCall *call)
{
    return call->unsent;
}

void
mcp_rpc_call_close(McpRpcCall *call)
{
    call->events = NULL;
    if (!call->over)
        grpc_call_cancel(call->call, NULL);
    call_unref(call);
}
