/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions against fakes: refusals, failures of fetches, hang-ups, forms sent, results. */
#include <mcp/log.h>
#include <string.h>

#include "session_run.h"

#define PAGE(body) "<vxml version='2.1' xmlns='" MCP_VXML_NS "'>" body "</vxml>"

static void
test_first_page(void)
{
    static const struct {
        const char *page;
        guint status; /* HTTP; 1: a time-out, 200: the page */
        const char *reason;
    } cases[] = {
        {NULL, 404, "500 http 404 from http://localhost/vxml/p.vxml"},
        {NULL, 0, "500 no answer from"},
        {"<vxml", 200, "500 http://localhost/vxml/p.vxml:1:"},
        {PAGE("<form><nothing/></form>"), 200, "500 http://localhost/vxml/p.vxml:1: <nothing>"},
        {"<vxml version='2.0' application='root.vxml' xmlns='" MCP_VXML_NS "'><form/></vxml>", 200,
         "500 http 404 from http://localhost/vxml/root.vxml"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = session_run_new();

        if (cases[i].page != NULL)
            fake_fetcher_add_page(run->fetcher, "p.vxml", cases[i].page);
        else
            fake_fetcher_add_status(run->fetcher, "p.vxml", cases[i].status);
        g_assert_false(session_run(run, "p.vxml"));
        g_assert_true(run->refused);
        if (!g_str_has_prefix(run->reason, cases[i].reason))
            g_error("\"%s\" is not \"%s\"", run->reason, cases[i].reason);
    }
}

static void
test_later_pages(void)
{
    static const struct {
        guint status;
        const char *event;
    } cases[] = {{404, "error.badfetch.http.404"},
                 {503, "error.badfetch.http.503"},
                 {0, "error.badfetch"},
                 {200, "error.badfetch"}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = session_run_new();
        g_autofree char *expected = g_strdup_printf("\"%s\"", cases[i].event);

        fake_fetcher_add_page(run->fetcher, "p.vxml",
                              PAGE("<form><block><goto next='q.vxml'/></block></form>"
                                   "<catch><exit expr='_event'/></catch>"));
        if (cases[i].status != 200)
            fake_fetcher_add_status(run->fetcher, "q.vxml", cases[i].status);
        else
            fake_fetcher_add_page(run->fetcher, "q.vxml", "<vxml/>");
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpstr(run->result, ==, expected);
    }
}

static void
test_body(void)
{
    static const struct {
        const char *content;
        const char *body;
        const char *reason;
    } cases[] = {
        {"<exit/>", "__reason=exit", "exit"},
        {"<exit expr=\"'done'\"/>", "__exit=%22done%22&__reason=exit", "exit"},
        {"<exit namelist='pin errors'/>", "pin=1234&errors=0&__reason=exit", "exit"},
        {"<disconnect namelist='pin'/>", "pin=1234&__reason=disconnect", "disconnect"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SessionRun) run = session_run_new();
        g_autofree char *page =
            g_strdup_printf(PAGE("<var name='pin' expr='1234'/><var name='errors' expr='0'/>"
                                 "<form><block>bye%s</block></form>"),
                            cases[i].content);

        fake_fetcher_add_page(run->fetcher, "p.vxml", page);
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_cmpstr(run->body, ==, cases[i].body);
        g_assert_cmpstr(run->reason, ==, cases[i].reason);
        g_assert_true(session_run_heard(run, "bye"));
        g_assert_false(run->failed);
    }
}

static void
test_hangup(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(
        run->fetcher, "p.vxml",
        PAGE("<form><field name='f' type='digits'><prompt>one</prompt></field></form>"
             "<catch event='connection.disconnect.hangup'>"
             "<submit next='bye.vxml' method='post' namelist='x'/></catch>"
             "<var name='x' expr=\"'a b'\"/>"));
    fake_fetcher_add_page(run->fetcher, "bye.vxml",
                          PAGE("<form><block>unheard<exit expr='5'/></block></form>"));
    session_run_script(run, "500ms hangup");
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "5");
    g_assert_false(session_run_heard(run, "unheard"));
    g_assert_cmpstr(fake_fetcher_get_log(run->fetcher)->pdata[1], ==,
                    "POST http://localhost/vxml/bye.vxml x=a+b");
}

/* A body of the other side is told of and disturbs nothing. */
static void
test_message(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml",
                          PAGE("<form><field name='f' type='digits'>one<filled>"
                               "<exit expr='f'/></filled></field></form>"));
    session_run_script(run, "1500ms info text/plain; 2s 4");
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "\"4\"");
    g_assert_true(session_run_told(run, "\"content_type\":\"text/plain\""));
}

/* A page that awaits input after the hang-up is at its end. */
static void
test_hangup_twice(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(
        run->fetcher, "p.vxml",
        PAGE("<form><field name='f' type='digits'/></form><catch><clear/></catch>"));
    session_run_script(run, "1s hangup");
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->reason, ==, "hangup");
    g_assert_cmpint(mcp_clock_now(run->clock), <, 20 * G_USEC_PER_SEC);
}

static void
test_recording_sent(void)
{
    g_autoptr(SessionRun) run = session_run_new();
    const char *sent;

    fake_fetcher_add_page(
        run->fetcher, "p.vxml",
        PAGE("<form><record name='r' maxtime='10s' beep='true'>speak<filled>"
             "<prompt>you said <audio expr='r'/></prompt>"
             "<submit next='q.vxml' namelist='r' method='post' enctype='multipart/form-data'/>"
             "</filled></record></form>"));
    fake_fetcher_add_page(run->fetcher, "q.vxml", PAGE("<form><block><exit/></block></form>"));
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_true(session_run_heard(run, "what the caller said"));
    sent = fake_fetcher_get_log(run->fetcher)->pdata[1];
    g_assert_true(g_str_has_prefix(sent, "POST http://localhost/vxml/q.vxml ------mcp"));
    g_assert_nonnull(strstr(sent, "Content-Type: audio/x-wav\r\n\r\nwhat the caller said\r\n"));
}

/* The type that the page asks for is that of the object, and of the form. */
static void
test_recording_types(void)
{
    static const struct {
        const char *asked;
        const char *sent;
    } rows[] = {{"audio/ogg", "Content-Type: audio/ogg\r\n"},
                {"audio/ogg; codecs=opus", "Content-Type: audio/ogg\r\n"},
                {"audio/mpeg", "Content-Type: audio/mpeg\r\n"},
                {"audio/L16", "Content-Type: audio/L16;rate=8000;channels=1\r\n"},
                {"audio/wav;codec=alaw", "Content-Type: audio/x-wav\r\n"}};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(SessionRun) run = session_run_new();
        g_autofree char *page =
            g_strdup_printf(PAGE("<form><record name='r' type='%s' maxtime='10s'><filled>"
                                 "<submit next='q.vxml' namelist='r' method='post' "
                                 "enctype='multipart/form-data'/></filled></record></form>"),
                            rows[i].asked);

        fake_fetcher_add_page(run->fetcher, "p.vxml", page);
        fake_fetcher_add_page(run->fetcher, "q.vxml", PAGE("<form><block><exit/></block></form>"));
        g_assert_true(session_run(run, "p.vxml"));
        g_assert_nonnull(strstr(fake_fetcher_get_log(run->fetcher)->pdata[1], rows[i].sent));
    }
}

static void
test_get_query(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml",
                          PAGE("<form><var name='v' expr=\"'1&amp;2'\"/><block>"
                               "<submit next='q.vxml?a=b#f' namelist='v'/></block></form>"));
    fake_fetcher_add_page(run->fetcher, "q.vxml",
                          PAGE("<form id='f'><block><exit expr='1'/></block></form>"));
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(fake_fetcher_get_log(run->fetcher)->pdata[1], ==,
                    "GET http://localhost/vxml/q.vxml?a=b&v=1%262");
}

static char *
big_script(const char *tail)
{
    g_autofree char *filler = g_strnfill(20000, ' ');

    return g_strdup_printf(PAGE("<script>var big = 1;%s</script>%s"), filler, tail);
}

/* Scripts above 16 KB, and all of a page with loops, run in the compute pool. The work
 * takes some 15 ms of CPU: more than 5 and less than 100 on whatever this runs on, busy or not. */
static void
test_compute(void)
{
    g_autofree char *page =
        big_script("<form><field name='f' type='digits'>one<noinput><script>"
                   "(function () { for (var i = 0; i &lt; 1000000; i++); })();"
                   "</script><reprompt/></noinput>"
                   "<noinput count='3'><exit expr='big + 1'/></noinput></field></form>");
    g_autoptr(SessionRun) run = session_run_new();

    run->compute = mcp_pool_new("compute", 2, 8);
    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "2");
    /* It has a loop, so it is there from the start: the page, and each of three noinputs. */
    g_assert_nonnull(strstr(run->state, "\"pool_runs\":4"));
}

/* Who hangs up while the session is in the pool is heard of when it is back. */
static void
test_compute_hangup(void)
{
    g_autofree char *page =
        big_script("<form><block><script>var t = Date.now(); while (Date.now() - t &lt; 20);"
                   "</script></block><field name='f' type='digits'>unheard</field></form>"
                   "<catch event='connection.disconnect.hangup'><exit expr='7'/></catch>");
    g_autoptr(SessionRun) run = session_run_new();

    run->compute = mcp_pool_new("compute", 1, 8);
    run->hangup_in_pool = TRUE;
    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "7");
    g_assert_false(session_run_heard(run, "unheard"));
}

/* The platform gives up on a page that goes on for ever after the hang-up. */
static void
test_final_deadline(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml",
                          PAGE("<form><field name='f' type='digits'/></form><catch>"
                               "<goto next='silent.vxml'/></catch>"));
    fake_fetcher_add_silence(run->fetcher, "silent.vxml");
    session_run_script(run, "1s hangup");
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->reason, ==, "final processing took too long");
    g_assert_true(run->failed);
}

/* The caller gives up while the first page is awaited: the fetch ends, nothing is left. */
static void
test_ended_while_fetching(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_silence(run->fetcher, "p.vxml");
    g_assert_false(session_run(run, "p.vxml"));
    g_assert_true(run->refused);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mcp_log_set_level(MCP_LOG_ERROR);
    g_test_add_func("/vxml/session/first-page", test_first_page);
    g_test_add_func("/vxml/session/later-pages", test_later_pages);
    g_test_add_func("/vxml/session/body", test_body);
    g_test_add_func("/vxml/session/hangup", test_hangup);
    g_test_add_func("/vxml/session/message", test_message);
    g_test_add_func("/vxml/session/hangup-twice", test_hangup_twice);
    g_test_add_func("/vxml/session/recording", test_recording_sent);
    g_test_add_func("/vxml/session/recording-types", test_recording_types);
    g_test_add_func("/vxml/session/query", test_get_query);
    g_test_add_func("/vxml/session/compute", test_compute);
    g_test_add_func("/vxml/session/compute-hangup", test_compute_hangup);
    g_test_add_func("/vxml/session/final-deadline", test_final_deadline);
    g_test_add_func("/vxml/session/ended-while-fetching", test_ended_while_fetching);
    return g_test_run();
}
