/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler takes an event, and which prompt is due: one page each, run without media. */
#include <mcp/log.h>
#include <string.h>

#include "interpreter_private.h"
#include "session_run.h"

static void
test_names(void)
{
    g_assert_true(mcp_vxml_event_matches("error", "error.semantic"));
    g_assert_true(mcp_vxml_event_matches("help  error.badfetch", "error.badfetch.http.404"));
    g_assert_true(mcp_vxml_event_matches(NULL, "anything"));
    g_assert_true(mcp_vxml_event_matches(".", "anything"));
    g_assert_false(mcp_vxml_event_matches("err", "error"));
    g_assert_false(mcp_vxml_event_matches("error.badfetch", "error"));
    g_assert_false(mcp_vxml_event_matches("", "error"));
}

/* What the page @body exits with, the caller staying silent. */
static char *
result_of(const char *body)
{
    g_autofree char *page =
        g_strdup_printf("<vxml version='2.1' xmlns='" MCP_VXML_NS "'>%s</vxml>", body);
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    session_run(run, "p.vxml");
    return run->result != NULL ? g_strdup(run->result) : g_strdup(run->reason);
}

typedef struct {
    const char *body;
    const char *result;
} Case;

static void
run_cases(const Case *cases, guint n_cases)
{
    for (guint i = 0; i < n_cases; i++) {
        g_autofree char *result = result_of(cases[i].body);

        g_test_message("case %u", i);
        g_assert_cmpstr(result, ==, cases[i].result);
    }
}

static void
test_selection(void)
{
    static const Case cases[] = {
        /* Inner scopes come before outer ones. */
        {"<catch event='a'><exit expr='1'/></catch><form><catch event='a'><exit expr='2'/></catch>"
         "<block><throw event='a'/></block></form>",
         "2"},
        /* Within a scope the document's order decides. */
        {"<catch><exit expr='1'/></catch><catch event='a'><exit expr='2'/></catch>"
         "<form><block><throw event='a'/></block></form>",
         "1"},
        /* The highest count not above the counter wins, wherever it stands. */
        {"<catch event='a' count='2'><exit expr='2'/></catch><form><catch event='a'/>"
         "<block name='b'><throw event='a'/></block>"
         "<block><clear namelist='b'/><goto nextitem='c'/></block>"
         "<block name='c' expr='true'><throw event='a'/></block></form>",
         "exit"},
        {"<catch event='n' count='2'><exit expr='2'/></catch><catch event='n'>"
         "<assign name='b' expr='undefined'/></catch>"
         "<form><block name='b'><throw event='n.x'/></block></form>",
         "2"},
        /* Conditions are looked at before counts. */
        {"<catch event='a' cond='false'><exit expr='1'/></catch>"
         "<catch event='a' cond='nosuch'><exit expr='3'/></catch>"
         "<catch event='a'><exit expr='2'/></catch><form><block><throw event='a'/></block></form>",
         "2"},
        /* _event and _message. */
        {"<catch><exit expr=\"_event+'/'+_message\"/></catch>"
         "<form><block><throw event='a.b' message='m'/></block></form>",
         "\"a.b/m\""},
        {"<catch><exit expr='_message===undefined'/></catch>"
         "<form><block><throw eventexpr=\"'a'\"/></block></form>",
         "true"},
        /* Nobody handles it. */
        {"<form><block><throw event='a.b'/></block></form>", "a.b"},
        {"<form><block><transferr/></block></form>", "500 http://localhost/vxml/p.vxml:1: "
                                                     "<transferr> cannot stand in <block>"},
        /* An endless page. */
        {"<form id='f'><block><goto next='#f'/></block></form>"
         "<catch event='error.semantic'><exit expr='7'/></catch>",
         "7"},
        {"<form id='f'><block><goto next='#f'/></block></form><catch><goto next='#f'/></catch>",
         "endless loop without input"},
        {"<form id='f'><block><throw event='a'/></block><catch><throw event='a'/></catch></form>",
         "endless loop without input"},
        {"<form><field name='f' type='nonsense'>words</field><catch event='error'><reprompt/>"
         "</catch></form>",
         "endless loop without input"},
        {"<form><block><script>while(true);</script></block>"
         "<catch event='error.semantic'><exit expr='8'/></catch></form>",
         "8"},
        {"<form id='s'><subdialog src='#s'/>"
         "<catch event='error.semantic'><exit expr='9'/></catch></form>",
         "9"},
    };

    run_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_scopes(void)
{
    static const Case cases[] = {
        {"<var name='x' expr='1'/><form><var name='x' expr='2'/><block><var name='x' expr='3'/>"
         "<exit expr=\"'' + x + dialog.x + document.x + application.x\"/></block></form>",
         "\"3211\""},
        {"<form><block><assign name='session.connection.aai' expr='1'/></block>"
         "<catch event='error.semantic'><exit expr='1'/></catch></form>",
         "1"},
        {"<form><block><exit expr=\"'' + session.connection.protocol.sip.requesturi\"/></block>"
         "</form>",
         "\"sip:dialog@localhost;voicexml=x\""},
        {"<form><block><exit expr=\"session.connection.protocol.sip.headers['call-id']\"/></block>"
         "</form>",
         "\"abc\""},
        {"<form><block><var name='a' expr='[1,2,3]'/><var name='s' expr='0'/>"
         "<foreach item='i' array='a'><assign name='s' expr='s+i'/></foreach><exit expr='s'/>"
         "</block></form>",
         "6"},
        {"<form><var name='a' expr='1'/><var name='b' expr=\"'x'\"/><block>"
         "<exit namelist='a b'/></block></form>",
         "{\"a\":1,\"b\":\"x\"}"},
        {"<form><field name='f' type='digits'><prompt timeout='1s'/></field><noinput count='3'>"
         "<exit expr=\"'third'\"/></noinput></form>",
         "\"third\""},
    };

    run_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_prompts(void)
{
    static const char page[] =
        "<vxml version='2.0' xmlns='" MCP_VXML_NS "'><form><field name='f' type='digits'>"
        "<prompt count='1'>first</prompt><prompt count='1' cond='false'>never</prompt>"
        "<prompt count='3'>third <break time='1s'/> &amp; more</prompt>implied"
        "<noinput><reprompt/></noinput><noinput count='2'/>"
        "<noinput count='3'><reprompt/></noinput><noinput count='4'><exit/></noinput>"
        "</field></form></vxml>";
    g_autoptr(SessionRun) run = session_run_new();
    GPtrArray *heard = fake_leg_get_heard(run->leg);

    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    g_assert_true(session_run(run, "p.vxml"));
    /* Counter 1; then 2; the second no-input does not prompt again; then 3. */
    g_assert_cmpuint(heard->len, ==, 5);
    g_assert_cmpstr(heard->pdata[0], ==, "first");
    g_assert_cmpstr(heard->pdata[1], ==, "implied");
    g_assert_cmpstr(heard->pdata[2], ==, "first");
    g_assert_cmpstr(heard->pdata[3], ==, "implied");
    g_assert_nonnull(strstr(heard->pdata[4], "third <break time=\"1s\"></break> &amp; more"));
    g_assert_nonnull(strstr(heard->pdata[4], "xml:lang=\"en-US\""));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mcp_log_set_level(MCP_LOG_ERROR);
    g_test_add_func("/vxml/events/names", test_names);
    g_test_add_func("/vxml/events/selection", test_selection);
    g_test_add_func("/vxml/events/scopes", test_scopes);
    g_test_add_func("/vxml/events/prompts", test_prompts);
    return g_test_run();
}
