/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGapiAccess: endpoint, identity, trust anchors and proxy, read from a plugin's section and
 * checked. Any thread.
 */
#include "access.h"

#include <mcp/error.h>
#include <rpc_channel.h>
#include <string.h>

#define SCOPE "https://www.googleapis.com/auth/cloud-platform"

const char *
mcp_gapi_access_get_text(const McpGapiAccess *access, const char *key)
{
    const char *text = mcp_settings_get_string(access->settings, access->section, NULL, key);

    return text != NULL && *text != '\0' ? text : NULL;
}

void
mcp_gapi_access_blame(const McpGapiAccess *access, const char *key, GError **error)
{
    g_prefix_error(error, "%s: [%s] %s: ",
                   mcp_settings_get_origin(access->settings, access->section, NULL, key),
                   access->section, key);
}

gboolean
mcp_gapi_access_get_number(const McpGapiAccess *access, const char *key, double least, double most,
                           double *out_value, GError **error)
{
    const char *text = mcp_settings_get_string(access->settings, access->section, NULL, key);
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);

    /* Written so that it is false of what is no number. */
    if (end == text || *end != '\0' || !(value >= least && value <= most)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' is no number from %g to %g", text,
                    least, most);
        mcp_gapi_access_blame(access, key, error);
        return FALSE;
    }
    *out_value = value;
    return TRUE;
}

static gboolean
check_endpoint(const McpGapiAccess *access, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GSocketConnectable) address = g_network_address_parse(access->endpoint, 0, &why);

    if (address == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s': %s", access->endpoint,
                    why->message);
    } else if (g_network_address_get_port(G_NETWORK_ADDRESS(address)) == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' has no port", access->endpoint);
    } else if (access->plaintext && !mcp_rpc_target_is_local(access->endpoint)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED,
                    "'%s' is not this machine: no plaintext to it", access->endpoint);
    } else {
        return TRUE;
    }
    mcp_gapi_access_blame(access, "endpoint", error);
    return FALSE;
}

static gboolean
check_proxy(const McpGapiAccess *access, GError **error)
{
    g_autoptr(GUri) uri = NULL;

    if (access->proxy == NULL)
        return TRUE;
    uri = g_uri_parse(access->proxy, G_URI_FLAGS_HAS_PASSWORD, NULL);
    if (uri != NULL && g_str_equal(g_uri_get_scheme(uri), "http") && g_uri_get_host(uri) != NULL &&
        g_uri_get_port(uri) > 0)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "this is not http://HOST:PORT");
    mcp_gapi_access_blame(access, "proxy", error);
    return FALSE;
}

static gboolean
read_authorities(McpGapiAccess *access, GError **error)
{
    const char *path = mcp_gapi_access_get_text(access, "ca_file");
    g_autoptr(GError) why = NULL;

    if (path == NULL)
        return TRUE;
    if (!g_file_get_contents(path, &access->authorities, NULL, &why))
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, why->message);
    else if (strstr(access->authorities, "-----BEGIN CERTIFICATE-----") == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' has no certificate in it", path);
    else
        return TRUE;
    mcp_gapi_access_blame(access, "ca_file", error);
    return FALSE;
}

static gboolean
check_api_key(const McpGapiAccess *access, GError **error)
{
    const char *key = mcp_secret_peek(access->api_key, NULL);

    while (g_ascii_isgraph(*key))
        key++;
    if (*key == '\0')
        return TRUE;
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "there are characters in it that no key has");
    mcp_gapi_access_blame(access, "api_key", error);
    return FALSE;
}

static gboolean
read_identity(McpGapiAccess *access, GError **error)
{
    const char *path = mcp_gapi_access_get_text(access, "credentials_file");
    const char *token_uri = mcp_gapi_access_get_text(access, "token_uri");

    access->api_key = mcp_settings_get_secret(access->settings, access->section, NULL, "api_key");
    if (path != NULL && access->api_key != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "there is a credentials_file, too: one of them must go");
        mcp_gapi_access_blame(access, "api_key", error);
        return FALSE;
    }
    if (access->api_key != NULL)
        return check_api_key(access, error);
    if (path == NULL)
        return TRUE;
    access->account = mcp_oauth_account_load(path, token_uri, SCOPE, error);
    if (access->account == NULL)
        mcp_gapi_access_blame(access, "credentials_file", error);
    return access->account != NULL;
}

gboolean
mcp_gapi_access_is_wanted(McpSettings *settings, const char *section)
{
    return mcp_settings_is_set(settings, section, NULL, "endpoint") ||
           mcp_settings_is_set(settings, section, NULL, "credentials_file") ||
           mcp_settings_is_set(settings, section, NULL, "api_key");
}

gboolean
mcp_gapi_access_read(McpGapiAccess *access, McpSettings *settings, const char *section,
                     GError **error)
{
    const McpSecret *proxy = mcp_settings_get_secret(settings, section, NULL, "proxy");

    access->settings = settings;
    access->section = section;
    access->endpoint = mcp_settings_get_string(settings, section, NULL, "endpoint");
    access->proxy = proxy != NULL ? mcp_secret_peek(proxy, NULL) : NULL;
    access->plaintext = mcp_settings_get_bool(settings, section, NULL, "plaintext");
    return check_endpoint(access, error) && check_proxy(access, error) &&
           read_authorities(access, error) && read_identity(access, error);
}

void
mcp_gapi_access_clear(McpGapiAccess *access)
{
    g_clear_pointer(&access->account, mcp_oauth_account_unref);
    g_clear_pointer(&access->authorities, g_free);
}
