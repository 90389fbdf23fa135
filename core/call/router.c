/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service router: request-URI, headers and media lines of an INVITE choose the dialog provider
 * and its parameters. Built from one settings snapshot, immutable then. Any thread.
 */
#include "call/router.h"

#include "call/pattern.h"

#include <mcp/dial.h>
#include <mcp/error.h>
#include <string.h>

McpRoute *
mcp_route_ref(McpRoute *route)
{
    g_atomic_ref_count_inc(&route->refs);
    return route;
}

void
mcp_route_unref(McpRoute *route)
{
    if (!g_atomic_ref_count_dec(&route->refs))
        return;
    g_free(route->service);
    g_strfreev(route->users);
    g_strfreev(route->dial);
    g_ptr_array_unref(route->headers);
    g_free(route->media);
    g_free(route->dialog);
    g_hash_table_unref(route->parameters);
    g_free(route);
}

McpRoute *
mcp_route_new(const char *service, const char *dialog)
{
    McpRoute *route = g_new0(McpRoute, 1);

    g_atomic_ref_count_init(&route->refs);
    route->service = g_strdup(service);
    route->dialog = g_strdup(dialog);
    route->media = g_strdup("any");
    route->headers = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    route->parameters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return route;
}

/* "NAME SEPARATOR VALUE"; NULL when the separator is missing. */
static McpHeader *
split_pair(const char *text, char separator)
{
    const char *at = strchr(text, separator);
    g_autofree char *name = NULL;
    g_autofree char *value = NULL;

    if (at == NULL)
        return NULL;
    name = g_strstrip(g_strndup(text, (gsize)(at - text)));
    value = g_strstrip(g_strdup(at + 1));
    return mcp_header_new(name, value);
}

static gboolean
bad_pair(McpSettings *settings, const char *service, const char *key, const char *text,
         GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "%s: [service \"%s\"] %s: \"%s\" is not a pair of name and value",
                mcp_settings_get_origin(settings, "service", service, key), service, key, text);
    return FALSE;
}

static gboolean
read_headers(McpRoute *route, McpSettings *settings, GError **error)
{
    const char *const *list = mcp_settings_get_list(settings, "service", route->service, "header");

    for (guint i = 0; list[i] != NULL; i++) {
        McpHeader *header = split_pair(list[i], ':');

        if (header == NULL)
            return bad_pair(settings, route->service, "header", list[i], error);
        g_ptr_array_add(route->headers, header);
    }
    return TRUE;
}

static gboolean
read_parameters(McpRoute *route, McpSettings *settings, GError **error)
{
    const char *page = mcp_settings_get_string(settings, "service", route->service, "page");
    const char *const *list =
        mcp_settings_get_list(settings, "service", route->service, "parameters");

    if (page != NULL)
        g_hash_table_insert(route->parameters, g_strdup("page"), g_strdup(page));
    for (guint i = 0; list[i] != NULL; i++) {
        g_autoptr(McpHeader) pair = split_pair(list[i], '=');

        if (pair == NULL)
            return bad_pair(settings, route->service, "parameters", list[i], error);
        g_hash_table_insert(route->parameters, g_strdup(pair->name), g_strdup(pair->value));
    }
    return TRUE;
}

static gboolean
check_dial(const McpRoute *route, McpSettings *settings, GError **error)
{
    for (guint i = 0; route->dial[i] != NULL; i++) {
        if (mcp_dial_is_pattern(route->dial[i]))
            continue;
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "%s: [service \"%s\"] dial: \"%s\" is no pattern of sip: or tel: URIs",
                    mcp_settings_get_origin(settings, "service", route->service, "dial"),
                    route->service, route->dial[i]);
        return FALSE;
    }
    return TRUE;
}

static McpRoute *
read_route(McpSettings *settings, const char *service, GError **error)
{
    g_autoptr(McpRoute) route =
        mcp_route_new(service, mcp_settings_get_string(settings, "service", service, "dialog"));

    route->dial = g_strdupv((char **)mcp_settings_get_list(settings, "service", service, "dial"));
    if (!check_dial(route, settings, error))
        return NULL;
    route->users = g_strdupv((char **)mcp_settings_get_list(settings, "service", service, "user"));
    g_free(route->media);
    route->media = g_strdup(mcp_settings_get_string(settings, "service", service, "media"));
    if (!read_headers(route, settings, error) || !read_parameters(route, settings, error))
        return NULL;
    return g_steal_pointer(&route);
}

GPtrArray *
mcp_router_new(McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, "service");
    g_autoptr(GPtrArray) router = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_route_unref);

    for (guint i = 0; names[i] != NULL; i++) {
        McpRoute *route = read_route(settings, names[i], error);

        if (route == NULL)
            return NULL;
        g_ptr_array_add(router, route);
    }
    return g_steal_pointer(&router);
}

static gboolean
headers_fit(const McpRoute *route, const McpInvite *invite, char **out_why)
{
    for (guint i = 0; i < route->headers->len; i++) {
        const McpHeader *wanted = g_ptr_array_index(route->headers, i);
        const char *value = mcp_headers_get(invite->headers, wanted->name);

        if (value != NULL && g_pattern_match_simple(wanted->value, value))
            continue;
        if (out_why != NULL)
            *out_why = g_strdup_printf("header %s is %s, not %s", wanted->name,
                                       value != NULL ? value : "absent", wanted->value);
        return FALSE;
    }
    return TRUE;
}

static gboolean
misfit(char **out_why, const char *what, const char *value)
{
    if (out_why != NULL)
        *out_why = g_strdup_printf("%s %s", what, value);
    return FALSE;
}

/* RFC 6787 §4.2 */
static gboolean
has_control(const McpInvite *invite)
{
    for (guint i = 0; invite->offer != NULL && i < mcp_sdp_get_n_media(invite->offer); i++) {
        const McpSdpMedia *media = mcp_sdp_get_media(invite->offer, i);

        if (strcmp(media->type, "application") == 0 && g_str_has_suffix(media->protocol, "/MRCPv2"))
            return TRUE;
    }
    return FALSE;
}

static gboolean
media_fit(const McpRoute *route, const McpInvite *invite)
{
    if (strcmp(route->media, "any") == 0)
        return TRUE;
    if (strcmp(route->media, "mrcp") == 0)
        return has_control(invite);
    return mcp_invite_has_audio(invite) == (strcmp(route->media, "audio") == 0);
}

/* @out_why: (nullable): gets why it does not fit. */
static gboolean
fits(const McpRoute *route, const McpInvite *invite, char **out_why)
{
    if (route->users[0] != NULL &&
        !mcp_pattern_match_any((const char *const *)route->users, invite->user)) {
        g_autofree char *users = g_strjoinv(", ", route->users);

        return misfit(out_why, "the user part is none of", users);
    }
    if (!media_fit(route, invite))
        return misfit(out_why, "the offer's lines are not those of media =", route->media);
    return headers_fit(route, invite, out_why);
}

McpRoute *
mcp_router_match(const GPtrArray *router, const McpInvite *invite, McpExplain *explain)
{
    for (guint i = 0; i < router->len; i++) {
        McpRoute *route = g_ptr_array_index(router, i);
        g_autofree char *why = NULL;

        if (fits(route, invite, explain != NULL ? &why : NULL)) {
            mcp_explain_add(explain, "service", MCP_EXPLAIN_PASSED, "[service \"%s\"] fits",
                            route->service);
            return route;
        }
        mcp_explain_add(explain, "service", MCP_EXPLAIN_NOTED, "[service \"%s\"] does not fit: %s",
                        route->service, why);
    }
    return NULL;
}
