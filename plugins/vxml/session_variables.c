/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.connection as RFC 5552 §2.4 maps it from the INVITE: URIs, headers, parameters of the
 * request-URI, history. Any thread.
 */
#include <string.h>

#include "request.h"

/* Header fields of one name become one value, as RFC 3261 §7.3.1 joins them. */
static void
write_headers(McpJson *json, const McpInvite *invite)
{
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iterator;
    gpointer name;
    gpointer value;

    g_hash_table_insert(values, g_strdup("call-id"), g_strdup(invite->sip_call_id));
    g_hash_table_insert(values, g_strdup("from"), g_strdup(invite->from_uri));
    g_hash_table_insert(values, g_strdup("to"), g_strdup(invite->to_uri));
    for (guint i = 0; i < invite->headers->len; i++) {
        const McpHeader *header = invite->headers->pdata[i];
        char *key = g_ascii_strdown(header->name, -1);
        const char *before = g_hash_table_lookup(values, key);

        if (before != NULL && strcmp(key, "call-id") != 0 && strcmp(key, "from") != 0 &&
            strcmp(key, "to") != 0)
            g_hash_table_replace(values, key, g_strconcat(before, ", ", header->value, NULL));
        else
            g_hash_table_replace(values, key, g_strdup(header->value));
    }
    mcp_json_begin_object(json, "headers");
    g_hash_table_iter_init(&iterator, values);
    while (g_hash_table_iter_next(&iterator, &name, &value))
        mcp_json_string(json, name, value);
    mcp_json_end_object(json);
}

static void
write_request_uri(McpJson *json, const McpVxmlParties *parties)
{
    const GPtrArray *parameters = parties->invite->uri_parameters;

    mcp_json_begin_object(json, "requesturi");
    for (guint i = 0; i < parameters->len; i++) {
        const McpHeader *parameter = parameters->pdata[i];
        g_autofree char *name = g_ascii_strdown(parameter->name, -1);

        if (strcmp(name, "aai") == 0 && parties->aai != NULL)
            mcp_json_raw(json, name, parties->aai);
        else if (strcmp(name, "ccxml") == 0 && parties->ccxml != NULL)
            mcp_json_raw(json, name, parties->ccxml);
        else
            mcp_json_string(json, name, parameter->value != NULL ? parameter->value : "");
    }
    mcp_json_end_object(json);
    mcp_json_string(json, "fulluri", parties->invite->request_uri);
}

/* ---- History-Info (RFC 4244 §4.1): <uri?Reason=…&Privacy=…>;index=1;si=… ---- */

static char *
uri_header(const char *uri, const char *name)
{
    const char *query = strchr(uri, '?');
    g_auto(GStrv) pairs = NULL;

    if (query == NULL)
        return NULL;
    pairs = g_strsplit(query + 1, "&", -1);
    for (guint i = 0; pairs[i] != NULL; i++) {
        char *value = strchr(pairs[i], '=');

        if (value == NULL)
            continue;
        *value++ = '\0';
        if (g_ascii_strcasecmp(pairs[i], name) == 0)
            return g_uri_unescape_string(value, NULL);
    }
    return NULL;
}

static void
write_entry(McpJson *json, const char *entry, gboolean private)
{
    const char *open = strchr(entry, '<');
    const char *end = open != NULL ? strchr(open, '>') : NULL;
    g_autofree char *uri = NULL;
    g_autofree char *privacy = NULL;
    g_autofree char *reason = NULL;
    const char *si;

    if (end == NULL)
        return;
    uri = g_strndup(open + 1, (gsize)(end - open - 1));
    privacy = uri_header(uri, "Privacy");
    reason = uri_header(uri, "Reason");
    si = strstr(end, ";si=");
    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "uri", uri);
    mcp_json_bool(json, "pi", private || g_strcmp0(privacy, "history") == 0);
    if (si != NULL) {
        g_autofree char *value = g_strndup(si + 4, strcspn(si + 4, ";"));

        mcp_json_string(json, "si", value);
    }
    if (reason != NULL)
        mcp_json_string(json, "reason", reason);
    mcp_json_end_object(json);
}

static GPtrArray *
split_entries(const GPtrArray *headers)
{
    GPtrArray *entries = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < headers->len; i++) {
        const McpHeader *header = headers->pdata[i];
        const char *start = header->value;
        gboolean inside = FALSE;

        if (g_ascii_strcasecmp(header->name, "History-Info") != 0 || start == NULL)
            continue;
        for (const char *c = start;; c++) {
            inside = *c == '<' || (inside && *c != '>' && *c != '\0');
            if (*c != '\0' && (*c != ',' || inside))
                continue;
            g_ptr_array_add(entries, g_strndup(start, (gsize)(c - start)));
            start = c + 1;
            if (*c == '\0')
                break;
        }
    }
    return entries;
}

static void
write_redirect(McpJson *json, const McpInvite *invite)
{
    g_autoptr(GPtrArray) entries = split_entries(invite->headers);
    const char *privacy = mcp_headers_get(invite->headers, "Privacy");
    gboolean private = privacy != NULL && strstr(privacy, "history") != NULL;

    if (entries->len == 0)
        return;
    mcp_json_begin_array(json, "redirect");
    for (guint i = entries->len; i > 0; i--)
        write_entry(json, entries->pdata[i - 1], private);
    mcp_json_end_array(json);
}

/* ---- media ---- */

static const char *
direction_name(const McpSdpMedia *media)
{
    static const char *const names[] = {"sendrecv", "sendonly", "recvonly", "inactive"};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (mcp_sdp_media_get_attribute(media, names[i]) != NULL)
            return names[i];
    return names[0];
}

/* "mode-set=0,2;octet-align=1": each parameter is a property of the format. */
static void
write_parameters(McpJson *json, const char *fmtp)
{
    g_auto(GStrv) list = g_strsplit(fmtp != NULL ? fmtp : "", ";", -1);

    for (guint i = 0; list[i] != NULL; i++) {
        char *value = strchr(list[i], '=');

        if (value == NULL)
            continue;
        *value++ = '\0';
        if (strcmp(g_strstrip(list[i]), "name") != 0 && strcmp(list[i], "rate") != 0)
            mcp_json_string(json, list[i], g_strstrip(value));
    }
}

/* The lines that the other side offered; what of them is in use, it says itself. */
static void
write_media(McpJson *json, const McpSdp *sdp)
{
    mcp_json_begin_array(json, "media");
    for (guint i = 0; i < mcp_sdp_get_n_media(sdp); i++) {
        const McpSdpMedia *media = mcp_sdp_get_media(sdp, i);

        if (media->port == 0)
            continue;
        mcp_json_begin_object(json, NULL);
        mcp_json_string(json, "type", media->type);
        mcp_json_string(json, "direction", direction_name(media));
        mcp_json_begin_array(json, "format");
        for (guint j = 0; j < media->n_formats; j++) {
            const McpSdpFormat *format = &media->formats[j];
            g_autofree char *name = g_strdup_printf("%s/%s", media->type, format->encoding);
            g_autofree char *rate = g_strdup_printf("%u", format->clock_rate);

            mcp_json_begin_object(json, NULL);
            mcp_json_string(json, "name", name);
            mcp_json_string(json, "rate", rate);
            write_parameters(json, format->fmtp);
            mcp_json_end_object(json);
        }
        mcp_json_end_array(json);
        mcp_json_end_object(json);
    }
    mcp_json_end_array(json);
}

static void
write_party(McpJson *json, const char *key, const char *uri)
{
    mcp_json_begin_object(json, key);
    mcp_json_string(json, "uri", uri);
    mcp_json_end_object(json);
}

/* By the names that pages of the big commercial platform know: the call here and in its whole. */
static void
write_identities(McpJson *json, const McpInvite *invite)
{
    const char *uuid = mcp_headers_get(invite->headers, "X-Genesys-CallUUID");

    mcp_json_string(json, "callidref", invite->sip_call_id);
    if (uuid != NULL)
        mcp_json_string(json, "uuid", uuid);
}

char *
mcp_vxml_session_variables(const McpVxmlParties *parties)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    write_party(json, "local", parties->local_uri);
    write_party(json, "remote", parties->remote_uri);
    write_party(json, "originator", parties->outgoing ? parties->local_uri : parties->remote_uri);
    if (parties->aai != NULL)
        mcp_json_raw(json, "aai", parties->aai);
    if (parties->ccxml != NULL)
        mcp_json_raw(json, "ccxml", parties->ccxml);
    if (parties->invite != NULL) {
        write_redirect(json, parties->invite);
        write_identities(json, parties->invite);
    }
    mcp_json_begin_object(json, "protocol");
    mcp_json_string(json, "name", "sip");
    mcp_json_string(json, "version", "2.0");
    mcp_json_begin_object(json, "sip");
    if (parties->invite != NULL) {
        write_headers(json, parties->invite);
        write_request_uri(json, parties);
        if (parties->invite->offer != NULL)
            write_media(json, parties->invite->offer);
    }
    mcp_json_end_object(json);
    mcp_json_end_object(json);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}

/* ---- session.com.genesyslab ---- */

#define GENESYS_PREFIX "X-Genesys-"

/* Headers of a peer that is not believed are gone from the INVITE before it gets here. */
static void
write_user_data(McpJson *json, const McpInvite *invite)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < invite->headers->len; i++) {
        const McpHeader *header = invite->headers->pdata[i];
        char *key;

        if (g_ascii_strncasecmp(header->name, GENESYS_PREFIX, strlen(GENESYS_PREFIX)) != 0)
            continue;
        key = g_ascii_strdown(header->name + strlen(GENESYS_PREFIX), -1);
        if (*key != '\0' && !g_hash_table_contains(known, key))
            mcp_json_string(json, key, header->value != NULL ? header->value : "");
        g_hash_table_add(known, key);
    }
}

char *
mcp_vxml_session_extra(const McpVxmlParties *parties)
{
    const char *session = parties->invite != NULL ? mcp_headers_get(parties->invite->headers,
                                                                    GENESYS_PREFIX "GVP-Session-ID")
                                                  : NULL;
    g_autofree char *id = NULL;
    McpJson *json = mcp_json_new();

    /* Behind the id of the whole session stand parameters of whoever routed it. */
    if (session != NULL)
        id = g_strndup(session, strcspn(session, ";"));
    mcp_json_begin_object(json, NULL);
    mcp_json_begin_object(json, "genesyslab");
    mcp_json_string(json, "sessionid", id != NULL ? id : parties->call_id);
    mcp_json_begin_object(json, "userdata");
    if (parties->invite != NULL)
        write_user_data(json, parties->invite);
    mcp_json_end_object(json);
    mcp_json_end_object(json);
    mcp_json_end_object(json);
    return mcp_json_finish(json);
}
