/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "resource.h"

G_BEGIN_DECLS

/** McpMrcpdGrammar: a compiled grammar, and what it was made of. Shared by reference. */
typedef struct {
    gint refs; /* one context */
    McpGrammarEngine *engine;
    McpGrammar *compiled;
    char *name; /* its URI, as results name it: "session:one@page" … */
    char *uri;  /* nullable: inline */
    char *text; /* nullable: by reference */
    char *type; /* nullable */
    char *base; /* nullable */
    double weight;
} McpMrcpdGrammar;

/** McpMrcpdLoaded: how it ended. */
typedef struct {
    GPtrArray *grammars; /* McpMrcpdGrammar, in the order of the request; NULL: it failed */
    guint cause;         /* of RFC 6787 §9.4.11 */
    const char *reason;
    const char *uri; /* nullable: that could not be had */
} McpMrcpdLoaded;

/** McpMrcpdLoadedFunc: once, maybe at once. */
typedef void (*McpMrcpdLoadedFunc)(const McpMrcpdLoaded *loaded, gpointer user_data);

/** McpMrcpdGrammars: the grammars of a channel by Content-ID (RFC 6787 §9.5.1). */
typedef struct _McpMrcpdGrammars McpMrcpdGrammars;

/** mcp_mrcpd_grammars_new: (transfer full). */
McpMrcpdGrammars *mcp_mrcpd_grammars_new(McpMrcpdResource *resource);
/** mcp_mrcpd_grammars_free: what is being loaded is not told any more. */
void mcp_mrcpd_grammars_free(McpMrcpdGrammars *grammars);
/**
 * mcp_mrcpd_grammars_load: fetches and compiles those in the body of @request; inline ones with an
 * id are kept. Text in it is passed over.
 */
void mcp_mrcpd_grammars_load(McpMrcpdGrammars *grammars, const McpMrcpMessage *request,
                             McpMrcpdLoadedFunc func, gpointer user_data);
/** mcp_mrcpd_grammars_forget: there is none with the id @id (in angles or not) any more. */
void mcp_mrcpd_grammars_forget(McpMrcpdGrammars *grammars, const char *id);
/** mcp_mrcpd_grammars_get_size: that are kept. */
guint mcp_mrcpd_grammars_get_size(const McpMrcpdGrammars *grammars);

G_END_DECLS
