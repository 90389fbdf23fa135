/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's fake, as a provider of the credentials suite. */
#include "credentials_suite.h"
#include "harness.h"

static guint number;

static void
change(McpCredentials *credentials)
{
    g_autoptr(GBytes) pem = g_bytes_new_static("pem", 3);
    g_autofree char *serial = g_strdup_printf("%02X", ++number);
    g_autoptr(McpCredentialSet) set = mcp_credential_set_new(
        &(McpCredentialParts){.name = "x", .certificates = pem, .key = pem, .serial = serial});

    fake_credentials_put(FAKE_CREDENTIALS(credentials), set);
}

static McpCredentials *
open_fake(void)
{
    McpCredentials *credentials = MCP_CREDENTIALS(fake_credentials_new());

    change(credentials);
    return credentials;
}

static void
close_fake(McpCredentials *credentials)
{
    g_assert_finalize_object(credentials);
}

const CredentialsProvider credentials_provider = {
    .name = "fake", .open = open_fake, .change = change, .close = close_fake};
