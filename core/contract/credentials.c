/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of certificates and keys: the immutable set, and dispatch with a function a slot.
 * Any thread.
 */
#include <mcp/contract/credentials.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpCredentialSet);

struct _McpCredentialSet {
    gatomicrefcount refs;
    char *name;
    GBytes *certificates;
    char *key; /* wiped when freed */
    gsize key_length;
    GBytes *authorities;
    GBytes *revocations;
    char *serial;
    gint64 expiry;
    char **server_names;
};

G_DEFINE_INTERFACE(McpCredentials, mcp_credentials, G_TYPE_OBJECT)

static void
mcp_credentials_default_init(McpCredentialsInterface *iface)
{
}

static GBytes *
ref_bytes(GBytes *bytes)
{
    return bytes != NULL ? g_bytes_ref(bytes) : NULL;
}

McpCredentialSet *
mcp_credential_set_new(const McpCredentialParts *parts)
{
    static const char *const none[] = {NULL};
    const char *const *names = parts->server_names != NULL ? parts->server_names : none;
    McpCredentialSet *set = g_new0(McpCredentialSet, 1);

    g_atomic_ref_count_init(&set->refs);
    set->name = g_strdup(parts->name);
    set->certificates = ref_bytes(parts->certificates);
    if (parts->key != NULL) {
        const char *key = g_bytes_get_data(parts->key, &set->key_length);

        set->key = g_malloc(set->key_length + 1);
        memcpy(set->key, key, set->key_length);
        set->key[set->key_length] = '\0';
    }
    set->authorities = ref_bytes(parts->authorities);
    set->revocations = ref_bytes(parts->revocations);
    set->serial = g_strdup(parts->serial);
    set->expiry = parts->expiry;
    set->server_names = g_strdupv((char **)(gpointer)names);
    MCP_LEDGER_CREATED(McpCredentialSet);
    return set;
}

McpCredentialSet *
mcp_credential_set_ref(McpCredentialSet *set)
{
    g_atomic_ref_count_inc(&set->refs);
    return set;
}

void
mcp_credential_set_unref(McpCredentialSet *set)
{
    if (!g_atomic_ref_count_dec(&set->refs))
        return;
    if (set->key != NULL)
        explicit_bzero(set->key, set->key_length);
    g_free(set->key);
    g_free(set->name);
    g_clear_pointer(&set->certificates, g_bytes_unref);
    g_clear_pointer(&set->authorities, g_bytes_unref);
    g_clear_pointer(&set->revocations, g_bytes_unref);
    g_free(set->serial);
    g_strfreev(set->server_names);
    g_free(set);
    MCP_LEDGER_FINALIZED(McpCredentialSet);
}

const char *
mcp_credential_set_get_name(const McpCredentialSet *set)
{
    return set->name;
}

GBytes *
mcp_credential_set_get_certificates(const McpCredentialSet *set)
{
    return set->certificates;
}

const char *
mcp_credential_set_peek_key(const McpCredentialSet *set, gsize *out_length)
{
    if (out_length != NULL)
        *out_length = set->key_length;
    return set->key;
}

GBytes *
mcp_credential_set_get_authorities(const McpCredentialSet *set)
{
    return set->authorities;
}

GBytes *
mcp_credential_set_get_revocations(const McpCredentialSet *set)
{
    return set->revocations;
}

const char *
mcp_credential_set_get_serial(const McpCredentialSet *set)
{
    return set->serial;
}

gint64
mcp_credential_set_get_expiry(const McpCredentialSet *set)
{
    return set->expiry;
}

const char *const *
mcp_credential_set_get_server_names(const McpCredentialSet *set)
{
    return (const char *const *)set->server_names;
}

McpCredentialSet *
mcp_credentials_get(McpCredentials *self, const char *name, GError **error)
{
    McpCredentialsInterface *iface = MCP_CREDENTIALS_GET_IFACE(self);

    if (iface->get == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no get",
                    G_OBJECT_TYPE_NAME(self));
        return NULL;
    }
    return iface->get(self, name, error);
}

guint
mcp_credentials_watch(McpCredentials *self, const char *name, GMainContext *context,
                      McpCredentialsFunc func, gpointer user_data, GDestroyNotify destroy)
{
    McpCredentialsInterface *iface = MCP_CREDENTIALS_GET_IFACE(self);

    if (iface->watch == NULL) {
        if (destroy != NULL)
            destroy(user_data);
        return 0;
    }
    return iface->watch(self, name, context, func, user_data, destroy);
}

void
mcp_credentials_unwatch(McpCredentials *self, guint id)
{
    McpCredentialsInterface *iface = MCP_CREDENTIALS_GET_IFACE(self);

    if (id != 0 && iface->unwatch != NULL)
        iface->unwatch(self, id);
}
