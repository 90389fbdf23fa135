/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the body of a request: entities and lists. */
#include <mrcp/bodies.h>

#include <mcp/error.h>
#include <string.h>

static McpMrcpMessage *
request(const char *type, const char *text)
{
    McpMrcpMessage *message = mcp_mrcp_request_new(MCP_MRCP_V2, "RECOGNIZE", 1);
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

    mcp_mrcp_message_set_body(message, type, body);
    return message;
}

static void
assert_part(const GPtrArray *parts, guint index, const char *type, const char *id, const char *text)
{
    const McpMrcpPart *part = parts->pdata[index];
    g_autofree char *body = mcp_mrcp_text(part->body);

    g_assert_cmpstr(part->type, ==, type);
    g_assert_cmpstr(part->id, ==, id);
    g_assert_cmpstr(body, ==, text);
}

static void
test_one(void)
{
    g_autoptr(McpMrcpMessage) message = request("Text/URI-List; charset=utf-8", "http://a/\r\n");
    g_autoptr(McpMrcpMessage) empty = mcp_mrcp_request_new(MCP_MRCP_V2, "STOP", 1);
    g_autoptr(GPtrArray) parts = NULL;
    g_autoptr(GPtrArray) none = mcp_mrcp_read_parts(empty, NULL);

    mcp_mrcp_message_set(message, "Content-ID", "<one@page>");
    mcp_mrcp_message_set(message, "Content-Base", "http://b/");
    parts = mcp_mrcp_read_parts(message, NULL);
    g_assert_cmpuint(parts->len, ==, 1);
    assert_part(parts, 0, "text/uri-list", "one@page", "http://a/\r\n");
    g_assert_cmpstr(((McpMrcpPart *)parts->pdata[0])->base, ==, "http://b/");
    g_assert_cmpuint(none->len, ==, 0);
}

/* RFC 2046 §5.1: what is before the first and behind the last delimiter is nothing; the end of line
 * before a delimiter is its own. */
static void
test_several(void)
{
    g_autoptr(McpMrcpMessage) message =
        request("multipart/mixed; boundary=\"a b\"",
                "to be ignored\r\n--a b\r\nContent-Type:text/uri-list\r\n\r\nhttp://a/\r\n"
                "\r\n--a b\nContent-Type: application/srgs\nContent-ID: two@page\n\n#ABNF\n"
                "--a b\r\n\r\nplain\r\n--a b\r\nContent-Type: text/plain\r\n--a b--\r\nmore");
    g_autoptr(GPtrArray) parts = mcp_mrcp_read_parts(message, NULL);

    g_assert_nonnull(parts);
    g_assert_cmpuint(parts->len, ==, 4);
    assert_part(parts, 0, "text/uri-list", NULL, "http://a/\r\n");
    assert_part(parts, 1, "application/srgs", "two@page", "#ABNF");
    assert_part(parts, 2, "text/plain", NULL, "plain");
    assert_part(parts, 3, "text/plain", NULL, "");
}

static void
test_faults(void)
{
    g_autoptr(GString) many = g_string_new("--x\r\n");
    const struct {
        const char *type;
        const char *body;
    } faults[] = {
        {"multipart/mixed", "--x\r\n\r\na\r\n--x--\r\n"},
        {"multipart/mixed; boundary=x", "--y\r\n\r\na\r\n--y--\r\n"},
        {"multipart/mixed; boundary=x", "--x\r\n\r\na\r\n--x\r\n\r\nb"},
        {"multipart/mixed; boundary=x", many->str},
    };

    for (guint i = 0; i < 40; i++)
        g_string_append(many, "\r\n--x\r\n");
    g_string_append(many, "--x--\r\n");
    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(McpMrcpMessage) message =
            request(faults[i].type, i == 3 ? many->str : faults[i].body);
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_mrcp_read_parts(message, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

static void
test_references(void)
{
    static const char text[] = "# a list\r\nhttp://a/b.grxml\r\n\r\n  session:one@page  \n"
                               "<session:two@page>;weight=\"0.25\"\r\n<builtin:x>\r\n"
                               "<c:>;weight=heavy\r\n\xff\xfe\r\n<never-closed";
    static const struct {
        const char *uri;
        double weight;
    } wanted[] = {{"http://a/b.grxml", 1},
                  {"session:one@page", 1},
                  {"session:two@page", 0.25},
                  {"builtin:x", 1},
                  {"c:", 1},
                  {"<never-closed", 1}};
    g_autoptr(GBytes) list = g_bytes_new_static(text, sizeof text - 1);
    g_autoptr(GPtrArray) references = mcp_mrcp_read_references(list);

    g_assert_cmpuint(references->len, ==, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < references->len; i++) {
        const McpMrcpReference *reference = references->pdata[i];

        g_assert_cmpstr(reference->uri, ==, wanted[i].uri);
        g_assert_cmpfloat(reference->weight, ==, wanted[i].weight);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/bodies/one", test_one);
    g_test_add_func("/mrcp/bodies/several", test_several);
    g_test_add_func("/mrcp/bodies/faults", test_faults);
    g_test_add_func("/mrcp/bodies/references", test_references);
    return g_test_run();
}
