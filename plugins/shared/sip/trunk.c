/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The [sip.trunk "NAME"] sections: over what proxy, under what name and with what account sessions
 * are placed. Control context, then immutable.
 */
#include "trunk.h"

#include "message.h"

#include <mcp/dial.h>
#include <mcp/error.h>
#include <string.h>

static void
trunk_free(McpSipTrunk *trunk)
{
    g_free(trunk->name);
    g_strfreev(trunk->targets);
    g_free(trunk->proxy);
    g_free(trunk->identity);
    g_free(trunk->asserted_identity);
    g_free(trunk->privacy);
    g_free(trunk->account.user);
    g_free(trunk->account.password);
    g_strfreev(trunk->account.realms);
    g_free(trunk->registrar);
    g_free(trunk);
}

static gboolean
fault(McpSettings *settings, const McpSipTrunk *trunk, const char *key, const char *text,
      GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: [sip.trunk \"%s\"] %s: %s",
                mcp_settings_get_origin(settings, "sip.trunk", trunk->name, key), trunk->name, key,
                text);
    return FALSE;
}

static gboolean
read_uri(McpSettings *settings, McpSipTrunk *trunk, const char *key, char **out, GError **error)
{
    const char *text = mcp_settings_get_string(settings, "sip.trunk", trunk->name, key);

    if (text != NULL && !mcp_sip_message_is_uri(text))
        return fault(settings, trunk, key, "not a sip: or sips: URI", error);
    *out = g_strdup(text);
    return TRUE;
}

static gboolean
is_telephone(const char *text)
{
    return g_ascii_strncasecmp(text, "tel:", 4) == 0 && text[4] != '\0' &&
           strspn(text + 4, "+0123456789*#-.()") == strlen(text + 4);
}

static gboolean
read_identities(McpSettings *settings, McpSipTrunk *trunk, GError **error)
{
    const char *asserted =
        mcp_settings_get_string(settings, "sip.trunk", trunk->name, "asserted_identity");
    const char *const *privacy =
        mcp_settings_get_list(settings, "sip.trunk", trunk->name, "privacy");
    static const char *const words[] = {"none", "header",   "session", "user",
                                        "id",   "critical", "history", NULL};

    if (!read_uri(settings, trunk, "identity", &trunk->identity, error))
        return FALSE;
    if (asserted != NULL && strcmp(asserted, "from") != 0 && !is_telephone(asserted) &&
        !mcp_sip_message_is_uri(asserted))
        return fault(settings, trunk, "asserted_identity",
                     "neither a sip: or tel: URI nor the word \"from\"", error);
    trunk->asserted_identity = g_strdup(asserted);
    for (guint i = 0; privacy[i] != NULL; i++) {
        if (!g_strv_contains(words, privacy[i]))
            return fault(settings, trunk, "privacy",
                         "takes none, header, session, user, id, critical, history", error);
    }
    if (privacy[0] != NULL)
        trunk->privacy = g_strjoinv(";", (char **)(gpointer)privacy);
    return TRUE;
}

static gboolean
read_account(McpSettings *settings, McpSipTrunk *trunk, GError **error)
{
    const char *name = trunk->name;
    const McpSecret *password = mcp_settings_get_secret(settings, "sip.trunk", name, "password");
    McpSipAccount *account = &trunk->account;

    account->user = g_strdup(mcp_settings_get_string(settings, "sip.trunk", name, "username"));
    account->password = password != NULL ? g_strdup(mcp_secret_peek(password, NULL)) : NULL;
    account->realms =
        g_strdupv((char **)(gpointer)mcp_settings_get_list(settings, "sip.trunk", name, "realms"));
    if ((account->user != NULL) != (account->password != NULL))
        return fault(settings, trunk, account->user != NULL ? "username" : "password",
                     "username and password go together", error);
    if (account->user != NULL && account->realms[0] == NULL)
        return fault(settings, trunk, "username",
                     "needs realms: who may see a proof of the password", error);
    return TRUE;
}

static gboolean
read_registration(McpSettings *settings, McpSipTrunk *trunk, GError **error)
{
    if (!read_uri(settings, trunk, "registrar", &trunk->registrar, error))
        return FALSE;
    trunk->register_interval =
        (guint)(mcp_settings_get_int(settings, "sip.trunk", trunk->name, "register_interval") /
                G_USEC_PER_SEC);
    if (trunk->registrar != NULL && trunk->identity == NULL)
        return fault(settings, trunk, "registrar", "needs identity: what is to be registered",
                     error);
    return TRUE;
}

static gboolean
read_targets(McpSettings *settings, McpSipTrunk *trunk, GError **error)
{
    const char *const *targets =
        mcp_settings_get_list(settings, "sip.trunk", trunk->name, "targets");

    for (guint i = 0; targets[i] != NULL; i++) {
        if (!mcp_dial_is_pattern(targets[i]))
            return fault(settings, trunk, "targets", "no pattern of sip: URIs", error);
    }
    trunk->targets = g_strdupv((char **)(gpointer)targets);
    return TRUE;
}

static McpSipTrunk *
trunk_new(McpSettings *settings, const char *name, GError **error)
{
    McpSipTrunk *trunk = g_new0(McpSipTrunk, 1);

    trunk->name = g_strdup(name);
    if (read_targets(settings, trunk, error) &&
        read_uri(settings, trunk, "proxy", &trunk->proxy, error) &&
        read_identities(settings, trunk, error) && read_account(settings, trunk, error) &&
        read_registration(settings, trunk, error))
        return trunk;
    trunk_free(trunk);
    return NULL;
}

GPtrArray *
mcp_sip_trunks_new(McpSettings *settings, GError **error)
{
    g_autoptr(GPtrArray) trunks = g_ptr_array_new_with_free_func((GDestroyNotify)trunk_free);
    const char *const *names = mcp_settings_get_instances(settings, "sip.trunk");

    for (; *names != NULL; names++) {
        McpSipTrunk *trunk = trunk_new(settings, *names, error);

        if (trunk == NULL)
            return NULL;
        g_ptr_array_add(trunks, trunk);
    }
    return g_steal_pointer(&trunks);
}

const McpSipTrunk *
mcp_sip_trunks_find(const GPtrArray *trunks, const char *target)
{
    for (guint i = 0; i < trunks->len; i++) {
        const McpSipTrunk *trunk = trunks->pdata[i];

        if (mcp_dial_match((const char *const *)trunk->targets, target))
            return trunk;
    }
    return NULL;
}

gboolean
mcp_sip_trunk_answers(const McpSipTrunk *trunk, const char *realm)
{
    return trunk->account.user != NULL &&
           g_strv_contains((const char *const *)trunk->account.realms, realm);
}

void
mcp_sip_trunk_append_route(const McpSipTrunk *trunk, GString *lines)
{
    g_string_append_printf(lines, "Route: <%s%s>\r\n", trunk->proxy,
                           strstr(trunk->proxy, ";lr") != NULL ? "" : ";lr");
}
