/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session's variables from outside: set and read by path, arrays by item, deep copies from one
 * session to another. The rules of script.h hold: one thread at a time, all under the limits.
 */
#pragma once

#include "script.h"

G_BEGIN_DECLS

typedef struct _McpScriptData McpScriptData;
typedef struct _McpScriptItems McpScriptItems;

/** mcp_script_set: sets from outside. @scope: (nullable): a scope's name, NULL for the innermost.
 * @path: a variable, declared when it is new, or a member below it ("field$.confidence"); missing
 * objects on the way are made. The text of an array or object is its JSON. Variables of a read-only
 * scope are set whole; what is below them is frozen. */
gboolean mcp_script_set(McpScript *script, const char *scope, const char *path,
                        const McpScriptValue *value, GError **error);
gboolean mcp_script_set_string(McpScript *script, const char *scope, const char *path,
                               const char *text, GError **error);
gboolean mcp_script_set_number(McpScript *script, const char *scope, const char *path,
                               double number, GError **error);
gboolean mcp_script_set_boolean(McpScript *script, const char *scope, const char *path,
                                gboolean boolean, GError **error);
gboolean mcp_script_set_json(McpScript *script, const char *scope, const char *path,
                             const char *json, GError **error);
gboolean mcp_script_set_undefined(McpScript *script, const char *scope, const char *path,
                                  GError **error);

/** mcp_script_set_described: as mcp_script_set_json(). @object: (array zero-terminated=1): the way
 * from the value to an object within; @text: a string beside that object, which is taken away and
 * becomes what the object is as a string. Without one of the two the value stays as it is. */
gboolean mcp_script_set_described(McpScript *script, const char *scope, const char *path,
                                  const char *json, const char *const *object, const char *text,
                                  GError **error);

/** mcp_script_set_document: sets a document that code reads through DOM Level 2 Core. @tree: JSON:
 * the children of the document, one of them an element: [local name, prefix, namespace, attributes,
 * children]. An attribute is [local name, prefix, namespace, value]; a child is an element, the
 * string of a text, or, by its nodeType, [4, data] a CDATA section, [7, data, target] a processing
 * instruction, [8, data] a comment. */
gboolean mcp_script_set_document(McpScript *script, const char *scope, const char *path,
                                 const char *tree, GError **error);

/** mcp_script_get: reads a variable or member; @scope: (nullable): NULL looks along the chain. */
gboolean mcp_script_get(McpScript *script, const char *scope, const char *path,
                        McpScriptValue *out_value, GError **error);

/** mcp_script_is_declared: @scope: (nullable): NULL looks along the chain. */
gboolean mcp_script_is_declared(McpScript *script, const char *scope, const char *name);

/** mcp_script_remove: removes a variable of @scope (NULL: the innermost), if it is there. */
void mcp_script_remove(McpScript *script, const char *scope, const char *name);

/** mcp_script_eval_items: evaluates to an array (else a TYPE error) and keeps its present items.
 * Returns: (transfer full) (nullable): to be freed before @script is. */
McpScriptItems *mcp_script_eval_items(McpScript *script, McpScriptCode *code, GError **error);
guint mcp_script_items_length(const McpScriptItems *items);

/** mcp_script_items_store: sets @name, declared in the innermost scope when nowhere else, to the
 * item itself (not a copy). */
gboolean mcp_script_items_store(McpScriptItems *items, guint index, const char *name,
                                GError **error);
void mcp_script_items_free(McpScriptItems *items);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpScriptItems, mcp_script_items_free)

/** mcp_script_export: a deep copy of @code's value, to be taken into another session; functions
 * are left out. Returns: (transfer full) (nullable). Any thread may hold and free it. */
McpScriptData *mcp_script_export(McpScript *script, McpScriptCode *code, GError **error);

/** mcp_script_import: sets a copy of @data as mcp_script_set() does. */
gboolean mcp_script_import(McpScript *script, const char *scope, const char *path,
                           const McpScriptData *data, GError **error);
/** mcp_script_data_size: Returns: bytes that the copy holds. */
gsize mcp_script_data_size(const McpScriptData *data);
void mcp_script_data_free(McpScriptData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpScriptData, mcp_script_data_free)

G_END_DECLS
