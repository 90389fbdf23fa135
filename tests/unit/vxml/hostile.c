/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages made to hurt the platform: each is cut within its limits and gets the standard's event, or
 * is ended when it goes on all the same; none takes the memory of others.
 */
#include <mcp/log.h>
#include <string.h>
#include <sys/resource.h>

#include "session_run.h"

#define PAGE(body) "<vxml version='2.1' xmlns='" MCP_VXML_NS "'>" body "</vxml>"
#define GAVE "<catch><exit expr='_event'/></catch>"
/* Nothing here may take more of it, sanitizers included: some limits are of 100 MB together. */
#define MAX_GROWTH_KB (1500 * 1024)

static long
peak_kb(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

typedef struct {
    const char *name;
    const char *page;
    const char *result; /* JSON of the result, or the reason */
} Case;

static char *
result_of(SessionRun *run)
{
    return g_strdup(run->result != NULL ? run->result : run->reason);
}

/* In the compute pool as on a server: a page that takes long must come to its event there too. */
static char *
run_one(const char *page, gboolean pool)
{
    g_autoptr(SessionRun) run = session_run_new();

    if (pool)
        run->compute = mcp_pool_new("compute", 1, 8);
    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    session_run(run, "p.vxml");
    return result_of(run);
}

static void
run_cases(const Case *cases, guint n_cases)
{
    for (guint i = 0; i < 2 * n_cases; i++) {
        const Case *one = &cases[i / 2];
        g_autofree char *result = run_one(one->page, i % 2 == 1);

        g_test_message("%s%s", one->name, i % 2 == 1 ? " in the pool" : "");
        g_assert_cmpstr(result, ==, one->result);
    }
    g_assert_cmpint(peak_kb(), <, MAX_GROWTH_KB);
}

/* ---- what is fetched ---- */

static char *
nested(guint depth)
{
    GString *page = g_string_new("<vxml version='2.1' xmlns='" MCP_VXML_NS "'><form><block>");

    for (guint i = 0; i < depth; i++)
        g_string_append(page, "<if cond='true'>");
    for (guint i = 0; i < depth; i++)
        g_string_append(page, "</if>");
    g_string_append(page, "<exit expr='1'/></block></form></vxml>");
    return g_string_free(page, FALSE);
}

static char *
large(gsize bytes)
{
    GString *page = g_string_sized_new(bytes + 200);

    g_string_append(page, "<vxml version='2.1' xmlns='" MCP_VXML_NS "'><form><block>");
    while (page->len < bytes)
        g_string_append(page, "<prompt>words words words words words words words words</prompt>\n");
    g_string_append(page, "</block></form></vxml>");
    return g_string_free(page, FALSE);
}

static char *
go_to(const char *hostile)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "hostile.vxml", hostile);
    fake_fetcher_add_page(run->fetcher, "p.vxml",
                          PAGE("<form><block><goto next='hostile.vxml'/></block></form>" GAVE));
    session_run(run, "p.vxml");
    return result_of(run);
}

#define LAUGHS                                                                                 \
    "<!DOCTYPE vxml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"             \
    "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>" \
    "<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>" \
    "<!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'><!ENTITY h '&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;'>]>"

static void
test_pages(void)
{
    static const char *const bad[] = {
        LAUGHS PAGE("<form><block>&h;</block></form>"),
        "<!DOCTYPE vxml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" PAGE(
            "<form><block>&x;</block></form>"),
        "<!DOCTYPE vxml [<!ENTITY % p SYSTEM 'http://localhost/vxml/x'>%p;]>" PAGE(
            "<form><block/></form>"),
    };
    g_autofree char *deep = nested(1000000);
    g_autofree char *big = large(100 * 1024 * 1024);
    g_autofree char *wide = large(3 * 1024 * 1024);
    g_autofree char *fair = nested(150);
    const char *const made[] = {deep, big};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *result = go_to(bad[i]);

        g_assert_cmpstr(result, ==, "\"error.badfetch\"");
    }
    for (guint i = 0; i < G_N_ELEMENTS(made); i++) {
        g_autofree char *result = go_to(made[i]);

        g_assert_cmpstr(result, ==, "\"error.badfetch\"");
    }
    g_clear_pointer(&big, g_free);
    {
        g_autofree char *result = go_to(fair);

        g_assert_cmpstr(result, ==, "1");
    }
    {
        /* 45,000 prompts in one block: more than a queue holds. */
        g_autofree char *result = go_to(wide);

        g_assert_cmpstr(result, ==, "error.semantic");
    }
}

/* ---- loops ---- */

static void
test_loops(void)
{
    static const Case cases[] = {
        {"goto", PAGE("<form id='f'><block><goto next='#f'/></block></form>" GAVE),
         "\"error.semantic\""},
        {"goto from the handler too",
         PAGE("<form id='f'><block><goto next='#f'/></block></form><catch><goto "
              "next='#f'/></catch>"),
         "endless loop without input"},
        {"subdialogs", PAGE("<form id='s'><subdialog src='#s'/></form>" GAVE),
         "\"error.semantic\""},
        {"subdialogs that catch it",
         PAGE("<form id='s'><subdialog name='x' src='#s'/></form>"
              "<catch><assign name='dialog.x' expr='undefined'/></catch>"),
         "endless loop without input"},
        {"throw",
         PAGE("<form><block><throw event='a'/></block></form><catch><throw event='b'/>"
              "</catch>"),
         "endless loop without input"},
        {"while", PAGE("<form><block><script>while (true);</script></block></form>" GAVE),
         "\"error.semantic\""},
        {"while in an expression",
         PAGE("<form><block cond='(function () { for (;;); })()'/></form>" GAVE),
         "\"error.semantic\""},
        {"a pattern",
         PAGE("<form><block><if cond=\"/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaa!')\"/></block></form>" GAVE),
         "\"error.semantic\""},
        {"promises",
         PAGE("<form><block><script>var q = function () { Promise.resolve().then(q); };"
              " q();</script></block></form>" GAVE),
         "\"error.semantic\""},
        {"content",
         PAGE("<script>var a = []; for (var i = 0; i &lt; 1000; i++) a.push(i);</script>"
              "<form><block><foreach item='x' array='a'><foreach item='y' array='a'>"
              "<assign name='z' expr='1'/><foreach item='v' array='a'>"
              "<var name='w' expr='1'/></foreach></foreach></foreach></block></form>"
              "<var name='z'/>" GAVE),
         "\"error.semantic\""},
    };

    run_cases(cases, G_N_ELEMENTS(cases));
}

/* Two pages that name each other, each fetched anew. */
static void
test_page_loop(void)
{
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "a.vxml",
                          PAGE("<form><block><goto next='b.vxml'/></block></form>"
                               "<catch><goto next='b.vxml'/></catch>"));
    fake_fetcher_add_page(run->fetcher, "b.vxml",
                          PAGE("<form><subdialog src='a.vxml'/></form><catch><goto next='a.vxml'/>"
                               "</catch>"));
    session_run(run, "a.vxml");
    g_assert_cmpstr(run->reason, ==, "endless loop without input");
    g_assert_cmpuint(fake_fetcher_get_log(run->fetcher)->len, <, 1200);
}

/* ---- memory ---- */

#define BIG                                                                              \
    "<script>var s = 'x'.repeat(1000000); var a = []; for (var i = 0; i &lt; 3000; i++)" \
    " a.push(s);</script>"

static void
test_memory(void)
{
    static const Case cases[] = {
        {"heap",
         PAGE("<form><block><script>var a = []; for (;;) a.push('x'.repeat(100000) + "
              "a.length);</script></block></form>" GAVE),
         "\"error.semantic\""},
        {"doubling",
         PAGE("<form><block><script>var s = 'x'; for (;;) s += s;</script></block>"
              "</form>" GAVE),
         "\"error.semantic\""},
        {"a prompt",
         PAGE(BIG "<form><block><foreach item='x' array='a'><prompt><value expr='x'/>"
                  "</prompt></foreach></block></form>" GAVE),
         "\"error.semantic\""},
        {"within a prompt",
         PAGE(BIG "<form><block><prompt><foreach item='x' array='a'>"
                  "<value expr='x'/></foreach></prompt></block></form>" GAVE),
         "\"error.semantic\""},
        {"pieces",
         PAGE("<script>var a = []; for (var i = 0; i &lt; 1000; i++) a.push(i);</script>"
              "<form><block><prompt><foreach item='x' array='a'><foreach item='y' "
              "array='a'>.</foreach></foreach></prompt></block></form>" GAVE),
         "\"error.semantic\""},
        {"the result",
         PAGE(BIG "<form><block><exit namelist='s s s s s s s s s s s s s s s s s s "
                  "s s s s s s s s'/></block></form>" GAVE),
         "\"error.semantic\""},
        {"a form",
         PAGE(BIG "<form><block><submit next='x' method='post' namelist='s s s s s s s s "
                  "s s s s s s s s s s s s s s s s'/></block></form>" GAVE),
         "\"error.semantic\""},
        {"parameters",
         PAGE(BIG "<form><subdialog src='#s'><param name='a' expr='s'/><param name='b' expr='s'/>"
                  "<param name='c' expr='s'/><param name='d' expr='s'/><param name='e' expr='s'/>"
                  "<param name='f' expr='s'/><param name='g' expr='s'/><param name='h' expr='s'/>"
                  "<param name='i' expr='s'/></subdialog></form><form id='s'/>" GAVE),
         "\"error.semantic\""},
    };

    run_cases(cases, G_N_ELEMENTS(cases));
}

/* More lines than anybody reads, and one that is too long: the page goes on, it is cut. */
static void
test_lines(void)
{
    static const char page[] =
        PAGE("<script>var s = 'x'.repeat(10000); var a = []; for (var i = 0; i &lt; 6000; i++)"
             " a.push(i);</script><form><block><log expr='s'/><foreach item='x' array='a'>"
             "<log expr='x'/></foreach><exit expr='1'/></block></form>" GAVE);
    g_autoptr(SessionRun) run = session_run_new();

    fake_fetcher_add_page(run->fetcher, "p.vxml", page);
    session_run(run, "p.vxml");
    g_assert_cmpstr(run->result, ==, "1");
    for (guint i = 0; i < run->told->len; i++)
        g_assert_cmpuint(strlen(run->told->pdata[i]), <, 6000);
}

/* What callers of subdialogs hold counts: sixteen of them have no more than one. */
static void
test_memory_of_subdialogs(void)
{
    static const char page[] =
        PAGE("<form id='s'><var name='depth' expr='0'/><script>var a = 'x'.repeat(4000000) + depth;"
             "</script><subdialog name='r' src='#s'><param name='depth' expr='depth + 1'/>"
             "</subdialog><filled><return namelist='r'/></filled>"
             "<catch event='error.semantic'><if cond='depth == 0'><exit expr=\"'whole'\"/></if>"
             "<return event='inner'/></catch></form>"
             "<catch event='inner'><exit expr='depth'/></catch>");
    g_autofree char *result = run_one(page, FALSE);

    g_test_message("%s", result);
    /* Three of 4 MB fit into 12 MB, less what engines need. */
    g_assert_true(g_strcmp0(result, "0") == 0 || g_strcmp0(result, "1") == 0 ||
                  g_strcmp0(result, "2") == 0);
}

/* ---- numbers ---- */

static void
test_many_handlers(void)
{
    GString *page = g_string_new("<vxml version='2.1' xmlns='" MCP_VXML_NS "'>");
    g_autofree char *text = NULL;
    g_autofree char *result = NULL;

    for (guint i = 0; i < 30000; i++)
        g_string_append(page, "<catch event='a b c' cond='0'/>");
    g_string_append(page, "<form id='f'><block><throw event='c'/></block></form>"
                          "<catch event='c'><goto next='#f'/></catch></vxml>");
    text = g_string_free(page, FALSE);
    result = run_one(text, FALSE);
    g_test_message("%s", result);
    g_assert_true(g_strcmp0(result, "too much computing without input") == 0 ||
                  g_strcmp0(result, "error.semantic") == 0);
}

static void
test_many_grammars(void)
{
    GString *page = g_string_new("<vxml version='2.1' xmlns='" MCP_VXML_NS "'>");
    g_autofree char *text = NULL;
    g_autofree char *result = NULL;

    for (guint i = 0; i < 20000; i++)
        g_string_append_printf(page, "<link event='e' dtmf='%u'/>", i);
    g_string_append(page, "<form><field name='f'/></form>" GAVE "</vxml>");
    text = g_string_free(page, FALSE);
    result = run_one(text, FALSE);
    g_assert_cmpstr(result, ==, "\"error.semantic\"");
}

/* ---- names ---- */

/* Objects of the store are named by the platform, whatever the page or the caller is called. */
static void
test_record_names(void)
{
    static const Case cases[] = {
        {"type", PAGE("<form><record name='r' type='audio/wav/../../x'/></form>" GAVE),
         "\"error.unsupported.format\""},
        {"item",
         PAGE("<form><record name='__proto__'>speak</record><block><exit expr='1'/></block>"
              "</form>" GAVE),
         "\"error.semantic\""},
    };
    g_autoptr(SessionRun) run = session_run_new();

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *result = run_one(cases[i].page, FALSE);

        g_test_message("%s: %s", cases[i].name, result);
        if (i == 0)
            g_assert_cmpstr(result, ==, cases[i].result);
    }
    fake_fetcher_add_page(
        run->fetcher, "p.vxml",
        PAGE("<form><record name='r' destexpr=\"'../../etc/x'\" dest='/etc/passwd'>speak</record>"
             "<block><exit expr='1'/></block></form>" GAVE));
    session_run(run, "p.vxml");
    g_assert_cmpstr(run->result, ==, "1");
    g_assert_true(session_run_told(run, "\"name\":\"vxml/call/1.wav\""));
    g_assert_false(session_run_told(run, "etc/"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mcp_log_set_level(MCP_LOG_ERROR);
    g_test_add_func("/vxml/hostile/loops", test_loops);
    g_test_add_func("/vxml/hostile/page-loop", test_page_loop);
    g_test_add_func("/vxml/hostile/memory", test_memory);
    g_test_add_func("/vxml/hostile/lines", test_lines);
    g_test_add_func("/vxml/hostile/memory-of-subdialogs", test_memory_of_subdialogs);
    g_test_add_func("/vxml/hostile/many-handlers", test_many_handlers);
    g_test_add_func("/vxml/hostile/many-grammars", test_many_grammars);
    g_test_add_func("/vxml/hostile/record-names", test_record_names);
    g_test_add_func("/vxml/hostile/pages", test_pages);
    return g_test_run();
}
