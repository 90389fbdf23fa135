/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of one call: gvp.config.SECTION.KEY=VALUE parameters of the request-URI. A row of a
 * table must be marked per call and the peer must have the right; secrets are never marked. Pure
 * functions, any thread.
 */
#include "call/override.h"

#include "settings/settings.h"

#include <mcp/disclosure.h>
#include <mcp/error.h>
#include <string.h>

/* (transfer full) (nullable): "section.key" of such a parameter, lower case. */
static char *
override_name(const McpHeader *parameter)
{
    gsize length = strlen(MCP_OVERRIDE_PREFIX);

    if (g_ascii_strncasecmp(parameter->name, MCP_OVERRIDE_PREFIX, length) != 0)
        return NULL;
    return g_ascii_strdown(parameter->name + length, -1);
}

static guint
status_of(const GError *error)
{
    return g_error_matches(error, MCP_ERROR, MCP_ERROR_REFUSED) ? 403 : 400;
}

static McpReject *
apply(McpSettings *settings, const McpInvite *invite, const char *name, const char *value)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;
    guint status = 0;

    if (invite->peer == NULL || !mcp_peer_allows_override(invite->peer, name)) {
        status = 403;
        why = g_strdup_printf("the peer may not set %s", name);
    } else if (value == NULL) {
        status = 400;
        why = g_strdup_printf("%s has no value", name);
    } else if (!mcp_settings_override(settings, name, value, &error)) {
        status = status_of(error);
        why = g_strdup(error->message);
    }
    return status != 0 ? mcp_reject_new(status, why, why) : NULL;
}

McpSettings *
mcp_override_read(const McpInvite *invite, McpSettings *base, McpReject **out_reject)
{
    g_autoptr(McpSettings) settings = NULL;
    g_autoptr(GHashTable) seen = NULL;

    for (guint i = 0; i < invite->uri_parameters->len; i++) {
        const McpHeader *parameter = g_ptr_array_index(invite->uri_parameters, i);
        g_autofree char *name = override_name(parameter);
        McpReject *reject = NULL;

        if (name == NULL)
            continue;
        if (settings == NULL) {
            settings = mcp_settings_new_overlay(base);
            seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        }
        reject = apply(settings, invite, name, parameter->value);
        if (reject == NULL && !g_hash_table_add(seen, g_steal_pointer(&name)))
            reject = mcp_reject_new(400, "a gvp.config parameter stands twice",
                                    "a gvp.config parameter stands twice");
        if (reject != NULL) {
            *out_reject = reject;
            return NULL;
        }
    }
    return g_steal_pointer(&settings);
}

char *
mcp_override_mask(const char *uri)
{
    g_autofree char *shown = mcp_text_hide_passwords(uri);
    GString *text = g_string_new(NULL);
    const char *from = shown;
    const char *at = strcasestr(from, MCP_OVERRIDE_PREFIX);

    while (at != NULL) {
        gsize name = strcspn(at, "=;?>");

        g_string_append_len(text, from, at - from + (gssize)name);
        from = at + name;
        if (*from == '=') {
            g_string_append(text, "=...");
            from += strcspn(from, ";?>");
        }
        at = strcasestr(from, MCP_OVERRIDE_PREFIX);
    }
    g_string_append(text, from);
    return g_string_free(text, FALSE);
}
