/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of rooms, as leg.c does it. Runs on the caller's context.
 */
#include <mcp/contract/room.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpRoom, mcp_room, G_TYPE_OBJECT)

static const char *const role_names[] = {"talker", "listener", "coach", "whisperer", "moderator"};
G_STATIC_ASSERT(G_N_ELEMENTS(role_names) == MCP_N_ROLES);

static void
mcp_room_default_init(McpRoomInterface *iface)
{
}

static gboolean
unsupported(McpRoom *room, const char *what, GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no %s", G_OBJECT_TYPE_NAME(room),
                what);
    return FALSE;
}

const char *
mcp_room_get_name(McpRoom *room)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    return iface->get_name != NULL ? iface->get_name(room) : "";
}

void
mcp_room_set_handler(McpRoom *room, McpRoomFunc func, gpointer user_data)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->set_handler != NULL)
        iface->set_handler(room, func, user_data);
}

gboolean
mcp_room_join(McpRoom *room, McpLeg *leg, const McpRoomMember *member, GError **error)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->join == NULL)
        return unsupported(room, "join", error);
    return iface->join(room, leg, member, error);
}

gboolean
mcp_room_change_member(McpRoom *room, const char *name, const McpRoomMember *member, GError **error)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->change_member == NULL)
        return unsupported(room, "change member", error);
    return iface->change_member(room, name, member, error);
}

gboolean
mcp_room_get_member(McpRoom *room, const char *name, McpRoomMember *out_member)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    return iface->get_member != NULL && iface->get_member(room, name, out_member);
}

gboolean
mcp_room_remove_member(McpRoom *room, const char *name, GError **error)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->remove_member == NULL)
        return unsupported(room, "remove member", error);
    return iface->remove_member(room, name, error);
}

guint64
mcp_room_play(McpRoom *room, const McpPlayItem *items, guint n_items)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    return iface->play != NULL ? iface->play(room, items, n_items) : 0;
}

void
mcp_room_stop(McpRoom *room, guint64 generation)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->stop != NULL)
        iface->stop(room, generation);
}

gboolean
mcp_room_record(McpRoom *room, const McpRecordParams *params, GError **error)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->record == NULL)
        return unsupported(room, "record", error);
    return iface->record(room, params, error);
}

void
mcp_room_stop_recording(McpRoom *room)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->stop_recording != NULL)
        iface->stop_recording(room);
}

void
mcp_room_describe(McpRoom *room, McpJson *json)
{
    McpRoomInterface *iface = MCP_ROOM_GET_IFACE(room);

    if (iface->describe != NULL)
        iface->describe(room, json);
}

const char *
mcp_room_role_name(McpRoomRole role)
{
    return (guint)role < MCP_N_ROLES ? role_names[role] : "";
}

gboolean
mcp_room_role_parse(const char *name, McpRoomRole *out_role)
{
    for (guint i = 0; i < MCP_N_ROLES; i++) {
        if (g_str_equal(name, role_names[i])) {
            *out_role = (McpRoomRole)i;
            return TRUE;
        }
    }
    return FALSE;
}
