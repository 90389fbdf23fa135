/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's variables and properties, by scope. As interpreter_private.h.
 */
#pragma once
#include "interpreter_private.h"

G_BEGIN_DECLS

/* ecmascript_scopes.c */
gboolean mcp_vxml_open_application(McpVxmlInterpreter *interpreter);
gboolean mcp_vxml_open_document(McpVxmlInterpreter *interpreter);
gboolean mcp_vxml_open_dialog(McpVxmlInterpreter *interpreter);
void mcp_vxml_close_scopes(McpVxmlContext *context, guint keep);
gboolean mcp_vxml_eval(McpVxmlInterpreter *interpreter, McpScriptCode *code, McpScriptValue *out);
gboolean mcp_vxml_eval_string(McpVxmlInterpreter *interpreter, McpScriptCode *code, char **out);
gboolean mcp_vxml_eval_boolean(McpVxmlInterpreter *interpreter, McpScriptCode *code, gboolean *out);
/** mcp_vxml_condition: TRUE when there is no "cond" or it holds; an error is thrown, then FALSE. */
gboolean mcp_vxml_condition(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
/** mcp_vxml_attribute_or_expr: @plain, or the value of @expression; NULL with none or error. */
gboolean mcp_vxml_attribute_or_expr(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                                    const char *plain, const char *expression, char **out);
gboolean mcp_vxml_get_json(McpVxmlInterpreter *interpreter, const char *path, char **out_json);
gboolean mcp_vxml_check(McpVxmlInterpreter *interpreter, gboolean ok, GError **error);
gboolean mcp_vxml_item_is_set(McpVxmlInterpreter *interpreter, const McpVxmlItem *item);
/** mcp_vxml_value_to_json: (transfer full): "null" for undefined and functions. */
char *mcp_vxml_value_to_json(const McpScriptValue *value);
/** mcp_vxml_value_to_text: (transfer full): as by ToString; arrays and objects as JSON. */
char *mcp_vxml_value_to_text(const McpScriptValue *value);

/* properties.c */
const char *mcp_vxml_property(McpVxmlInterpreter *interpreter, const char *name);
/** mcp_vxml_property_at: (nullable): as it would be in force at @element of the present page. */
const char *mcp_vxml_property_at(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                                 const char *name);
/** mcp_vxml_language: (nullable): xml:lang in force, else the platform's. */
const char *mcp_vxml_language(McpVxmlInterpreter *interpreter, const McpVxmlElement *element);
/**
 * mcp_vxml_fill_engines: what is said to engines of @kind ("asr", "tts"): names by the property
 * mcp.KINDengine or com.genesyslab.KINDengine; parameters by those of vendors, which have dots.
 * @out_engines: cleared by mcp_vxml_engines_clear()
 */
void mcp_vxml_fill_engines(McpVxmlInterpreter *interpreter, const char *kind,
                           McpVxmlEngines *out_engines);
/** mcp_vxml_engines_clear: frees what it holds. */
void mcp_vxml_engines_clear(McpVxmlEngines *engines);
/** mcp_vxml_check_timing: FALSE, and error.semantic, when a time-out of input is no time. */
gboolean mcp_vxml_check_timing(McpVxmlInterpreter *interpreter);
gint64 mcp_vxml_property_time(McpVxmlInterpreter *interpreter, const char *name, gint64 fallback);
gboolean mcp_vxml_property_bool(McpVxmlInterpreter *interpreter, const char *name,
                                gboolean fallback);

G_END_DECLS
