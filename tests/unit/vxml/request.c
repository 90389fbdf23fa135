/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of the request-URI and session variables (RFC 5552 §2), forms. */
#include "request.h"

#include <string.h>

typedef struct {
    const char *page;
    const char *parameters; /* "name=value name=value" */
    guint status;           /* 0: fine */
} Case;

static GPtrArray *
make_parameters(const char *text)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (guint i = 0; words[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(words[i], "=", 2);

        if (pair[0] != NULL)
            g_ptr_array_add(list, mcp_header_new(pair[0], pair[1]));
    }
    return list;
}

/* As deep as JSON in a parameter may nest. */
#define SIXTEEN(c) c c c c c c c c c c c c c c c c
#define NESTED SIXTEEN("[") SIXTEEN("[") SIXTEEN("]") SIXTEEN("]")

static void
test_parameters(void)
{
    static const Case cases[] = {
        {NULL, "voicexml=http://h/p.vxml", 0},
        {NULL, "VoiceXML=http://h/p.vxml maxage=5 MAXSTALE=7 method=POST postbody=a", 0},
        {NULL, "voicexml=http://h/p aai={\"x\":1} ccxml=[1,2]", 0},
        {NULL, "voicexml=http://h/p aai=true gvp.config=x", 0},
        {"http://h/own", "", 0},
        {NULL, "", 400},
        {NULL, "voicexml=", 400},
        {NULL, "voicexml=nothing", 400},
        {NULL, "voicexml=http://h/p voicexml=http://h/q", 400},
        {NULL, "voicexml=http://h/p x=1 X=2", 400},
        {"http://h/own", "x=1 x=2", 400},
        {NULL, "voicexml=http://h/p maxage=-1", 400},
        {NULL, "voicexml=http://h/p maxstale=soon", 400},
        {NULL, "voicexml=http://h/p method=put", 400},
        {NULL, "voicexml=http://h/p aai={", 400},
        {NULL, "voicexml=http://h/p aai=" NESTED, 0},
        {NULL, "voicexml=http://h/p aai=[" NESTED "]", 400},
        {NULL, "voicexml=http://h/p ccxml=}", 400},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) parameters = make_parameters(cases[i].parameters);
        g_autoptr(McpVxmlRequest) request = g_new0(McpVxmlRequest, 1);
        g_autoptr(McpReject) reject = NULL;
        gboolean ok = mcp_vxml_request_parse(request, cases[i].page, parameters, &reject);

        g_test_message("case %u", i);
        g_assert_cmpuint(ok ? 0 : reject->status, ==, cases[i].status);
        g_assert_true(ok || reject->warning_text != NULL);
    }
}

static void
test_variables(void)
{
    g_autoptr(McpInvite) invite = mcp_invite_new();
    McpVxmlParties parties = {"sip:dialog@h", "sip:joe@h", FALSE, invite, "{\"x\":1}", NULL};
    g_autofree char *json = NULL;

    invite->sip_call_id = g_strdup("id@h");
    invite->from_uri = g_strdup("sip:joe@h");
    invite->to_uri = g_strdup("sip:dialog@h");
    invite->request_uri = g_strdup("sip:dialog@h;aai=%7b%22x%22:1%7d");
    g_ptr_array_add(invite->headers, mcp_header_new("X-One", "a"));
    g_ptr_array_add(invite->headers, mcp_header_new("x-one", "b\"\\"));
    g_ptr_array_add(invite->headers,
                    mcp_header_new("History-Info", "<sip:a@h>;index=1, <sip:b@h?Reason=SIP%3b"
                                                   "cause%3d302&Privacy=history>;index=1.1;si=q"));
    g_ptr_array_add(invite->uri_parameters, mcp_header_new("AAI", "{\"x\":1}"));
    g_ptr_array_add(invite->uri_parameters, mcp_header_new("Flag", NULL));
    json = mcp_vxml_session_variables(&parties);
    g_assert_nonnull(strstr(json, "\"x-one\":\"a, b\\\"\\\\\""));
    g_assert_nonnull(strstr(json, "\"aai\":{\"x\":1}"));
    g_assert_nonnull(strstr(json, "\"flag\":\"\""));
    g_assert_nonnull(strstr(json, "\"call-id\":\"id@h\""));
    g_assert_nonnull(strstr(json, "\"reason\":\"SIP;cause=302\""));
    g_assert_nonnull(strstr(json, "\"si\":\"q\""));
    /* The last diversion comes first. */
    g_assert_true(strstr(json, "sip:b@h?") < strstr(json, "\"uri\":\"sip:a@h\""));
}

static void
test_extra(void)
{
    g_autoptr(McpInvite) invite = mcp_invite_new();
    McpVxmlParties parties = {
        .local_uri = "a", .remote_uri = "b", .invite = invite, .call_id = "ours"};
    g_autofree char *plain = mcp_vxml_session_extra(&parties);
    g_autofree char *json = NULL;
    g_autofree char *connection = NULL;

    g_assert_cmpstr(plain, ==, "{\"genesyslab\":{\"sessionid\":\"ours\",\"userdata\":{}}}");
    g_ptr_array_add(invite->headers, mcp_header_new("X-Genesys-CallUUID", "u\"1"));
    g_ptr_array_add(invite->headers, mcp_header_new("x-genesys-calluuid", "second"));
    g_ptr_array_add(invite->headers, mcp_header_new("X-Genesys-", "nameless"));
    g_ptr_array_add(invite->headers, mcp_header_new("X-Genesys-GVP-Session-ID", "s;gvp.rm=x"));
    g_ptr_array_add(invite->headers, mcp_header_new("X-Other", "no"));
    json = mcp_vxml_session_extra(&parties);
    g_assert_cmpstr(json, ==,
                    "{\"genesyslab\":{\"sessionid\":\"s\",\"userdata\":{\"calluuid\":\"u\\\"1\","
                    "\"gvp-session-id\":\"s;gvp.rm=x\"}}}");
    invite->sip_call_id = g_strdup("id@h");
    connection = mcp_vxml_session_variables(&parties);
    g_assert_nonnull(strstr(connection, "\"callidref\":\"id@h\""));
    g_assert_nonnull(strstr(connection, "\"uuid\":\"u\\\"1\""));
}

static void
test_forms(void)
{
    g_autoptr(McpVxmlSubmission) form = mcp_vxml_submission_new();
    g_autofree char *text = NULL;
    g_autofree char *type = NULL;
    g_autoptr(GBytes) bytes = NULL;
    McpVxmlField *field;

    mcp_vxml_submission_add(form, "a b", "1&2=\xc3\xa4");
    mcp_vxml_submission_add(form, "c", "");
    text = mcp_vxml_submission_to_urlencoded(form);
    g_assert_cmpstr(text, ==, "a+b=1%262%3D%C3%A4&c=");
    g_assert_false(mcp_vxml_submission_has_recording(form));
    mcp_vxml_submission_add_recording(form, "r\"\r\n", "vxml/c/1.wav", "audio/x-wav");
    g_assert_true(mcp_vxml_submission_has_recording(form));
    field = mcp_vxml_submission_get_fields(form)->pdata[2];
    field->bytes = g_bytes_new_static("RIFF", 4);
    bytes = mcp_vxml_submission_to_multipart(form, &type);
    g_free(text);
    text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_nonnull(strstr(text, "name=\"r%22%0D%0A\"; filename=\"1.wav\"\r\n"
                                  "Content-Type: audio/x-wav\r\n\r\nRIFF\r\n"));
    g_assert_true(g_str_has_prefix(type, "multipart/form-data; boundary="));
    g_assert_nonnull(strstr(text, strchr(type, '=') + 1));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vxml/request/parameters", test_parameters);
    g_test_add_func("/vxml/request/variables", test_variables);
    g_test_add_func("/vxml/request/extra", test_extra);
    g_test_add_func("/vxml/request/forms", test_forms);
    return g_test_run();
}
