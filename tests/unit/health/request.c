/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of requests: what is asked, what is refused, what is not there yet. */
#include <request.h>
#include <string.h>

typedef struct {
    const char *text;
    guint status;
    McpHealthProbe probe;
} Row;

static const Row rows[] = {
    {"GET /live HTTP/1.1\r\nHost: x\r\n\r\n", 200, MCP_PROBE_LIVE},
    {"GET /ready HTTP/1.0\r\n\r\n", 200, MCP_PROBE_READY},
    {"GET /startup?verbose=1 HTTP/1.1\n\n", 200, MCP_PROBE_STARTUP},
    {"HEAD /ready HTTP/1.1\r\n\r\n", 200, MCP_PROBE_READY},
    {"GET / HTTP/1.1\r\n\r\n", 404, MCP_PROBE_LIVE},
    {"GET /ready/ HTTP/1.1\r\n\r\n", 404, MCP_PROBE_LIVE},
    {"GET /readyness HTTP/1.1\r\n\r\n", 404, MCP_PROBE_LIVE},
    {"GET http://x/ready HTTP/1.1\r\n\r\n", 400, MCP_PROBE_LIVE},
    {"POST /ready HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405, MCP_PROBE_LIVE},
    {"G\001T /ready HTTP/1.1\r\n\r\n", 400, MCP_PROBE_LIVE},
    {"GET /ready\r\n\r\n", 400, MCP_PROBE_LIVE},
    {"GET /ready HTTP/2.0\r\n\r\n", 400, MCP_PROBE_LIVE},
    {"GET  HTTP/1.1\r\n\r\n", 400, MCP_PROBE_LIVE},
    {"\r\n\r\n", 400, MCP_PROBE_LIVE},
    {"\n\n", 400, MCP_PROBE_LIVE},
    {"   \n\n", 400, MCP_PROBE_LIVE},
    {"\x16\x03\x01 \x02 \n\n", 400, MCP_PROBE_LIVE},
};

/* Each head, from a block of its own size, so that a read beyond its end is seen. */
static gboolean
read_exactly(const char *text, gsize length, McpHealthRequest *request)
{
    g_autofree char *copy = g_memdup2(text, length);

    return mcp_health_request_read(copy, length, request);
}

static void
test_rows(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize length = strlen(rows[i].text);
        McpHealthRequest request = {0};

        for (gsize cut = 0; cut < length; cut++)
            g_assert_false(read_exactly(rows[i].text, cut, &request));
        g_assert_true(read_exactly(rows[i].text, length, &request));
        g_assert_cmpuint(request.status, ==, rows[i].status);
        if (request.status == 200)
            g_assert_cmpint(request.probe, ==, rows[i].probe);
        g_assert_cmpint(request.head, ==, g_str_has_prefix(rows[i].text, "HEAD"));
    }
}

static void
test_too_long(void)
{
    g_autofree char *text = g_strnfill(MCP_HEALTH_HEAD_MAX, 'x');
    McpHealthRequest request = {0};

    g_assert_false(read_exactly(text, MCP_HEALTH_HEAD_MAX - 1, &request));
    g_assert_true(read_exactly(text, MCP_HEALTH_HEAD_MAX, &request));
    g_assert_cmpuint(request.status, ==, 431);
}

/* Whatever comes is answered or waited for, and what is answered has a status of ours. */
static void
test_random(void)
{
    for (guint i = 0; i < 20000; i++) {
        char text[64];
        gsize length = (gsize)g_test_rand_int_range(0, sizeof text);
        McpHealthRequest request = {0};

        for (gsize j = 0; j < length; j++)
            text[j] = "GET /live HTTP/1.1\r\n?"[g_test_rand_int_range(0, 21)];
        if (read_exactly(text, length, &request))
            g_assert_true(request.status == 200 || request.status == 400 || request.status == 404 ||
                          request.status == 405);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/health/request/rows", test_rows);
    g_test_add_func("/health/request/too-long", test_too_long);
    g_test_add_func("/health/request/random", test_random);
    return g_test_run();
}
