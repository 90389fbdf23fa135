/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of session timers (RFC 4028) without a network: who refreshes, how often, when to end.
 */
#include "session_timer.h"

#include <string.h>

/* A message with these headers, parsed by the library. */
typedef struct {
    msg_t *msg;
    sip_t *sip;
} Message;

static Message
parse(const char *first, const char *headers)
{
    g_autofree char *text = g_strdup_printf(
        "%s\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n%sContent-Length: 0\r\n\r\n",
        first, headers);
    Message message = {msg_make(sip_default_mclass(), 0, text, (ssize_t)strlen(text)), NULL};

    g_assert_nonnull(message.msg);
    message.sip = sip_object(message.msg);
    return message;
}

typedef struct {
    const char *headers;
    McpSipTimerPolicy policy;
    gboolean refused;
    guint interval;
    McpSipRefresher refresher;
    const char *response; /* value of Session-Expires, NULL none */
} ServerRow;

#define TIMER "Supported: timer\r\n"
#define US MCP_SIP_REFRESHER_US
#define THEM MCP_SIP_REFRESHER_THEM

static const ServerRow server_rows[] = {
    /* §9, table 2 */
    {TIMER "Session-Expires: 300;refresher=uas\r\n",
     {0, 90, FALSE},
     FALSE,
     300,
     US,
     "300;refresher=uas"},
    {TIMER "Session-Expires: 300;refresher=uac\r\n",
     {0, 90, TRUE},
     FALSE,
     300,
     THEM,
     "300;refresher=uac"},
    {TIMER "Session-Expires: 300\r\n", {0, 90, FALSE}, FALSE, 300, THEM, "300;refresher=uac"},
    {TIMER "x: 300\r\n", {0, 90, TRUE}, FALSE, 300, US, "300;refresher=uas"},
    /* A proxy asked; the client knows nothing of it. */
    {"Session-Expires: 300;refresher=uac\r\n", {0, 90, FALSE}, FALSE, 300, US, "300;refresher=uas"},
    {"Session-Expires: 60\r\n", {0, 90, FALSE}, FALSE, 60, US, "60;refresher=uas"},
    /* Nobody asked. */
    {"", {0, 90, FALSE}, FALSE, 0, MCP_SIP_REFRESHER_NONE, NULL},
    {"", {1800, 90, FALSE}, FALSE, 1800, US, "1800;refresher=uas"},
    {TIMER, {1800, 90, FALSE}, FALSE, 1800, THEM, "1800;refresher=uac"},
    /* Shortened by us, but not below Min-SE; never lengthened. */
    {TIMER "Session-Expires: 3600\r\n", {1800, 90, FALSE}, FALSE, 1800, THEM, "1800;refresher=uac"},
    {TIMER "Session-Expires: 3600\r\nMin-SE: 2000\r\n",
     {1800, 90, FALSE},
     FALSE,
     2000,
     THEM,
     "2000;refresher=uac"},
    {TIMER "Session-Expires: 120\r\n", {1800, 90, FALSE}, FALSE, 120, THEM, "120;refresher=uac"},
    /* Too short. */
    {TIMER "Session-Expires: 89\r\n", {1800, 90, FALSE}, TRUE, 0, MCP_SIP_REFRESHER_NONE, NULL},
    {TIMER "Session-Expires: 4294967295\r\n",
     {0, 90, FALSE},
     FALSE,
     G_MAXINT32,
     THEM,
     "2147483647;refresher=uac"},
};

static void
test_server(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(server_rows); i++) {
        const ServerRow *row = &server_rows[i];
        Message message = parse("INVITE sip:c@d SIP/2.0", row->headers);
        McpSipSessionTimer timer = {0};
        g_autofree char *response = NULL;

        g_test_message("row %u", i);
        g_assert_cmpint(mcp_sip_session_timer_answer(&timer, &row->policy, message.sip), ==,
                        !row->refused);
        response = mcp_sip_session_timer_response(&timer);
        g_assert_cmpuint(timer.interval, ==, row->interval);
        g_assert_cmpint(timer.refresher, ==, row->refresher);
        g_assert_cmpstr(response, ==, row->response);
        msg_destroy(message.msg);
    }
}

static void
test_client(void)
{
    const McpSipTimerPolicy policy = {1800, 90, FALSE};
    Message refused = parse("SIP/2.0 422 Session Interval Too Small", "Min-SE: 3600\r\n");
    Message again = parse("SIP/2.0 422 Session Interval Too Small", "Min-SE: 600\r\n");
    Message theirs = parse("SIP/2.0 200 OK", "Session-Expires: 3600;refresher=uas\r\n");
    Message ours = parse("SIP/2.0 200 OK", "Session-Expires: 3600\r\n");
    Message none = parse("SIP/2.0 200 OK", "");
    McpSipSessionTimer timer = {0};
    g_autofree char *first = mcp_sip_session_timer_request(&timer, &policy);
    g_autofree char *second = NULL;
    g_autofree char *refresh = NULL;
    g_autofree char *reinvite = NULL;

    g_assert_cmpstr(first, ==, "1800");
    g_assert_true(mcp_sip_session_timer_raise(&timer, &policy, refused.sip));
    second = mcp_sip_session_timer_request(&timer, &policy);
    g_assert_cmpstr(second, ==, "3600");
    /* To ask for the same again would go on for ever. */
    g_assert_false(mcp_sip_session_timer_raise(&timer, &policy, again.sip));
    mcp_sip_session_timer_take(&timer, theirs.sip);
    reinvite = mcp_sip_session_timer_request(&timer, &policy);
    g_assert_cmpstr(reinvite, ==, "3600;refresher=uas");
    g_assert_cmpint(mcp_sip_session_timer_refresh_after(&timer), ==, 0);
    mcp_sip_session_timer_take(&timer, ours.sip);
    refresh = mcp_sip_session_timer_request(&timer, &policy);
    g_assert_cmpstr(refresh, ==, "3600;refresher=uac");
    g_assert_cmpint(mcp_sip_session_timer_refresh_after(&timer), ==, 1800 * (gint64)G_USEC_PER_SEC);
    g_assert_cmpint(mcp_sip_session_timer_expires_after(&timer), ==, 3568 * (gint64)G_USEC_PER_SEC);
    mcp_sip_session_timer_take(&timer, none.sip);
    g_assert_cmpuint(timer.interval, ==, 0);
    g_assert_cmpint(timer.refresher, ==, MCP_SIP_REFRESHER_NONE);
    msg_destroy(refused.msg);
    msg_destroy(again.msg);
    msg_destroy(theirs.msg);
    msg_destroy(ours.msg);
    msg_destroy(none.msg);
}

/* §10: the margin is a third of short intervals. */
static void
test_expiry(void)
{
    const McpSipSessionTimer timer = {90, MCP_SIP_REFRESHER_THEM, 0};

    g_assert_cmpint(mcp_sip_session_timer_expires_after(&timer), ==, 60 * G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/session-timer/server", test_server);
    g_test_add_func("/sip/session-timer/client", test_client);
    g_test_add_func("/sip/session-timer/expiry", test_expiry);
    return g_test_run();
}
