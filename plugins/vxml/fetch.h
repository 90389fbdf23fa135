/* SPDX-License-Identifier: Apache-2.0 */
/* What a page has fetched, and how; plain data. */
#pragma once
#include "submission.h"

G_BEGIN_DECLS

/** McpVxmlFetch: what is to be fetched, and how (VoiceXML 2.0 §6.1). Times in µs, ages in s. */
typedef struct {
    char *url; /* absolute, without fragment */
    char *method;
    char *content_type;            /* nullable */
    McpVxmlSubmission *submission; /* nullable: body that may need recordings */
    gint64 timeout;                /* 0: configured */
    gint64 max_age;                /* -1: not said */
    gint64 max_stale;
} McpVxmlFetch;

/** mcp_vxml_fetch_clear: frees what it holds. */
void mcp_vxml_fetch_clear(McpVxmlFetch *fetch);

/** McpVxmlResource: kinds of what a page is made of. */
typedef enum {
    MCP_VXML_RESOURCE_DOCUMENT,
    MCP_VXML_RESOURCE_AUDIO,
    MCP_VXML_RESOURCE_SCRIPT,
    MCP_VXML_RESOURCE_GRAMMAR,
} McpVxmlResource;

/** McpVxmlPrefetch: something that may be fetched before it is needed (§6.1.1, fetchhint). */
typedef struct {
    McpVxmlResource resource;
    McpVxmlFetch fetch;
} McpVxmlPrefetch;

G_END_DECLS
