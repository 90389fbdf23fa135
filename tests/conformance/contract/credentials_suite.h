/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/credentials.h>

G_BEGIN_DECLS

/** CredentialsProvider: makes what the suite is run against: a provider with a set "x". */
typedef struct {
    const char *name;
    McpCredentials *(*open)(void);
    void (*change)(McpCredentials *credentials); /* puts another state of "x" into force */
    void (*close)(McpCredentials *credentials);
} CredentialsProvider;

extern const CredentialsProvider credentials_provider;

G_END_DECLS
