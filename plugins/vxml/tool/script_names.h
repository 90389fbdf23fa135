/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in a piece of ECMAScript: what it declares, what it uses, what it spells out. A reading
 * of tokens, not of grammar: where it cannot know, it takes a name for declared, so that nobody is
 * told of a fault that is none. One thread.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpVxmlNameUse: a variable that is read or written. */
typedef struct {
    char *name;
    char *path;       /* with the members behind it: "session.telephone.ani" */
    guint line;       /* from 0, in the text */
    gboolean guarded; /* behind typeof: need not exist */
} McpVxmlNameUse;

/** McpVxmlScriptNames: of one text. */
typedef struct {
    GPtrArray *uses;      /* McpVxmlNameUse: not those that the text declares itself */
    GHashTable *declared; /* char*: at whatever depth */
    GPtrArray *strings;   /* char*: literals */
    gboolean unclear;     /* eval or with: anything may be named */
    gboolean assigns;     /* an "=" that stands outside of brackets */
    gboolean literal;     /* nothing but one string */
} McpVxmlScriptNames;

/** mcp_vxml_script_names_new: (transfer full). */
McpVxmlScriptNames *mcp_vxml_script_names_new(const char *source);
void mcp_vxml_script_names_free(McpVxmlScriptNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlScriptNames, mcp_vxml_script_names_free)

G_END_DECLS
