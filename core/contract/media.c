/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of the makers of legs: a function a slot, so that a provider which
 * lacks one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/media.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpMedia, mcp_media, G_TYPE_OBJECT)

static void
mcp_media_default_init(McpMediaInterface *iface)
{
}

McpLeg *
mcp_media_create_leg(McpMedia *media, const McpLegParams *params, GError **error)
{
    McpMediaInterface *iface = MCP_MEDIA_GET_IFACE(media);

    if (iface->create_leg == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no create leg",
                    G_OBJECT_TYPE_NAME(media));
        return NULL;
    }
    return iface->create_leg(media, params, error);
}

void
mcp_media_prepare_async(McpMedia *media, McpLeg *leg, McpAudio *audio, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
    McpMediaInterface *iface = MCP_MEDIA_GET_IFACE(media);

    if (iface->prepare_async == NULL) {
        g_task_report_new_error(media, callback, user_data, NULL, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                                "%s cannot prepare", G_OBJECT_TYPE_NAME(media));
        return;
    }
    iface->prepare_async(media, leg, audio, cancellable, callback, user_data);
}

gboolean
mcp_media_prepare_finish(McpMedia *media, GAsyncResult *result, gint64 *out_duration,
                         GError **error)
{
    McpMediaInterface *iface = MCP_MEDIA_GET_IFACE(media);

    if (iface->prepare_finish == NULL)
        return g_task_propagate_boolean(G_TASK(result), error);
    return iface->prepare_finish(media, result, out_duration, error);
}

McpRoom *
mcp_media_open_room(McpMedia *media, const char *name, const McpRoomParams *params, GError **error)
{
    McpMediaInterface *iface = MCP_MEDIA_GET_IFACE(media);

    if (iface->open_room == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no rooms",
                    G_OBJECT_TYPE_NAME(media));
        return NULL;
    }
    return iface->open_room(media, name, params, error);
}

void
mcp_media_list_rooms(McpMedia *media, McpJson *json)
{
    McpMediaInterface *iface = MCP_MEDIA_GET_IFACE(media);

    if (iface->list_rooms != NULL) {
        iface->list_rooms(media, json);
        return;
    }
    mcp_json_begin_array(json, "rooms");
    mcp_json_end_array(json);
}
