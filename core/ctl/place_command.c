/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "mcpctl call place": options in their order become the steps of the call, its events are followed
 * to the end, and what was expected decides the exit status. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

#include <stdlib.h>

static JsonArray *steps; /* built by the option callbacks, in the order of the options */
static guint expected_status;
static char *from;
static char *uui;
static char *record_file;
static char *timeout_text;
static char *deadline_text;
static char *dialog_name;
static char **parameters;
static gboolean watch_all;

static gboolean
add_step(JsonObject *step)
{
    if (steps == NULL)
        steps = json_array_new();
    json_array_add_object_element(steps, step);
    return TRUE;
}

static gboolean
on_dtmf(const char *name, const char *value, gpointer data, GError **error)
{
    JsonObject *step = json_object_new();

    json_object_set_string_member(step, "send", value);
    return add_step(step);
}

static gboolean
on_play(const char *name, const char *value, gpointer data, GError **error)
{
    JsonObject *step = json_object_new();
    g_autofree char *path = g_canonicalize_filename(value, NULL);

    json_object_set_string_member(step, "play", path);
    return add_step(step);
}

static gboolean
on_wait(const char *name, const char *value, gpointer data, GError **error)
{
    JsonObject *step = json_object_new();

    json_object_set_string_member(step, "wait", value);
    return add_step(step);
}

static gboolean
on_hangup(const char *name, const char *value, gpointer data, GError **error)
{
    JsonObject *step = json_object_new();

    json_object_set_boolean_member(step, "hangup", TRUE);
    return add_step(step);
}

/* "WORD[=VALUE]" of an expectation. */
static void
set_expectation(JsonObject *step, const char *text)
{
    g_auto(GStrv) pair = g_strsplit(text, "=", 2);

    json_object_set_string_member(step, "expect", pair[0] != NULL ? pair[0] : "");
    if (g_strcmp0(pair[0], "status") == 0 && pair[1] != NULL) {
        expected_status = (guint)g_ascii_strtoull(pair[1], NULL, 10);
        json_object_set_int_member(step, "status", expected_status);
    } else if (g_strcmp0(pair[0], "digits") == 0 && pair[1] != NULL) {
        json_object_set_string_member(step, "digits", pair[1]);
    } else if (g_strcmp0(pair[0], "progress") == 0 && pair[1] != NULL) {
        json_object_set_string_member(step, "verdict", pair[1]);
    }
}

/* "audio", "audio,for=1s,timeout=20s", "status=486", "digits=12" … */
static gboolean
on_expect(const char *name, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    JsonObject *step = json_object_new();

    set_expectation(step, parts[0] != NULL ? parts[0] : "");
    for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++) {
        if (g_str_has_prefix(parts[i], "for=")) {
            json_object_set_string_member(step, "for", parts[i] + 4);
        } else if (g_str_has_prefix(parts[i], "timeout=")) {
            json_object_set_string_member(step, "timeout", parts[i] + 8);
        } else if (g_str_has_prefix(parts[i], "country=")) {
            json_object_set_string_member(step, "country", parts[i] + 8);
        } else {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "--expect: \"%s\" is none of for=TIME, timeout=TIME, country=CODE",
                        parts[i]);
            json_object_unref(step);
            return FALSE;
        }
    }
    return add_step(step);
}

#define CALLBACK(func) G_OPTION_ARG_CALLBACK, (gpointer)(func)

static const GOptionEntry place_options[] = {
    {"expect", 'e', 0, CALLBACK(on_expect),
     "Wait for answered, audio, silence, hangup, digits=12, status=486 or progress=busy "
     "(fast-busy, "
     "sit, fax, modem, machine, person, silence); progress takes country=US, audio and silence "
     "take "
     "\",for=1s\", all take \",timeout=20s\"",
     "WHAT"},
    {"dtmf", 'd', 0, CALLBACK(on_dtmf), "Send digits (RFC 4733); p pauses 500 ms, commas are free",
     "1,p,2#"},
    {"play", 'p', 0, CALLBACK(on_play), "Play a file that mcpd can read", "FILE"},
    {"wait", 'w', 0, CALLBACK(on_wait), "Wait", "TIME"},
    {"hangup", 0, G_OPTION_FLAG_NO_ARG, CALLBACK(on_hangup), "Hang up (also after the last step)",
     NULL},
    {"record", 'r', 0, G_OPTION_ARG_FILENAME, &record_file, "Save what was heard", "FILE"},
    {"from", 0, 0, G_OPTION_ARG_STRING, &from, "Who calls", "URI"},
    {"uui", 0, 0, G_OPTION_ARG_STRING, &uui, "Tell the other side this (User-to-User, RFC 7433)",
     "TEXT"},
    {"timeout", 0, 0, G_OPTION_ARG_STRING, &timeout_text, "For all steps together", "TIME"},
    {"deadline", 0, 0, G_OPTION_ARG_STRING, &deadline_text, "For an answer (default: 60s)", "TIME"},
    {"dialog", 0, 0, G_OPTION_ARG_STRING, &dialog_name,
     "Run this dialog on the call instead of steps", "NAME"},
    {"parameter", 0, 0, G_OPTION_ARG_STRING_ARRAY, &parameters, "Parameter of the dialog",
     "NAME=VALUE"},
    {"watch-all", 0, 0, G_OPTION_ARG_NONE, &watch_all,
     "Also show what other calls of this mcpd say and hear", NULL},
    {NULL},
};

typedef struct {
    const McpCtlContext *context;
    char *id;
    JsonObject *record; /* nullable until the call has ended */
} Following;

static void
set_text(JsonObject *object, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_string_member(object, name, value);
}

static void
set_parameters(JsonObject *body)
{
    JsonObject *object = NULL;

    if (parameters == NULL)
        return;
    object = json_object_new();
    for (guint i = 0; parameters[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(parameters[i], "=", 2);

        if (pair[0] != NULL)
            json_object_set_string_member(object, pair[0], pair[1] != NULL ? pair[1] : "");
    }
    json_object_set_object_member(body, "parameters", object);
}

static char *
make_body(const char *target)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *body = json_object_new();

    json_node_take_object(node, body);
    set_text(body, "target", target);
    set_text(body, "from", from);
    set_text(body, "uui", uui);
    set_text(body, "timeout", timeout_text);
    set_text(body, "deadline", deadline_text);
    set_text(body, "dialog", dialog_name);
    set_parameters(body);
    if (steps != NULL)
        json_object_set_array_member(body, "steps", json_array_ref(steps));
    if (record_file != NULL) {
        g_autofree char *uuid = g_uuid_string_random();
        g_autofree char *name = g_strdup_printf("mcpctl-%s.wav", uuid);

        set_text(body, "record", name);
    }
    return json_to_string(node, FALSE);
}

static void
print_step(JsonObject *event, const char *what)
{
    g_autofree char *time = mcp_ctl_text(event, "time");
    g_autofree char *clock = mcp_ctl_clock(time);
    g_autofree char *step = mcp_ctl_text(event, "step");
    g_autofree char *detail = mcp_ctl_text(event, "detail");
    gboolean detailed = strcmp(detail, "-") != 0;

    if (strcmp(what, "step") == 0)
        g_print("%s  ...   %s\n", clock, step);
    else
        g_print("%s  %s  %s%s%s  (%d ms)\n", clock,
                strcmp(what, "step-passed") == 0 ? "ok  " : "FAIL", step, detailed ? ": " : "",
                detailed ? detail : "", (int)mcp_ctl_int(event, "duration_ms"));
}

static gboolean
on_event(JsonObject *event, const char *json, gpointer data)
{
    Following *following = data;
    g_autofree char *type = mcp_ctl_text(event, "type");
    g_autofree char *what = mcp_ctl_text(event, "what");
    g_autofree char *call = mcp_ctl_text(event, strcmp(type, "call-record") == 0 ? "id" : "call");
    gboolean ours = FALSE;

    /* The new call's arrival is the first event of all. */
    if (following->id == NULL)
        following->id = g_strdup(call);
    ours = strcmp(call, following->id) == 0;
    if (ours && strcmp(type, "call-record") == 0) {
        following->record = json_object_ref(event);
        return FALSE;
    }
    if (following->context->json)
        return TRUE;
    if (ours && g_str_has_prefix(what, "step"))
        print_step(event, what);
    else
        mcp_ctl_print_event(event, watch_all);
    return TRUE;
}

/* NULL when all is as expected, else (transfer full) why not. */
static char *
judge(JsonObject *record)
{
    JsonObject *result = mcp_ctl_object(record, "result");
    JsonObject *value = mcp_ctl_object(result, "value");
    guint status = (guint)mcp_ctl_int(record, "status");
    g_autofree char *reason = mcp_ctl_text(record, "end_reason");

    if (expected_status != 0 && status != expected_status)
        return g_strdup_printf("ended with status %u, expected %u", status, expected_status);
    if (expected_status >= 300)
        return NULL;
    if (!json_object_has_member(record, "answered"))
        return g_strdup_printf("not answered: %u %s", status, reason);
    if (value != NULL && !json_object_get_boolean_member_with_default(value, "ok", TRUE))
        return mcp_ctl_text(value, "failure");
    if (json_object_get_boolean_member_with_default(result, "failed", FALSE))
        return g_strdup(reason);
    return NULL;
}

static McpCtlExit
save_recording(const McpCtlContext *context, JsonObject *record)
{
    JsonObject *value = mcp_ctl_object(mcp_ctl_object(record, "result"), "value");
    const char *name =
        value != NULL ? json_object_get_string_member_with_default(value, "recording", NULL) : NULL;
    g_autofree char *escaped = name != NULL ? mcp_ctl_escape(name) : NULL;
    g_autofree char *path = NULL;

    if (record_file == NULL || !json_object_has_member(record, "answered"))
        return MCP_CTL_OK;
    if (escaped == NULL) {
        g_printerr("mcpctl: nothing was recorded\n");
        return MCP_CTL_FAILED;
    }
    path = g_strconcat("/recordings/", escaped, NULL);
    return mcp_ctl_client_download(context->client, path, NULL, record_file);
}

static void
print_verdict(const McpCtlContext *context, JsonObject *record, const char *failure)
{
    g_autofree char *id = mcp_ctl_text(record, "id");
    g_autofree char *ended_by = mcp_ctl_text(record, "ended_by");
    g_autofree char *reason = mcp_ctl_text(record, "end_reason");

    if (context->json) {
        g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
        JsonObject *object = json_object_new();

        json_node_take_object(node, object);
        json_object_set_boolean_member(object, "ok", failure == NULL);
        set_text(object, "failure", failure);
        set_text(object, "recording", record_file);
        json_object_set_object_member(object, "record", json_object_ref(record));
        mcp_ctl_print_json(node);
        return;
    }
    g_print("call %s: status %d, %d ms, ended by %s (%s)\n", id, (int)mcp_ctl_int(record, "status"),
            (int)mcp_ctl_int(record, "duration_ms"), ended_by, reason);
    if (record_file != NULL && failure == NULL)
        g_print("recording  %s\n", record_file);
    if (failure == NULL)
        g_print("PASSED\n");
    else
        g_print("FAILED: %s\n", failure);
}

static McpCtlExit
run_place(const McpCtlContext *context)
{
    Following following = {.context = context};
    g_autofree char *body = make_body(context->args[0]);
    g_autofree char *failure = NULL;
    McpCtlExit result = mcp_ctl_client_stream(
        context->client, "POST", watch_all ? "/calls?follow=true&watch=all" : "/calls?follow=true",
        body, on_event, &following);

    if (result == MCP_CTL_OK && following.record == NULL) {
        g_printerr("mcpctl: mcpd went away during the call\n");
        result = MCP_CTL_NO_CONNECTION;
    }
    if (result == MCP_CTL_OK) {
        failure = judge(following.record);
        if (save_recording(context, following.record) != MCP_CTL_OK && failure == NULL)
            failure = g_strdup("the recording could not be saved");
        print_verdict(context, following.record, failure);
        result = failure == NULL ? MCP_CTL_OK : MCP_CTL_FAILED;
    }
    g_free(following.id);
    g_clear_pointer(&following.record, json_object_unref);
    g_clear_pointer(&steps, json_array_unref);
    return result;
}

const McpCtlCommand mcp_ctl_place_commands[] = {
    {"call place", "URI", "Places a call, does its steps in the order given, and judges it.", 1, 1,
     place_options, run_place},
    {NULL},
};
