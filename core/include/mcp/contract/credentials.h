/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The credentials contract: named sets of certificate chain, private key and trust anchors, for
 * whoever speaks TLS. A set is an immutable snapshot; a change is a new snapshot that watchers are
 * told of, so that what is connected goes on with the old one.
 */
#define MCP_CONTRACT_CREDENTIALS "credentials"
#define MCP_CONTRACT_CREDENTIALS_MAJOR 1
#define MCP_CONTRACT_CREDENTIALS_MINOR 0

/** McpCredentialSet: one state of a set. Immutable, shared by reference. */
typedef struct _McpCredentialSet McpCredentialSet;

/** McpCredentialParts: what a set is made of; everything is copied or referenced. */
typedef struct {
    const char *name;                /* of the [credentials "NAME"] section */
    GBytes *certificates;            /* nullable: PEM, the leaf first, then its issuers */
    GBytes *key;                     /* nullable with @certificates: PEM, not encrypted */
    GBytes *authorities;             /* nullable: PEM; NULL: the system's trust anchors */
    GBytes *revocations;             /* nullable: PEM of certificate revocation lists */
    const char *serial;              /* nullable: serial number of the leaf, hexadecimal */
    gint64 expiry;                   /* seconds since 1970 that the chain is valid until; 0: none */
    const char *const *server_names; /* nullable: DNS names of the leaf, for SNI */
} McpCredentialParts;

/**
 * mcp_credential_set_new: (transfer full): for providers. The key is copied, and the copy wiped
 * with the last reference to the set; wiping @parts->key is up to the caller. Any thread.
 */
McpCredentialSet *mcp_credential_set_new(const McpCredentialParts *parts);
/** mcp_credential_set_ref: (transfer full). Any thread. */
McpCredentialSet *mcp_credential_set_ref(McpCredentialSet *set);
/** mcp_credential_set_unref: Any thread. */
void mcp_credential_set_unref(McpCredentialSet *set);
/** mcp_credential_set_get_name: name of the section. Any thread. */
const char *mcp_credential_set_get_name(const McpCredentialSet *set);
/**
 * mcp_credential_set_get_certificates: (transfer none) (nullable): PEM, the leaf first; NULL for a
 * set of trust anchors only. Any thread.
 */
GBytes *mcp_credential_set_get_certificates(const McpCredentialSet *set);
/**
 * mcp_credential_set_peek_key: (transfer none) (nullable): PEM of the private key, @out_length
 * bytes that live as long as the set. Never to be printed, copied or logged. Any thread.
 */
const char *mcp_credential_set_peek_key(const McpCredentialSet *set, gsize *out_length);
/**
 * mcp_credential_set_get_authorities: (transfer none) (nullable): PEM of the trust anchors; NULL
 * stands for those of the system. Any thread.
 */
GBytes *mcp_credential_set_get_authorities(const McpCredentialSet *set);
/**
 * mcp_credential_set_get_revocations: (transfer none) (nullable): PEM of revocation lists; when
 * given, a peer's chain is checked against them. Any thread.
 */
GBytes *mcp_credential_set_get_revocations(const McpCredentialSet *set);
/** mcp_credential_set_get_serial: (nullable): of the leaf, hexadecimal. Any thread. */
const char *mcp_credential_set_get_serial(const McpCredentialSet *set);
/** mcp_credential_set_get_expiry: seconds since 1970, 0 without certificates. Any thread. */
gint64 mcp_credential_set_get_expiry(const McpCredentialSet *set);
/** mcp_credential_set_get_server_names: (not nullable): DNS names of the leaf. Any thread. */
const char *const *mcp_credential_set_get_server_names(const McpCredentialSet *set);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpCredentialSet, mcp_credential_set_unref)

/** McpCredentialsFunc: the set has changed; @set is borrowed. Runs on the watcher's context. */
typedef void (*McpCredentialsFunc)(McpCredentialSet *set, gpointer user_data);

#define MCP_TYPE_CREDENTIALS (mcp_credentials_get_type())
G_DECLARE_INTERFACE(McpCredentials, mcp_credentials, MCP, CREDENTIALS, GObject)

/** McpCredentialsInterface: members as the functions of the same names. */
struct _McpCredentialsInterface {
    GTypeInterface parent_iface;
    McpCredentialSet *(*get)(McpCredentials *self, const char *name, GError **error);
    guint (*watch)(McpCredentials *self, const char *name, GMainContext *context,
                   McpCredentialsFunc func, gpointer user_data, GDestroyNotify destroy);
    void (*unwatch)(McpCredentials *self, guint id);
};

/**
 * mcp_credentials_get: (transfer full): the state in force of set @name. Any thread. Returns: NULL
 * with MCP_ERROR_NOT_FOUND when there is no such set.
 */
McpCredentialSet *mcp_credentials_get(McpCredentials *self, const char *name, GError **error);
/**
 * mcp_credentials_watch:
 * @context: (transfer none): where @func runs, once for each state that comes into force after this
 *   call; states that follow each other quickly may be reported as the last of them
 * @destroy: (nullable): for @user_data, on @context after the last call of @func
 *
 * Any thread. Returns: an id for mcp_credentials_unwatch(); 0 when the provider tells of no
 * changes: @destroy has then been called.
 */
guint mcp_credentials_watch(McpCredentials *self, const char *name, GMainContext *context,
                            McpCredentialsFunc func, gpointer user_data, GDestroyNotify destroy);
/**
 * mcp_credentials_unwatch: Called on the context of the watch, @func is certain not to run any
 * more; called elsewhere, it may be running.
 */
void mcp_credentials_unwatch(McpCredentials *self, guint id);

G_END_DECLS
