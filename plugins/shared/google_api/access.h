/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/settings.h>
#include <oauth/service_account.h>

G_BEGIN_DECLS

/**
 * MCP_GAPI_SETTINGS: rows of a settings table: how a service of Google is reached.
 * @section: of the plugin
 * @endpoint: default HOST:PORT
 * @api: "text-to-speech", "speech-to-text" …
 */
#define MCP_GAPI_SETTINGS(section, endpoint, api)                                                  \
    {section,                                                                                      \
     "endpoint",                                                                                   \
     MCP_SETTING_STRING,                                                                           \
     endpoint,                                                                                     \
     NULL,                                                                                         \
     MCP_SETTING_RELOADABLE,                                                                       \
     "0.1",                                                                                        \
     "HOST:PORT of the " api " API."},                                                             \
        {section,                                                                                  \
         "credentials_file",                                                                       \
         MCP_SETTING_PATH,                                                                         \
         NULL,                                                                                     \
         NULL,                                                                                     \
         MCP_SETTING_RELOADABLE,                                                                   \
         "0.1",                                                                                    \
         "JSON file of the service account in whose name the service is asked."},                  \
        {section,                                                                                  \
         "api_key",                                                                                \
         MCP_SETTING_SECRET,                                                                       \
         NULL,                                                                                     \
         NULL,                                                                                     \
         MCP_SETTING_RELOADABLE,                                                                   \
         "0.1",                                                                                    \
         "Key that is sent instead of a service account's token."},                                \
        {section,                                                                                  \
         "token_uri",                                                                              \
         MCP_SETTING_STRING,                                                                       \
         NULL,                                                                                     \
         NULL,                                                                                     \
         MCP_SETTING_RELOADABLE,                                                                   \
         "0.1",                                                                                    \
         "Where tokens are asked for; unset: where the credentials file says."},                   \
        {section,                                                                                  \
         "ca_file",                                                                                \
         MCP_SETTING_PATH,                                                                         \
         NULL,                                                                                     \
         NULL,                                                                                     \
         MCP_SETTING_RELOADABLE,                                                                   \
         "0.1",                                                                                    \
         "PEM file of the authorities that the endpoint's certificate must come from; unset: the " \
         "system's."},                                                                             \
        {section,                                                                                  \
         "proxy",                                                                                  \
         MCP_SETTING_SECRET,                                                                       \
         NULL,                                                                                     \
         NULL,                                                                                     \
         MCP_SETTING_RELOADABLE,                                                                   \
         "0.1",                                                                                    \
         "http://[USER:PASSWORD@]HOST:PORT of a proxy that connects to the endpoint."},            \
    {                                                                                              \
        section, "plaintext", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_RELOADABLE, "0.1",      \
            "Speak without TLS, which is possible to this machine only; for tests."                \
    }

/** McpGapiAccess: how a service is reached, as the settings say. Zeroed to begin with. */
typedef struct {
    McpSettings *settings; /* own the strings; not owned */
    const char *section;
    const char *endpoint;
    const char *proxy;        /* nullable */
    char *authorities;        /* nullable: PEM */
    McpOauthAccount *account; /* nullable */
    const McpSecret *api_key; /* nullable */
    gboolean plaintext;
} McpGapiAccess;

/** mcp_gapi_access_is_wanted: whether @section says whom to ask. */
gboolean mcp_gapi_access_is_wanted(McpSettings *settings, const char *section);
/**
 * mcp_gapi_access_read: reads and checks the rows and the files they name. @settings and @section
 * (static) outlive @access.
 *
 * Returns: FALSE with MCP_ERROR_INVALID or REFUSED; the message names key and origin.
 */
gboolean mcp_gapi_access_read(McpGapiAccess *access, McpSettings *settings, const char *section,
                              GError **error);
/** mcp_gapi_access_clear: frees what it holds. */
void mcp_gapi_access_clear(McpGapiAccess *access);
/** mcp_gapi_access_blame: puts the key, and where it was set, before what is wrong with it. */
void mcp_gapi_access_blame(const McpGapiAccess *access, const char *key, GError **error);
/** mcp_gapi_access_get_text: (transfer none) (nullable): of any key of the section; NULL if empty.
 */
const char *mcp_gapi_access_get_text(const McpGapiAccess *access, const char *key);
/** mcp_gapi_access_get_number: reads a key as a number between two bounds. */
gboolean mcp_gapi_access_get_number(const McpGapiAccess *access, const char *key, double least,
                                    double most, double *out_value, GError **error);

G_END_DECLS
