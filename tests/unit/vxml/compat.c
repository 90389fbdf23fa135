/* SPDX-License-Identifier: Apache-2.0 */
/* What pages of the big commercial platform rely on: messages, private input, reports, recording
 * the call, platform-wide handlers, and a refusal of what is not carried out. */
#include <mcp/log.h>
#include <string.h>

#include "session_run.h"

#define GVP "xmlns:gvp='" MCP_VXML_GVP_NS "'"
#define PAGE(body) "<vxml version='2.1' xmlns='" MCP_VXML_NS "' " GVP ">" body "</vxml>"
#define EVENTS "<property name='com.genesyslab.externalevents.enable' value='true'/>"
#define QUEUE "<property name='com.genesyslab.externalevents.queue' value='true'/>"
#define GAVE "<catch><exit expr='_event'/></catch>"

static SessionRun *
run_page(const char *page, const char *caller)
{
    SessionRun *run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    session_run_script(run, caller);
    session_run(run, "p.vxml");
    return run;
}

typedef struct {
    const char *page;
    const char *caller;
    const char *result;
    const char *sent; /* nullable: the only message */
} Case;

static void
run_cases(const Case *cases, guint n_cases)
{
    for (guint i = 0; i < n_cases; i++) {
        g_autoptr(SessionRun) run = run_page(cases[i].page, cases[i].caller);

        g_test_message("case %u: %s", i, run->reason);
        g_assert_cmpstr(run->result != NULL ? run->result : run->reason, ==, cases[i].result);
        if (cases[i].sent == NULL)
            continue;
        g_assert_cmpuint(run->sent->len, ==, 1);
        g_assert_cmpstr(run->sent->pdata[0], ==, cases[i].sent);
    }
}

static void
test_send(void)
{
    static const Case cases[] = {
        {PAGE("<form><block><gvp:send body='hello'/><exit expr='1'/></block></form>"), "", "1",
         "text/plain hello"},
        {PAGE("<form><block><send bodyexpr=\"'a'+1\" contenttype='application/x-a'/>"
              "<exit expr='1'/></block></form>"),
         "", "1", "application/x-a a1"},
        {PAGE("<form><var name='a' expr=\"'x y'\"/><block><send namelist='a' async='false'/>"
              "<exit expr='1'/></block></form>"),
         "", "1", "application/x-www-form-urlencoded a=x+y"},
        {PAGE("<form><var name='a' expr='2'/><block><send event='go.on' namelist='a'/>"
              "<exit expr='1'/></block></form>"),
         "", "1", "application/x-www-form-urlencoded event=go.on&a=2"},
        {PAGE("<form><block><send eventexpr=\"'e'\" body='b'/><exit expr='1'/></block></form>"), "",
         "1", "text/plain;event=e b"},
        /* What cannot be sent. */
        {PAGE("<form><block><send/></block></form>" GAVE), "", "\"error.badfetch\"", NULL},
        {PAGE("<form><block><send body='a' event='a b'/></block></form>" GAVE), "",
         "\"error.badfetch\"", NULL},
        {PAGE("<form><block><send body='a' contenttypeexpr=\"'a/b\\r\\nX: "
              "y'\"/></block></form>" GAVE),
         "", "\"error.badfetch\"", NULL},
        {PAGE("<form><block><send body='a' target='sip:a@b'/></block></form>" GAVE), "",
         "\"error.badfetch\"", NULL},
        {PAGE("<form><block><send bodyexpr='nosuch'/></block></form>" GAVE), "",
         "\"error.semantic\"", NULL},
        {PAGE("<form><block><send body='a' timeoutexpr=\"'soon'\"/></block></form>" GAVE), "",
         "\"error.semantic\"", NULL},
        {PAGE("<form><block><script>var b = 'x'.repeat(70000);</script><send bodyexpr='b'/>"
              "</block></form>" GAVE),
         "", "\"error.badfetch\"", NULL},
        /* One that sends without end is stopped like any loop. */
        {PAGE("<form id='f'><block><send body='a'/><goto next='#f'/></block></form>" GAVE), "",
         "\"error.semantic\"", NULL},
    };
    g_autoptr(SessionRun) run = NULL;

    run_cases(cases, G_N_ELEMENTS(cases));
    run = run_page(PAGE("<form><block><send body='a' bodyexpr='b'/></block></form>"), "");
    g_assert_true(run->refused);
}

static void
test_send_to_web(void)
{
    g_autoptr(SessionRun) run = session_run_new();
    GPtrArray *log = fake_fetcher_get_log(run->fetcher);

    fake_fetcher_add_page(run->fetcher, "in", "ok");
    fake_fetcher_add_status(run->fetcher, "no", 503);
    fake_fetcher_add_page(run->fetcher, "p.vxml",
                          PAGE("<form><block><send target='http://localhost/vxml/in' body='a'/>"
                               "<send target='http://localhost/vxml/no' body='b'/>"
                               "<send target='http://localhost/vxml/in' async='false' body='c'/>"
                               "<send target='http://localhost/vxml/no' async='false' body='d'/>"
                               "</block></form>" GAVE));
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "\"error.badfetch.http.503\"");
    g_assert_cmpuint(run->sent->len, ==, 0);
    g_assert_cmpuint(log->len, ==, 5);
    g_assert_cmpstr(log->pdata[1], ==, "POST http://localhost/vxml/in a");
    g_assert_cmpstr(log->pdata[2], ==, "POST http://localhost/vxml/no b");
    g_assert_cmpstr(log->pdata[3], ==, "POST http://localhost/vxml/in c");
    g_assert_cmpstr(log->pdata[4], ==, "POST http://localhost/vxml/no d");
}

#define LAST                                                                         \
    "var m = application.lastmessage$; var r = [m.contenttype, m.content, m.event, " \
    "typeof m.content].join('|');"
#define TELL "<script>" LAST "</script><exit expr='r'/>"
#define FIELD "<field name='f' type='digits'>one</field>"

static void
test_events(void)
{
    static const Case cases[] = {
        {PAGE(EVENTS "<form>" FIELD "<catch event='externalmessage'>" TELL "</catch></form>"),
         "1500ms info text/plain hi", "\"text/plain|hi||string\"", NULL},
        {PAGE(EVENTS "<form>" FIELD "<catch event='externalmessage.go'>" TELL "</catch></form>"),
         "1500ms info application/x-www-form-urlencoded a=1&event=go.now",
         "\"application/x-www-form-urlencoded|a=1&event=go.now|go.now|string\"", NULL},
        {PAGE(EVENTS "<form>" FIELD "<catch event='externalmessage'><exit expr='_event'/></catch>"
                     "</form>"),
         "1500ms info text/plain%3bevent=x.y hi", "\"externalmessage.x.y\"", NULL},
        /* Nobody handles it: the caller may go on. */
        {PAGE(EVENTS "<form><field name='f' type='digits'>one<filled><exit expr='f'/></filled>"
                     "</field></form>"),
         "1500ms info text/plain hi; 3s 4", "\"4\"", NULL},
        /* By default there are no messages. */
        {PAGE("<form><field name='f' type='digits'>one<filled>"
              "<exit expr='typeof application.lastmessage$'/></filled></field></form>" GAVE),
         "1500ms info text/plain hi; 3s 4", "\"undefined\"", NULL},
        /* One after the other; the second comes while the first is handled. */
        {PAGE(EVENTS "<var name='n' expr='0'/><form>" FIELD "<catch event='externalmessage'>"
                     "<assign name='n' expr='n*10+application.lastmessage$.content*1'/>"
                     "<if cond='n &gt; 10'><exit expr='n'/></if></catch></form>"),
         "1500ms info text/plain 1; 1500ms info text/plain 2", "12", NULL},
        /* What is no text is a fault. */
        {PAGE(EVENTS "<form>" FIELD GAVE "</form>"), "1500ms info text/plain \xff",
         "\"error.badfetch\"", NULL},
        /* A message that waited for the next page's input, since a page was on its way. */
        {PAGE(EVENTS "<form id='a'><block>hello<goto next='#b'/></block></form><form id='b'>" FIELD
                     "<catch event='externalmessage'>" TELL "</catch></form>"),
         "500ms info text/plain hi", "\"text/plain|hi||string\"", NULL},
    };

    run_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_receive(void)
{
    static const Case cases[] = {
        {PAGE("<form><block><gvp:receive maxtime='10s'/>" TELL "</block></form>" GAVE),
         "2s info text/plain hi", "\"text/plain|hi||string\"", NULL},
        {PAGE("<form><block><receive maxtimeexpr=\"'none'\"/>" TELL "</block></form>" GAVE),
         "500s info text/plain hi", "\"text/plain|hi||string\"", NULL},
        {PAGE("<form><block><receive maxtime='10s'/></block></form>" GAVE), "",
         "\"error.badfetch\"", NULL},
        {PAGE("<form><block><receive/></block></form>" GAVE), "", "\"error.badfetch\"", NULL},
        {PAGE("<form><block><receive maxtime='long'/></block></form>" GAVE), "",
         "\"error.semantic\"", NULL},
        /* The queue keeps what comes before. */
        {PAGE(QUEUE "<form><field name='f' type='digits'>one<filled><receive/>" TELL
                    "</filled></field></form>" GAVE),
         "1500ms info text/plain hi; 3s 4", "\"text/plain|hi||string\"", NULL},
        /* Without it the same message is gone. */
        {PAGE("<form><field name='f' type='digits'>one<filled><receive/>" TELL
              "</filled></field></form>" GAVE),
         "1500ms info text/plain hi; 3s 4", "\"error.badfetch\"", NULL},
        {PAGE("<form><block><receive maxtime='10s'/></block>"
              "<catch event='connection.disconnect.hangup'><exit expr='9'/></catch></form>"),
         "2s hangup", "9", NULL},
    };
    g_autoptr(SessionRun) run = session_run_new();
    GPtrArray *heard = fake_leg_get_heard(run->leg);

    run_cases(cases, G_N_ELEMENTS(cases));
    fake_fetcher_add_page(run->fetcher, "clip.wav", "tick");
    fake_fetcher_add_page(run->fetcher, "p.vxml",
                          PAGE("<property name='fetchaudiodelay' value='0s'/>"
                               "<property name='fetchaudiominimum' value='0s'/><form><block>before"
                               "<receive maxtime='20s' fetchaudio='clip.wav'/><exit expr='1'/>"
                               "</block></form>" GAVE));
    session_run_script(run, "5s info text/plain hi");
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "1");
    g_assert_cmpstr(heard->pdata[0], ==, "before");
    g_assert_cmpstr(heard->pdata[1], ==, "tick");
    g_assert_cmpint(mcp_clock_now(run->clock), <, 7 * G_USEC_PER_SEC);
}

static void
test_private(void)
{
    static const char page[] =
        PAGE("<form id='a'><field name='pin' type='digits?length=4'><property value='true' "
             "name='com.genesyslab.private'/>enter<nomatch>again</nomatch><filled><log>got <value "
             "expr='pin'/></log><prompt>You said <value expr='pin'/></prompt><log expr='"
             "application.lastresult$.utterance'/></filled></field>"
             "<field name='open' type='digits?length=1'>more<filled><exit namelist='pin open'/>"
             "</filled></field></form>");
    g_autoptr(SessionRun) run = run_page(page, "1500ms 4; 1600ms 7; 1700ms 1; 1800ms 1; 6s 5");

    g_assert_nonnull(run->result);
    for (guint i = 0; i < run->told->len; i++)
        if (strstr(run->told->pdata[i], "4711") != NULL)
            g_error("told: %s", (char *)run->told->pdata[i]);
    g_assert_cmpstr(run->result, ==, "{\"pin\":\"(private)\",\"open\":\"5\"}");
    g_assert_true(session_run_told(run, "\"digits\":\"(private)\""));
    g_assert_true(session_run_told(run, "\"digits\":\"5\""));
    g_assert_true(session_run_told(run, "got (private)"));
    /* The caller hears it, and the page has it. */
    g_assert_true(session_run_heard(run, "You said 4711"));
    g_assert_nonnull(strstr(run->body, "4711"));
}

/* Keys that match nothing are not told either. */
static void
test_private_no_match(void)
{
    static const char page[] =
        PAGE("<property name='com.genesyslab.private' value='true'/><form><field name='pin'>"
             "<grammar mode='dtmf' version='1.0' root='r'><rule id='r'>1 2 3</rule></grammar>enter"
             "<nomatch><exit expr='_message'/></nomatch></field></form>");
    g_autoptr(SessionRun) run = run_page(page, "1500ms 9");

    g_assert_cmpstr(run->result, ==, "\"(private)\"");
    g_assert_false(session_run_told(run, "\"digits\":\"9\""));
    g_assert_true(session_run_told(run, "\"digits\":\"(private)\""));
}

static void
test_secrets(void)
{
    static const struct {
        const char *text;
        const char *redacted;
    } cases[] = {
        {"pin=1234&x=1", "pin=(private)&x=1"},
        {"x1234y", "x(private)y"},
        {"1 2 3 4", "(private)"},
        {"a 7 b 17 c7", "a (private) b 17 c7"},
        {"", ""},
        {"nothing", "nothing"},
        {"12341234", "(private)(private)"},
        {"smith", "(private)"},
        {"see qA\nz\" and -12.5e3", "see (private) and (private)"},
        {"name", "name"},
        {"7", "(private)"},
    };
    McpVxmlSecrets *secrets = mcp_vxml_secrets_new();

    mcp_vxml_secrets_add(secrets, "1 2 3 4");
    mcp_vxml_secrets_add(secrets, "7");
    mcp_vxml_secrets_add_json(secrets, "{\"name\":\"smith\",\"n\":[99,\"\"],\"z\":null");
    mcp_vxml_secrets_add_json(secrets, "\"open\\");
    mcp_vxml_secrets_add_json(secrets, "[\"q\\u0041\\nz\\\"\", -12.5e3]");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *redacted = mcp_vxml_secrets_redact(secrets, cases[i].text);

        g_assert_cmpstr(redacted, ==, cases[i].redacted);
    }
    mcp_vxml_secrets_unref(secrets);
}

static void
test_reports(void)
{
    g_autoptr(SessionRun) run =
        run_page(PAGE("<form><block><log label='com.genesyslab.var.ActionStart'>pay|parentID=top"
                      "</log><log label='mine'>no</log></block></form>"),
                 "");

    g_assert_true(session_run_told(run, "\"what\":\"report\""));
    g_assert_true(session_run_told(run, "\"label\":\"com.genesyslab.var.ActionStart\""));
    g_assert_true(session_run_told(run, "\"text\":\"pay|parentID=top\""));
    g_assert_false(session_run_told(run, "\"label\":\"mine\""));
}

static void
test_call_recording(void)
{
    static const Case cases[] = {
        {PAGE("<form><block><log gvp:dest='record'>erase;</log></block></form>" GAVE), "",
         "\"error.unsupported.log\"", NULL},
        /* A file that the page names is a label in the log and nothing else. */
        {PAGE("<form><block><log gvp:dest='file:///etc/passwd'>text</log><exit expr='1'/></block>"
              "</form>" GAVE),
         "", "1", NULL},
    };
    g_autoptr(SessionRun) run =
        run_page(PAGE("<form><block><log gvp:dest='calllog'>enable callrec recsrc=mixed "
                      "type=audio/wav;codec=alaw;\n directory ../../etc absolute;</log></block>"
                      "<field name='f' type='digits?length=1'>one<filled><log gvp:dest='record'>"
                      "pause; resume; start;</log></filled></field>"
                      "<field name='g' type='digits?length=1'>two<filled><log gvp:dest='record'>"
                      "stop</log></filled></field>"
                      "<field name='h' type='digits?length=1'>three</field></form>"),
                 "1500ms 1; 4s 2; 7s 3");

    run_cases(cases, G_N_ELEMENTS(cases));
    g_assert_cmpstr(run->reason, ==, "exit");
    g_assert_true(session_run_told(run, "\"name\":\"vxml/call/call-1.wav\""));
    g_assert_true(session_run_told(run, "\"name\":\"vxml/call/call-2.wav\""));
    g_assert_true(session_run_told(run, "committed"));
    g_assert_false(session_run_told(run, "etc"));
    g_assert_false(session_run_told(run, "refused"));
}

/* One leg, one recorder: the page hears of it. */
static void
test_recording_both(void)
{
    g_autoptr(SessionRun) run = run_page(
        PAGE(
            "<form><block><log gvp:dest='record'>start</log></block><record name='r'>speak</record>"
            "<catch event='error.noresource'><exit expr='1'/></catch></form>"),
        "");

    g_assert_cmpstr(run->result, ==, "1");
}

static void
test_unsupported(void)
{
    static const Case cases[] = {
        {PAGE("<form><block><gvp:nosuch a='b'/></block></form>" GAVE), "",
         "\"error.unsupported.nosuch\"", NULL},
        {PAGE("<form><block><x:thing xmlns:x='urn:x'/></block></form>" GAVE), "",
         "\"error.unsupported.thing\"", NULL},
        {PAGE("<form><gvp:item name='a'/><block/></form>" GAVE), "", "\"error.unsupported.item\"",
         NULL},
        {PAGE("<form><field name='f'><gvp:mode/>one</field></form>" GAVE), "",
         "\"error.unsupported.mode\"", NULL},
        {PAGE("<form><block><prompt>a <gvp:b/></prompt></block></form>" GAVE), "",
         "\"error.unsupported.b\"", NULL},
        {PAGE("<form><field name='f' gvp:secret='1'>one</field></form>" GAVE), "",
         "\"error.unsupported.secret\"", NULL},
        {PAGE("<form><block><log gvp:level='1'>x</log></block></form>" GAVE), "",
         "\"error.unsupported.level\"", NULL},
        {PAGE("<gvp:page/><form><block/></form>" GAVE), "", "\"error.unsupported.page\"", NULL},
        {PAGE("<metadata><x:y xmlns:x='urn:x'/></metadata><form><block><exit expr='1'/></block>"
              "</form>" GAVE),
         "", "1", NULL},
    };

    run_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_session_variables(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    run->extra = "{\"genesyslab\":{\"sessionid\":\"s1\",\"userdata\":{\"calluuid\":\"u\"}}}";
    fake_fetcher_add_page(
        run->fetcher, "p.vxml",
        PAGE("<form><block><assign name='session.com.genesyslab.sessionid' expr='1'/></block>"
             "<catch event='error.semantic'><exit expr=\"session.com.genesyslab.sessionid + "
             "session.com.genesyslab.userdata['calluuid']\"/></catch></form>"));
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpstr(run->result, ==, "\"s1u\"");
}

/* ---- the page of defaults ---- */

static McpVxmlDocument *
parse(const char *page)
{
    g_autoptr(GBytes) bytes = g_bytes_new(page, strlen(page));
    g_autoptr(GError) error = NULL;
    McpVxmlDocument *document =
        mcp_vxml_document_parse(bytes, "file:///defaults.vxml", NULL, 0, NULL, NULL, &error);

    g_assert_no_error(error);
    return document;
}

static char *
result_with(const char *defaults, const char *page, const char *caller)
{
    g_autoptr(SessionRun) run = session_run_new();

    run->config->defaults = parse(defaults);
    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    session_run_script(run, caller);
    session_run(run, "p.vxml");
    return g_strdup(run->result != NULL ? run->result : run->reason);
}

static void
test_defaults(void)
{
    static const struct {
        const char *defaults;
        const char *page;
        const char *caller;
        const char *result;
    } cases[] = {
        {PAGE("<catch event='a'><exit expr='1'/></catch>"),
         PAGE("<form><block><throw event='a'/></block></form>"), "", "1"},
        /* Any handler of the page comes first, and so does one with a higher count. */
        {PAGE("<catch event='a'><exit expr='1'/></catch>"),
         PAGE("<catch event='a'><exit expr='2'/></catch><form><block><throw event='a'/></block>"
              "</form>"),
         "", "2"},
        {PAGE("<property name='timeout' value='100s'/><noinput><exit expr='3'/></noinput>"),
         PAGE("<form><field name='f' type='digits'/></form>"), "50s hangup", "hangup"},
        {PAGE("<property name='timeout' value='100s'/><noinput><exit expr='3'/></noinput>"),
         PAGE("<property name='timeout' value='1s'/><form><field name='f' type='digits'/></form>"),
         "50s hangup", "3"},
        {PAGE("<link event='zero'><grammar mode='dtmf' version='1.0' root='r'><rule id='r'>0</rule>"
              "</grammar></link><catch event='zero'><exit expr='4'/></catch>"),
         PAGE("<form><field name='f'>one</field></form>"), "1500ms 0", "4"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *result = result_with(cases[i].defaults, cases[i].page, cases[i].caller);

        g_assert_cmpstr(result, ==, cases[i].result);
    }
}

/* The page that is shipped. */
static void
test_shipped_defaults(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("MCP_SOURCE_ROOT"), "config", "defaults.vxml", NULL);
    g_autofree char *text = NULL;
    g_autofree char *result = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    result = result_with(text, PAGE("<form><block><throw event='error.x'/></block></form>"), "");
    g_assert_cmpstr(result, ==, "exit");
    g_clear_pointer(&result, g_free);
    result = result_with(text, PAGE("<form><field name='f' type='digits'/></form>"), "50s hangup");
    g_assert_cmpstr(result, ==, "exit");
}

static void
test_builtin_prompts(void)
{
    static const char page[] =
        PAGE("<form><block><audio src='builtin:prompt/beep.wav'>other</audio>"
             "<audio src='builtin:prompt/../../etc/passwd'>hostile</audio>"
             "<audio expr=\"'builtin:prompt/a%2fb'\">escaped</audio></block></form>");
    g_autoptr(SessionRun) run = session_run_new();
    GPtrArray *heard = fake_leg_get_heard(run->leg);

    g_hash_table_insert(run->config->properties, (gpointer) "mcp.builtin_prompts",
                        g_strdup("http://localhost/vxml/prompts/"));
    fake_fetcher_add_page(run->fetcher, "prompts/beep.wav", "peep");
    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    g_assert_true(session_run(run, "p.vxml"));
    g_assert_cmpuint(heard->len, ==, 3);
    g_assert_cmpstr(heard->pdata[0], ==, "peep");
    g_assert_cmpstr(heard->pdata[1], ==, "hostile");
    g_assert_cmpstr(heard->pdata[2], ==, "escaped");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mcp_log_set_level(MCP_LOG_ERROR);
    g_test_add_func("/vxml/compat/send", test_send);
    g_test_add_func("/vxml/compat/send-to-web", test_send_to_web);
    g_test_add_func("/vxml/compat/events", test_events);
    g_test_add_func("/vxml/compat/receive", test_receive);
    g_test_add_func("/vxml/compat/private", test_private);
    g_test_add_func("/vxml/compat/private-no-match", test_private_no_match);
    g_test_add_func("/vxml/compat/secrets", test_secrets);
    g_test_add_func("/vxml/compat/reports", test_reports);
    g_test_add_func("/vxml/compat/call-recording", test_call_recording);
    g_test_add_func("/vxml/compat/recording-both", test_recording_both);
    g_test_add_func("/vxml/compat/unsupported", test_unsupported);
    g_test_add_func("/vxml/compat/session-variables", test_session_variables);
    g_test_add_func("/vxml/compat/defaults", test_defaults);
    g_test_add_func("/vxml/compat/shipped-defaults", test_shipped_defaults);
    g_test_add_func("/vxml/compat/builtin-prompts", test_builtin_prompts);
    return g_test_run();
}
