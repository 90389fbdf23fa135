/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <object> as a form item (VoiceXML 2.0 §2.3.5): what is asked of a plugin, and what it gives. On
 * the machine's thread.
 */
#include <string.h>

#include "interpreter_scopes.h"

static gboolean
write_parameter(McpVxmlInterpreter *interpreter, McpJson *json, const McpVxmlElement *param)
{
    McpScriptCode *code = mcp_vxml_element_code(param, "expr");
    const char *kind = mcp_vxml_element_get(param, "valuetype");
    g_autofree char *value = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "name", mcp_vxml_element_get(param, "name"));
    if (code != NULL) {
        g_auto(McpScriptValue) result = {0};

        if (!mcp_vxml_eval(interpreter, code, &result))
            return FALSE;
        value = mcp_vxml_value_to_json(&result);
        mcp_json_raw(json, "value", value);
    } else if (g_strcmp0(kind, "ref") == 0) {
        /* §2.5: a reference stands for a resource; relative ones are of the page. */
        value = mcp_xml_resolve(param->node, mcp_vxml_element_get(param, "value"));
        mcp_json_string(json, "value", value);
    } else {
        mcp_json_string(json, "value", mcp_vxml_element_get(param, "value"));
    }
    mcp_json_string(json, "valuetype", kind != NULL ? kind : "data");
    mcp_json_string(json, "type", mcp_vxml_element_get(param, "type"));
    mcp_json_end_object(json);
    return TRUE;
}

static char *
write_parameters(McpVxmlInterpreter *interpreter, const McpVxmlElement *object)
{
    g_autoptr(McpJson) json = mcp_json_new();

    mcp_json_begin_array(json, NULL);
    for (const McpVxmlElement *child = object->first; child != NULL; child = child->next)
        if (child->kind == MCP_VXML_PARAM && !write_parameter(interpreter, json, child))
            return NULL;
    mcp_json_end_array(json);
    return mcp_json_finish(g_steal_pointer(&json));
}

static char *
copy(const McpVxmlElement *element, const char *name)
{
    return g_strdup(mcp_vxml_element_get(element, name));
}

void
mcp_vxml_visit_object(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    const McpVxmlElement *element = item->element;
    McpVxmlObjectCall *call = &interpreter->action.object;
    const char *classid = mcp_vxml_element_get(element, "classid");
    const char *data = mcp_vxml_element_get(element, "data");
    g_autofree char *parameters = NULL;

    if (classid == NULL) {
        mcp_vxml_throw(interpreter, "error.unsupported.objectname", "<object> in line %u has none",
                       element->line);
        return;
    }
    parameters = write_parameters(interpreter, element);
    if (parameters == NULL)
        return;
    call->classid = g_strdup(classid);
    call->codebase = copy(element, "codebase");
    call->codetype = copy(element, "codetype");
    call->data = data != NULL ? mcp_xml_resolve(element->node, data) : NULL;
    call->type = copy(element, "type");
    call->archive = copy(element, "archive");
    call->parameters = g_steal_pointer(&parameters);
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "object", element, classid);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_OBJECT);
}

void
mcp_vxml_form_invoked(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    McpVxmlItem *item = interpreter->context->current;
    GError *error = NULL;

    if (mcp_vxml_check(interpreter,
                       mcp_script_set_json(interpreter->context->script, "dialog", item->name,
                                           outcome->result, &error),
                       &error))
        mcp_vxml_form_filled(interpreter, item);
}
