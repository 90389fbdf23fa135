/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about conference rooms and who is in them. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

static char *partner;
static char *record_name;
static char *record_format;
static gboolean record_stop;

static const GOptionEntry role_options[] = {
    {"partner", 'p', 0, G_OPTION_ARG_STRING, &partner,
     "Of a coach or whisperer: the member that hears it", "MEMBER"},
    {NULL},
};

static const GOptionEntry record_options[] = {
    {"out", 0, 0, G_OPTION_ARG_STRING, &record_name,
     "Name of the recording; GET /recordings/NAME has it afterwards", "NAME"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &record_format, "pcm (default), mulaw or alaw", "FORM"},
    {"stop", 0, 0, G_OPTION_ARG_NONE, &record_stop, "End the recording", NULL},
    {NULL},
};

/* "/rooms/NAME" and the parts in @more (nullable). */
static char *
room_path(const McpCtlContext *context, const char *more)
{
    g_autofree char *name = mcp_ctl_escape(context->args[0]);

    return g_strconcat("/rooms/", name, more, NULL);
}

static char *
member_path(const McpCtlContext *context)
{
    g_autofree char *member = mcp_ctl_escape(context->args[1]);
    g_autofree char *more = g_strconcat("/members/", member, NULL);

    return room_path(context, more);
}

/* Asks, and tells @done when it is. */
static McpCtlExit
ask(const McpCtlContext *context, const char *method, const char *path, const char *body,
    const char *done)
{
    g_autoptr(JsonNode) answer = NULL;
    McpCtlExit result = mcp_ctl_ask(context, method, path, body, &answer);

    if (result == MCP_CTL_OK && !context->json)
        g_print("%s\n", done);
    return result;
}

/* --- what is seen --- */

/* (transfer full): who speaks now. */
static char *
speaker_of(JsonArray *members)
{
    for (guint i = 0; members != NULL && i < json_array_get_length(members); i++) {
        JsonObject *member = json_array_get_object_element(members, i);

        if (json_object_get_boolean_member_with_default(member, "floor", FALSE))
            return mcp_ctl_text(member, "id");
    }
    return g_strdup("-");
}

static McpCtlExit
run_list(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/rooms", NULL, &root);
    JsonArray *rooms = NULL;
    McpCtlTable *table = NULL;

    if (root == NULL)
        return result;
    rooms = mcp_ctl_array(json_node_get_object(root), "rooms");
    table = mcp_ctl_table_new("NAME MEMBERS RATE FLOOR");
    for (guint i = 0; rooms != NULL && i < json_array_get_length(rooms); i++) {
        JsonObject *room = json_array_get_object_element(rooms, i);
        JsonArray *members = mcp_ctl_array(room, "members");
        g_autofree char *name = mcp_ctl_text(room, "name");
        g_autofree char *count =
            g_strdup_printf("%u", members != NULL ? json_array_get_length(members) : 0);
        g_autofree char *rate = mcp_ctl_text(room, "rate");
        g_autofree char *floor = speaker_of(members);

        mcp_ctl_table_add(table, name, count, rate, floor);
    }
    mcp_ctl_table_print(table);
    return MCP_CTL_OK;
}

static void
print_members(JsonObject *room)
{
    JsonArray *members = mcp_ctl_array(room, "members");
    McpCtlTable *table = mcp_ctl_table_new("MEMBER ROLE PARTNER MUTED DEAF GAIN VOLUME FLOOR");

    for (guint i = 0; members != NULL && i < json_array_get_length(members); i++) {
        JsonObject *member = json_array_get_object_element(members, i);
        g_autofree char *id = mcp_ctl_text(member, "id");
        g_autofree char *role = mcp_ctl_text(member, "role");
        g_autofree char *whose = mcp_ctl_text(member, "partner");
        g_autofree char *muted = mcp_ctl_text(member, "muted");
        g_autofree char *deaf = mcp_ctl_text(member, "deaf");
        g_autofree char *gain = mcp_ctl_text(member, "gain_db");
        g_autofree char *volume = mcp_ctl_text(member, "volume_db");
        g_autofree char *floor = mcp_ctl_text(member, "floor");

        mcp_ctl_table_add(table, id, role, whose, muted, deaf, gain, volume, floor);
    }
    mcp_ctl_table_print(table);
}

static McpCtlExit
run_show(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *path = room_path(context, NULL);
    McpCtlExit result = mcp_ctl_ask(context, "GET", path, NULL, &root);
    JsonObject *room = NULL;
    JsonObjectIter iter;
    const char *name = NULL;
    JsonNode *node = NULL;

    if (root == NULL)
        return result;
    room = json_node_get_object(root);
    json_object_iter_init_ordered(&iter, room);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        g_autofree char *text = mcp_ctl_text(room, name);

        if (JSON_NODE_HOLDS_VALUE(node))
            g_print("%-18s %s\n", name, text);
    }
    print_members(room);
    return MCP_CTL_OK;
}

/* --- members --- */

static McpCtlExit
set_flag(const McpCtlContext *context, const char *name, gboolean value, const char *done)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *path = member_path(context);
    g_autofree char *body = NULL;

    json_builder_set_member_name(builder, name);
    json_builder_add_boolean_value(builder, value);
    body = mcp_ctl_body_finish(builder);
    return ask(context, "PATCH", path, body, done);
}

static McpCtlExit
run_mute(const McpCtlContext *context)
{
    return set_flag(context, "muted", TRUE, "muted: nobody hears it");
}

static McpCtlExit
run_unmute(const McpCtlContext *context)
{
    return set_flag(context, "muted", FALSE, "unmuted");
}

static McpCtlExit
run_deafen(const McpCtlContext *context)
{
    return set_flag(context, "deaf", TRUE, "deaf: it hears nobody");
}

static McpCtlExit
run_undeafen(const McpCtlContext *context)
{
    return set_flag(context, "deaf", FALSE, "it hears again");
}

static McpCtlExit
run_role(const McpCtlContext *context)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *path = member_path(context);
    g_autofree char *body = NULL;

    mcp_ctl_body_add(builder, "role", context->args[2]);
    mcp_ctl_body_add(builder, "partner", partner);
    body = mcp_ctl_body_finish(builder);
    return ask(context, "PATCH", path, body, "it has that role");
}

static McpCtlExit
set_level(const McpCtlContext *context, const char *name)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *path = member_path(context);
    g_autofree char *body = NULL;
    char *end = NULL;
    double value = g_ascii_strtod(context->args[2], &end);

    if (end == context->args[2] || *end != '\0') {
        g_printerr("mcpctl: \"%s\" is no number of dB\n", context->args[2]);
        return MCP_CTL_USAGE;
    }
    json_builder_set_member_name(builder, name);
    json_builder_add_double_value(builder, value);
    body = mcp_ctl_body_finish(builder);
    return ask(context, "PATCH", path, body, "done");
}

static McpCtlExit
run_gain(const McpCtlContext *context)
{
    return set_level(context, "gain_db");
}

static McpCtlExit
run_volume(const McpCtlContext *context)
{
    return set_level(context, "volume_db");
}

static McpCtlExit
run_remove(const McpCtlContext *context)
{
    g_autofree char *path = member_path(context);

    return ask(context, "DELETE", path, NULL, "removed");
}

/* --- the room --- */

/* A path is the server's: made whole here, where it is meant. */
static McpCtlExit
run_play(const McpCtlContext *context)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *path = room_path(context, "/playback");
    g_autofree char *scheme = g_uri_parse_scheme(context->args[1]);
    g_autofree char *where = scheme != NULL ? g_strdup(context->args[1])
                                            : g_canonicalize_filename(context->args[1], NULL);
    g_autofree char *body = NULL;

    mcp_ctl_body_add(builder, "audio", where);
    body = mcp_ctl_body_finish(builder);
    return ask(context, "POST", path, body, "it plays");
}

static McpCtlExit
run_stop(const McpCtlContext *context)
{
    g_autofree char *path = room_path(context, "/playback");

    return ask(context, "DELETE", path, NULL, "stopped");
}

static McpCtlExit
run_record(const McpCtlContext *context)
{
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *path = room_path(context, "/recording");
    g_autofree char *body = NULL;

    if (record_stop)
        return ask(context, "DELETE", path, NULL, "the recording ends");
    if (record_name == NULL) {
        g_printerr("mcpctl: --out NAME or --stop is needed\n");
        return MCP_CTL_USAGE;
    }
    mcp_ctl_body_add(builder, "name", record_name);
    mcp_ctl_body_add(builder, "format", record_format);
    body = mcp_ctl_body_finish(builder);
    return ask(context, "POST", path, body, "it is recorded");
}

const McpCtlCommand mcp_ctl_room_commands[] = {
    {"room list", "", "Conference rooms.", 0, 0, NULL, run_list},
    {"room show", "NAME", "A room and its members.", 1, 1, NULL, run_show},
    {"room mute", "NAME MEMBER", "Nobody hears that member.", 2, 2, NULL, run_mute},
    {"room unmute", "NAME MEMBER", "It is heard again.", 2, 2, NULL, run_unmute},
    {"room deafen", "NAME MEMBER", "It hears nobody.", 2, 2, NULL, run_deafen},
    {"room undeafen", "NAME MEMBER", "It hears again.", 2, 2, NULL, run_undeafen},
    {"room role", "NAME MEMBER ROLE", "Makes it a talker, listener, coach, whisperer or moderator.",
     3, 3, role_options, run_role},
    {"room gain", "NAME MEMBER DB", "How loud it is heard, -40 to 40 dB.", 3, 3, NULL, run_gain},
    {"room volume", "NAME MEMBER DB", "How loud it hears, -40 to 40 dB.", 3, 3, NULL, run_volume},
    {"room remove", "NAME MEMBER", "Takes it out of the room.", 2, 2, NULL, run_remove},
    {"room play", "NAME FILE|URL", "All members hear a file of the server or a URL.", 2, 2, NULL,
     run_play},
    {"room stop", "NAME", "Stops what room play began.", 1, 1, NULL, run_stop},
    {"room record", "NAME --out NAME|--stop", "Records all that is said in a room.", 1, 1,
     record_options, run_record},
    {NULL},
};
