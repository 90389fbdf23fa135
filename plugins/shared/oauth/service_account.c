/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpOauthAccount: the credentials file of a service account and the assertion made with
 * its key (RFC 7523 §2.1). Any thread.
 */
#include "service_account.h"

#include <json/json_tree.h>
#include <mcp/error.h>
#include <mcp/json.h>
#include <signature.h>
#include <string.h>

#define TOKEN_URI "https://oauth2.googleapis.com/token"
#define LIFETIME 3600 /* seconds; the longest that is granted */
#define MOST_BYTES (64 * 1024)

struct _McpOauthAccount {
    gatomicrefcount refs;
    char *scope;
    char *email;
    char *key; /* PEM */
    char *key_id;
    char *token_uri;
};

static void
wipe(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    g_free(text);
}

McpOauthAccount *
mcp_oauth_account_ref(McpOauthAccount *account)
{
    g_atomic_ref_count_inc(&account->refs);
    return account;
}

void
mcp_oauth_account_unref(McpOauthAccount *account)
{
    if (!g_atomic_ref_count_dec(&account->refs))
        return;
    g_free(account->scope);
    g_free(account->email);
    g_free(account->key_id);
    g_free(account->token_uri);
    wipe(account->key);
    g_free(account);
}

static char *
member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    if (node == NULL || json_node_get_value_type(node) != G_TYPE_STRING)
        return NULL;
    return g_strdup(json_node_get_string(node));
}

static gboolean
check(const McpOauthAccount *account, const char *type, GError **error)
{
    g_autofree char *tried = NULL;

    if (g_strcmp0(type, "service_account") != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "type is '%.40s', not 'service_account'",
                    type != NULL ? type : "");
        return FALSE;
    }
    if (account->email == NULL || account->key == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "there is no %s",
                    account->email == NULL ? "client_email" : "private_key");
        return FALSE;
    }
    if (!g_uri_is_valid(account->token_uri, G_URI_FLAGS_NONE, NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "token_uri '%s' is no URL",
                    account->token_uri);
        return FALSE;
    }
    tried = mcp_oauth_account_assert(account, 0, error);
    return tried != NULL;
}

static McpOauthAccount *
account_new(const char *scope)
{
    McpOauthAccount *account = g_new0(McpOauthAccount, 1);

    g_atomic_ref_count_init(&account->refs);
    account->scope = g_strdup(scope);
    return account;
}

McpOauthAccount *
mcp_oauth_account_parse(const char *text, gsize length, const char *token_uri, const char *scope,
                        GError **error)
{
    g_autoptr(McpOauthAccount) account = account_new(scope);
    g_autoptr(JsonNode) root = mcp_json_tree_parse(text, length, error);
    g_autofree char *type = NULL;
    JsonObject *object = NULL;

    if (root == NULL)
        return NULL;
    if (!JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "there is no object");
        return NULL;
    }
    object = json_node_get_object(root);
    type = member(object, "type");
    account->email = member(object, "client_email");
    account->key = member(object, "private_key");
    account->key_id = member(object, "private_key_id");
    account->token_uri = token_uri != NULL ? g_strdup(token_uri) : member(object, "token_uri");
    if (account->token_uri == NULL)
        account->token_uri = g_strdup(TOKEN_URI);
    return check(account, type, error) ? g_steal_pointer(&account) : NULL;
}

McpOauthAccount *
mcp_oauth_account_load(const char *path, const char *token_uri, const char *scope, GError **error)
{
    McpOauthAccount *account = NULL;
    GError *why = NULL;
    char *text = NULL;
    gsize length = 0;

    if (!g_file_get_contents(path, &text, &length, &why)) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, why->message);
        g_error_free(why);
        return NULL;
    }
    if (length > MOST_BYTES)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' has more than %d bytes", path,
                    MOST_BYTES);
    else
        account = mcp_oauth_account_parse(text, length, token_uri, scope, &why);
    if (why != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s': %s", path, why->message);
        g_error_free(why);
    }
    explicit_bzero(text, length);
    g_free(text);
    return account;
}

const char *
mcp_oauth_account_get_token_uri(const McpOauthAccount *account)
{
    return account->token_uri;
}

const char *
mcp_oauth_account_get_email(const McpOauthAccount *account)
{
    return account->email;
}

/* RFC 7515 §2: base64 with the alphabet of URLs, without padding. */
static char *
encode(const void *data, gsize length)
{
    char *text = g_base64_encode(data, length);

    g_strdelimit(text, "+", '-');
    g_strdelimit(text, "/", '_');
    text[strcspn(text, "=")] = '\0';
    return text;
}

static char *
encode_json(McpJson *json)
{
    g_autofree char *text = mcp_json_finish(json);

    return encode(text, strlen(text));
}

static char *
make_head(const McpOauthAccount *account)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "alg", "RS256");
    mcp_json_string(json, "typ", "JWT");
    if (account->key_id != NULL)
        mcp_json_string(json, "kid", account->key_id);
    mcp_json_end_object(json);
    return encode_json(json);
}

static char *
make_claims(const McpOauthAccount *account, gint64 now)
{
    McpJson *json = mcp_json_new();

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "iss", account->email);
    mcp_json_string(json, "scope", account->scope);
    mcp_json_string(json, "aud", account->token_uri);
    mcp_json_int(json, "iat", now);
    mcp_json_int(json, "exp", now + LIFETIME);
    mcp_json_end_object(json);
    return encode_json(json);
}

char *
mcp_oauth_account_assert(const McpOauthAccount *account, gint64 now, GError **error)
{
    g_autofree char *head = make_head(account);
    g_autofree char *claims = make_claims(account, now);
    g_autofree char *text = g_strconcat(head, ".", claims, NULL);
    g_autoptr(GBytes) signature =
        mcp_tls_sign_rs256(account->key, strlen(account->key), text, error);
    g_autofree char *signed_text = NULL;

    if (signature == NULL) {
        g_prefix_error(error, "private_key: ");
        return NULL;
    }
    signed_text = encode(g_bytes_get_data(signature, NULL), g_bytes_get_size(signature));
    return g_strconcat(text, ".", signed_text, NULL);
}
