/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "backend.h"

G_BEGIN_DECLS

/** McpGoogleVoiceList: the service's voices, asked for when they get old. Used on one context. */
typedef struct _McpGoogleVoiceList McpGoogleVoiceList;

/** mcp_google_voice_list_new: (transfer full): of @backend, which owns it. */
McpGoogleVoiceList *mcp_google_voice_list_new(McpGoogleBackend *backend);
/** mcp_google_voice_list_free: who waits is answered that there is none. */
void mcp_google_voice_list_free(McpGoogleVoiceList *list);
/** mcp_google_voice_list_get: @task (transfer full) gets the voices, NULL if they are not known. */
void mcp_google_voice_list_get(McpGoogleVoiceList *list, GTask *task);
/** mcp_google_voice_list_renew: asks if they are old or missing. */
void mcp_google_voice_list_renew(McpGoogleVoiceList *list);

G_END_DECLS
