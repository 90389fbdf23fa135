/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all resources do with requests (RFC 6787 §5, §6): one after the other, in the order of their
 * ids, by the methods that they have. On the call's shard.
 */
#include "resource.h"

#include <mcp/log.h>
#include <string.h>

/* --- answers --- */

McpMrcpMessage *
mcp_mrcpd_respond(const McpMrcpMessage *request, guint status, McpMrcpState state)
{
    return mcp_mrcp_response_new(MCP_MRCP_V2, request->id, status, state);
}

static void
count(McpMrcpdResource *resource, McpMrcpdMetric row, const char *values, const char *text)
{
    McpMetrics *metrics = resource->session->metrics;

    if (metrics != NULL)
        mcp_metrics_add(metrics, row, mcp_mrcpd_label(values, text), 1);
}

void
mcp_mrcpd_send(McpMrcpdResource *resource, McpMrcpMessage *message)
{
    g_autofree char *status = g_strdup_printf("%u", message->status);

    if (message->kind == MCP_MRCP_RESPONSE) {
        resource->busy = FALSE;
        count(resource, MCP_MRCPD_METRIC_RESPONSES, MCP_MRCPD_STATUSES, status);
    }
    mcp_log_debug("mrcp-sent", resource->session->call_id, "channel %s: %s %u %s %s",
                  mcp_mrcpd_channel_get_id(resource->channel),
                  message->name != NULL ? message->name : "answer to", message->id,
                  message->status > 0 ? status : "", mcp_mrcp_state_text(message->state));
    mcp_mrcpd_channel_send(resource->channel, message);
}

void
mcp_mrcpd_refuse_request(McpMrcpdResource *resource, const McpMrcpMessage *request, guint status,
                         const char *why)
{
    mcp_log_info(
        "mrcp-request", resource->session->call_id, "channel %s: %s %u is refused with %u: %s",
        mcp_mrcpd_channel_get_id(resource->channel), request->name, request->id, status, why);
    mcp_mrcpd_send(resource, mcp_mrcpd_respond(request, status, MCP_MRCP_COMPLETE));
}

void
mcp_mrcpd_set_ids(McpMrcpMessage *message, const GArray *ids)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(text, "%s%u", i > 0 ? "," : "", g_array_index(ids, guint32, i));
    if (ids->len > 0)
        mcp_mrcp_message_set(message, "Active-Request-Id-List", text->str);
}

gboolean
mcp_mrcpd_is_listed(const McpMrcpMessage *request, guint32 id)
{
    const char *list = mcp_mrcp_message_get(request, "Active-Request-Id-List");
    g_auto(GStrv) ids = list != NULL ? g_strsplit(list, ",", -1) : NULL;
    guint64 number = 0;

    if (ids == NULL)
        return TRUE;
    for (guint i = 0; ids[i] != NULL; i++)
        if (mcp_mrcp_number(g_strstrip(ids[i]), G_MAXUINT32, &number) && number == id)
            return TRUE;
    return FALSE;
}

void
mcp_mrcpd_set_reason(McpMrcpMessage *message, const char *text)
{
    g_autofree char *clean = text != NULL ? g_strdup(text) : NULL;
    g_autofree char *quoted = NULL;

    if (clean == NULL)
        return;
    g_strdelimit(clean, "\"\\", '\'');
    quoted = g_strdup_printf("\"%s\"", clean);
    mcp_mrcp_message_set(message, "Completion-Reason", quoted);
}

/* --- requests --- */

static const McpMrcpdMethod *
find_method(const McpMrcpdResourceClass *class, const char *name)
{
    for (guint i = 0; i < class->n_methods; i++)
        if (strcmp(class->methods[i].name, name) == 0)
            return &class->methods[i];
    return NULL;
}

static void
handle(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    const McpMrcpdMethod *method = find_method(resource->class, request->name);

    count(resource, MCP_MRCPD_METRIC_REQUESTS, MCP_MRCPD_METHODS, request->name);
    mcp_log_debug("mrcp-received", resource->session->call_id, "channel %s: %s %u",
                  mcp_mrcpd_channel_get_id(resource->channel), request->name, request->id);
    resource->busy = TRUE;
    if (request->id <= resource->last_id) {
        mcp_mrcpd_refuse_request(resource, request, 410, "its id is not above the last one");
        return;
    }
    resource->last_id = request->id;
    if (method != NULL)
        method->handle(resource, request);
    else
        mcp_mrcpd_refuse_request(
            resource, request, 401,
            mcp_mrcp_has_method(MCP_MRCP_V2, resource->class->kind, request->name)
                ? "the engines here cannot do that"
                : "the resource has no such method");
}

void
mcp_mrcpd_resource_run(McpMrcpdResource *resource)
{
    while (resource->session->leg != NULL && !resource->busy &&
           !g_queue_is_empty(&resource->waiting)) {
        g_autoptr(McpMrcpMessage) request = g_queue_pop_head(&resource->waiting);

        handle(resource, request);
    }
}

/* What comes before the ACK waits for the leg. */
static void
take(McpMrcpMessage *message, gpointer user_data)
{
    McpMrcpdResource *resource = user_data;

    if (message == NULL) {
        resource->session->lost(resource->session);
        return;
    }
    g_queue_push_tail(&resource->waiting, message);
    mcp_mrcpd_resource_run(resource);
}

gboolean
mcp_mrcpd_resource_init(McpMrcpdResource *resource, const McpMrcpdResourceClass *class,
                        McpMrcpdSession *session, GError **error)
{
    resource->class = class;
    resource->session = session;
    g_queue_init(&resource->waiting);
    resource->params = mcp_mrcp_fields_new();
    resource->channel = mcp_mrcpd_channel_open(session->channels, class->kind, session->call_id,
                                               take, resource, error);
    if (resource->channel != NULL)
        return TRUE;
    g_clear_pointer(&resource->params, g_ptr_array_unref);
    return FALSE;
}

void
mcp_mrcpd_resource_clear(McpMrcpdResource *resource)
{
    g_clear_pointer(&resource->channel, mcp_mrcpd_channel_close);
    g_queue_clear_full(&resource->waiting, (GDestroyNotify)mcp_mrcp_message_free);
    g_clear_pointer(&resource->params, g_ptr_array_unref);
}
