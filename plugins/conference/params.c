/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a [service] section says in "parameters" about a room or a bridge. Pure functions, any
 * thread.
 */
#include "params.h"

#include <mcp/error.h>
#include <mcp/settings.h>
#include <string.h>

#include "callee/callee.h"

#define RING_TIMEOUT (30 * G_USEC_PER_SEC)
#define MAX_RING_TIMEOUT (600 * G_USEC_PER_SEC)
#define MAX_MEMBERS 100000

typedef struct {
    McpConferenceLookup lookup;
    gconstpointer data;
    GError **error;
} Reader;

static const char *
look(const Reader *reader, const char *name)
{
    return reader->lookup(name, reader->data);
}

static gboolean
bad(const Reader *reader, const char *name, const char *wanted)
{
    g_set_error(reader->error, MCP_ERROR, MCP_ERROR_INVALID, "%s=%s is not %s", name,
                look(reader, name), wanted);
    return FALSE;
}

static gboolean
read_bool(const Reader *reader, const char *name, gboolean *out)
{
    const char *text = look(reader, name);

    if (text == NULL)
        return TRUE;
    *out = strcmp(text, "yes") == 0;
    return *out || strcmp(text, "no") == 0 || bad(reader, name, "yes or no");
}

static gboolean
read_number(const Reader *reader, const char *name, guint *out)
{
    const char *text = look(reader, name);
    guint64 value = 0;

    if (text == NULL)
        return TRUE;
    if (!g_ascii_string_to_unsigned(text, 10, 0, MAX_MEMBERS, &value, NULL))
        return bad(reader, name, "a number from 0 to 100000");
    *out = (guint)value;
    return TRUE;
}

static gboolean
read_level(const Reader *reader, const char *name, double *out)
{
    const char *text = look(reader, name);
    char *end = NULL;

    if (text == NULL)
        return TRUE;
    *out = g_ascii_strtod(text, &end);
    /* Written so that what is no number at all is refused, too. */
    return (end != text && *end == '\0' && *out >= -MCP_ROOM_GAIN_MAX &&
            *out <= MCP_ROOM_GAIN_MAX) ||
           bad(reader, name, "a level from -40 to 40 dB");
}

static gboolean
read_role(const Reader *reader, McpConferenceParams *params)
{
    const char *text = look(reader, "role");

    if (text != NULL && !mcp_room_role_parse(text, &params->role))
        return bad(reader, "role", "a role (talker, listener, coach, whisperer, moderator)");
    params->partner = g_strdup(look(reader, "partner"));
    if ((params->role == MCP_ROLE_COACH || params->role == MCP_ROLE_WHISPERER) &&
        params->partner == NULL) {
        g_set_error(reader->error, MCP_ERROR, MCP_ERROR_INVALID, "role=%s needs a partner", text);
        return FALSE;
    }
    return TRUE;
}

static gboolean
read_rate(const Reader *reader, McpConferenceParams *params)
{
    return read_number(reader, "rate", &params->of_room.rate) &&
           (params->of_room.rate == 8000 || params->of_room.rate == 16000 ||
            params->of_room.rate == 48000 || bad(reader, "rate", "8000, 16000 or 48000"));
}

static gboolean
read_room(const Reader *reader, McpConferenceParams *params)
{
    params->room = g_strdup(look(reader, "room"));
    if (params->room != NULL && (*params->room == '\0' || strlen(params->room) > MCP_ROOM_NAME_MAX))
        return bad(reader, "room", "a name of 1 to 95 bytes");
    params->hold_audio = g_strdup(look(reader, "hold_audio"));
    if (params->hold_audio != NULL &&
        !g_uri_is_valid(params->hold_audio, G_URI_FLAGS_ENCODED, NULL))
        return bad(reader, "hold_audio", "a URL");
    return TRUE;
}

void
mcp_conference_params_free(McpConferenceParams *params)
{
    g_free(params->room);
    g_free(params->partner);
    g_free(params->hold_audio);
    g_free(params);
}

McpConferenceParams *
mcp_conference_params_parse(McpConferenceLookup lookup, gconstpointer data, GError **error)
{
    g_autoptr(McpConferenceParams) params = g_new0(McpConferenceParams, 1);
    const Reader reader = {lookup, data, error};

    params->of_room = (McpRoomParams){.rate = 8000, .tones = TRUE, .clamp_digits = TRUE};
    params->commands = TRUE;
    if (read_room(&reader, params) && read_role(&reader, params) && read_rate(&reader, params) &&
        read_number(&reader, "loudest", &params->of_room.loudest) &&
        read_number(&reader, "max_members", &params->of_room.max_members) &&
        read_bool(&reader, "tones", &params->of_room.tones) &&
        read_bool(&reader, "clamp_digits", &params->of_room.clamp_digits) &&
        read_bool(&reader, "muted", &params->muted) && read_level(&reader, "gain", &params->gain) &&
        read_level(&reader, "volume", &params->volume) &&
        read_bool(&reader, "commands", &params->commands) &&
        read_bool(&reader, "end_with_moderator", &params->end_with_moderator) &&
        read_bool(&reader, "wait_for_moderator", &params->wait_for_moderator))
        return g_steal_pointer(&params);
    return NULL;
}

void
mcp_bridge_params_free(McpBridgeParams *params)
{
    g_free(params->target);
    g_free(params->gateway);
    g_free(params->from);
    g_strfreev(params->codecs);
    g_free(params);
}

static gboolean
is_sip(const char *text)
{
    return g_ascii_strncasecmp(text, "sip:", 4) == 0 || g_ascii_strncasecmp(text, "sips:", 5) == 0;
}

static gboolean
is_tel(const char *text)
{
    return g_ascii_strncasecmp(text, "tel:", 4) == 0;
}

static gboolean
read_target(const Reader *reader, McpBridgeParams *params)
{
    params->target = g_strdup(look(reader, "target"));
    params->gateway = g_strdup(look(reader, "gateway"));
    params->from = g_strdup(look(reader, "from"));
    if (params->target == NULL) {
        g_set_error(reader->error, MCP_ERROR, MCP_ERROR_INVALID, "target is missing");
        return FALSE;
    }
    if (!is_sip(params->target) && !is_tel(params->target))
        return bad(reader, "target", "a sip:, sips: or tel: URI");
    if (params->from != NULL && !is_sip(params->from))
        return bad(reader, "from", "a sip: or sips: URI");
    if (!is_tel(params->target) || (params->gateway != NULL && *params->gateway != '\0'))
        return TRUE;
    g_set_error(reader->error, MCP_ERROR, MCP_ERROR_INVALID, "target=%s needs a gateway",
                params->target);
    return FALSE;
}

static gboolean
read_ring_timeout(const Reader *reader, McpBridgeParams *params)
{
    const char *text = look(reader, "ring_timeout");
    char *end = NULL;
    double seconds = 0;

    params->ring_timeout = RING_TIMEOUT;
    if (text == NULL)
        return TRUE;
    seconds = g_ascii_strtod(text, &end);
    if (end == text || (strcmp(end, "s") != 0 && *end != '\0') || !(seconds >= 1) ||
        seconds * G_USEC_PER_SEC > (double)MAX_RING_TIMEOUT)
        return bad(reader, "ring_timeout", "a time from 1s to 600s");
    params->ring_timeout = (gint64)(seconds * G_USEC_PER_SEC);
    return TRUE;
}

McpBridgeParams *
mcp_bridge_params_parse(McpConferenceLookup lookup, gconstpointer data, GError **error)
{
    g_autoptr(McpBridgeParams) params = g_new0(McpBridgeParams, 1);
    const Reader reader = {lookup, data, error};
    const char *codecs = lookup("codecs", data);

    if (!read_target(&reader, params) || !read_ring_timeout(&reader, params))
        return NULL;
    params->codecs = codecs != NULL ? g_strsplit_set(codecs, " /", -1) : NULL;
    return g_steal_pointer(&params);
}

char *
mcp_bridge_params_get_target(const McpBridgeParams *params, const char *user, GError **error)
{
    g_autoptr(GString) target = g_string_new(params->target);
    /* A caller's "@" or ";" stays in the user part: the operator says where is dialled. */
    g_autofree char *escaped = g_uri_escape_string(user, "+*", FALSE);

    g_string_replace(target, "{user}", is_tel(params->target) ? user : escaped, 0);
    if (is_tel(params->target))
        return mcp_callee_number(target->str + strlen("tel:"), params->gateway, error);
    return g_string_free(g_steal_pointer(&target), FALSE);
}

/* --- all services, before any call --- */

static const char *
find_parameter(const char *name, gconstpointer data)
{
    const char *const *list = data;
    gsize length = strlen(name);

    for (guint i = 0; list[i] != NULL; i++) {
        const char *equals = strchr(list[i], '=');
        g_autofree char *key = NULL;

        if (equals == NULL)
            continue;
        key = g_strstrip(g_strndup(list[i], (gsize)(equals - list[i])));
        if (strlen(key) == length && strcmp(key, name) == 0)
            return equals + 1 + strspn(equals + 1, " \t");
    }
    return NULL;
}

static gboolean
check_service(const char *dialog, const char *const *parameters, GError **error)
{
    g_autoptr(McpConferenceParams) room = NULL;
    g_autoptr(McpBridgeParams) bridge = NULL;

    if (strcmp(dialog, "conference") == 0)
        return (room = mcp_conference_params_parse(find_parameter, parameters, error)) != NULL;
    if (strcmp(dialog, "bridge") == 0)
        return (bridge = mcp_bridge_params_parse(find_parameter, parameters, error)) != NULL;
    return TRUE;
}

gboolean
mcp_conference_check_settings(McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, "service");

    for (guint i = 0; names[i] != NULL; i++) {
        const char *dialog = mcp_settings_get_string(settings, "service", names[i], "dialog");

        if (check_service(
                dialog, mcp_settings_get_list(settings, "service", names[i], "parameters"), error))
            continue;
        g_prefix_error(error, "%s: [service \"%s\"] parameters: ",
                       mcp_settings_get_origin(settings, "service", names[i], "parameters"),
                       names[i]);
        return FALSE;
    }
    return TRUE;
}
