/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <transfer> as a form item (VoiceXML 2.0 §2.3.7, 2.1 §7): what is asked of the outside, and what
 * comes back. On the machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

/* 2.1 §7: type takes the place of bridge; without both it is blind. */
static gboolean
find_type(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
          McpVxmlTransferType *out_type)
{
    const char *type = mcp_vxml_element_get(element, "type");

    if (type == NULL)
        *out_type = mcp_vxml_element_get_bool(element, "bridge", FALSE) ? MCP_VXML_TRANSFER_BRIDGE
                                                                        : MCP_VXML_TRANSFER_BLIND;
    else if (strcmp(type, "bridge") == 0)
        *out_type = MCP_VXML_TRANSFER_BRIDGE;
    else if (strcmp(type, "blind") == 0)
        *out_type = MCP_VXML_TRANSFER_BLIND;
    else if (strcmp(type, "consultation") == 0)
        *out_type = MCP_VXML_TRANSFER_CONSULTATION;
    else
        return mcp_vxml_throw(interpreter, "error.badfetch", "type \"%s\" of <transfer>", type);
    return TRUE;
}

void
mcp_vxml_visit_transfer(McpVxmlInterpreter *interpreter, McpVxmlItem *item)
{
    const McpVxmlElement *element = item->element;
    const char *connect = mcp_vxml_element_get(element, "connecttimeout");
    const char *max_time = mcp_vxml_element_get(element, "maxtime");
    const char *audio = mcp_vxml_element_get(element, "transferaudio");
    McpVxmlTransferType type = MCP_VXML_TRANSFER_BLIND;
    g_autofree char *dest = NULL;
    g_autofree char *aai = NULL;
    McpVxmlTransfer *transfer = &interpreter->action.transfer;

    if (!find_type(interpreter, element, &type) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "dest", "destexpr", &dest) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "aai", "aaiexpr", &aai) ||
        !mcp_vxml_activate_grammars(interpreter))
        return;
    mcp_vxml_fill_timing(interpreter, &interpreter->action.timing);
    transfer->type = type;
    transfer->connect_timeout = -1;
    if (connect != NULL)
        mcp_vxml_time(connect, &transfer->connect_timeout);
    if (max_time != NULL)
        mcp_vxml_time(max_time, &transfer->max_time);
    g_clear_pointer(&transfer->dest, g_free);
    transfer->dest = g_strdup(g_strstrip(dest));
    g_clear_pointer(&transfer->aai, g_free);
    transfer->aai = g_steal_pointer(&aai);
    g_clear_pointer(&transfer->audio, g_ptr_array_unref);
    if (audio != NULL && *audio != '\0')
        transfer->audio = mcp_vxml_clip(interpreter, audio);
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "transfer", element, transfer->dest);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_TRANSFER);
}

static gboolean
set_shadow(McpVxmlInterpreter *interpreter, const McpVxmlItem *item, const McpVxmlOutcome *outcome)
{
    McpScript *script = interpreter->context->script;
    g_autofree char *shadow = g_strconcat(item->name, "$", NULL);
    g_autofree char *duration = g_strconcat(item->name, "$.duration", NULL);
    gboolean heard = outcome->utterance != NULL;
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    GError *error = NULL;
    gboolean ok;

    mcp_json_begin_object(json, NULL);
    if (heard) {
        mcp_json_string(json, "inputmode", outcome->input_mode);
        mcp_json_string(json, "utterance", outcome->utterance);
    }
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    ok = mcp_script_set_json(script, "dialog", shadow, text, &error) &&
         mcp_script_set_number(script, "dialog", duration,
                               (double)outcome->duration / G_USEC_PER_SEC, &error) &&
         mcp_script_set_string(script, "dialog", item->name, outcome->result, &error);
    return mcp_vxml_check(interpreter, ok, &error);
}

void
mcp_vxml_form_transferred(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    McpVxmlItem *item = interpreter->context->current;

    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "transferred", item->element, outcome->result);
    if (outcome->utterance != NULL) {
        mcp_vxml_take_match(interpreter, outcome);
        if (!mcp_vxml_set_last_result(interpreter))
            return;
    }
    if (set_shadow(interpreter, item, outcome))
        mcp_vxml_form_filled(interpreter, item);
}
