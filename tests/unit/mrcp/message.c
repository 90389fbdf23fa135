/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRCP messages out of a stream of bytes and into one: what is written, what is read although it is
 * written otherwise, and what is refused, with its reason.
 */
#include <mrcp/message.h>

#include <mcp/error.h>
#include <string.h>

#define CHANNEL "Channel-Identifier: 43b9@speechrecog\r\n"

typedef struct {
    McpMrcpVersion version;
    const char *text;
    const char *says; /* the start line that is written for it, or a part of the error */
} Case;

/* @text with the length of all of it in place of the only '@'. */
static char *
fill_length(const char *text)
{
    const char *at = strchr(text, '@');

    for (gsize length = 1; at != NULL; length++) {
        g_autofree char *filled =
            g_strdup_printf("%.*s%" G_GSIZE_FORMAT "%s", (int)(at - text), text, length, at + 1);

        if (strlen(filled) - strspn(filled, "\r\n") == length)
            return g_steal_pointer(&filled);
    }
    return g_strdup(text);
}

static McpMrcpMessage *
read_one(McpMrcpVersion version, const char *text, const McpMrcpLimits *limits, GError **error)
{
    g_autofree char *filled = fill_length(text);

    return mcp_mrcp_message_parse(version, filled, strlen(filled), limits, error);
}

static char *
write_one(const McpMrcpMessage *message)
{
    g_autoptr(GBytes) bytes = mcp_mrcp_message_encode(message);

    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void
test_write(void)
{
    g_autoptr(McpMrcpMessage) request = mcp_mrcp_request_new(MCP_MRCP_V2, "RECOGNIZE", 7);
    g_autoptr(McpMrcpMessage) response =
        mcp_mrcp_response_new(MCP_MRCP_V1, 7, 200, MCP_MRCP_IN_PROGRESS);
    g_autoptr(McpMrcpMessage) event =
        mcp_mrcp_event_new(MCP_MRCP_V1, "START-OF-SPEECH", 7, MCP_MRCP_IN_PROGRESS);
    g_autoptr(GBytes) body = g_bytes_new_static("builtin:digits", 14);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autofree char *third = NULL;

    mcp_mrcp_message_set(request, "Channel-Identifier", "43b9@speechrecog");
    mcp_mrcp_message_set(request, "Content-Length", "99");
    mcp_mrcp_message_set_body(request, "text/uri-list", body);
    first = write_one(request);
    second = write_one(response);
    third = write_one(event);
    g_assert_cmpstr(first, ==,
                    "MRCP/2.0 129 RECOGNIZE 7\r\n" CHANNEL "Content-Type: text/uri-list\r\n"
                    "Content-Length: 14\r\n\r\nbuiltin:digits");
    g_assert_cmpuint(strlen(first), ==, 129);
    g_assert_cmpstr(second, ==, "MRCP/1.0 7 200 IN-PROGRESS\r\n\r\n");
    g_assert_cmpstr(third, ==, "START-OF-SPEECH 7 IN-PROGRESS MRCP/1.0\r\n\r\n");
}

/* RFC 6787 §5.1: the digits of LENGTH count, also where one more makes one more. */
static void
test_length(void)
{
    for (gsize size = 0; size < 1200; size++) {
        g_autoptr(McpMrcpMessage) message = mcp_mrcp_request_new(MCP_MRCP_V2, "X", 1);
        g_autofree char *value = g_strnfill(size, 'v');
        g_autofree char *text = NULL;

        mcp_mrcp_message_set(message, "A", value);
        text = write_one(message);
        g_assert_cmpuint(g_ascii_strtoull(text + strlen("MRCP/2.0 "), NULL, 10), ==, strlen(text));
    }
}

static void
test_fields(void)
{
    g_autoptr(McpMrcpMessage) message = mcp_mrcp_request_new(MCP_MRCP_V1, "SET-PARAMS", 1);
    guint64 number = 0;

    mcp_mrcp_fields_add(message->fields, "Vendor", "a");
    mcp_mrcp_fields_add(message->fields, "Other", "5\r\nEvil: 1");
    mcp_mrcp_fields_add(message->fields, "vendor", " b\xff ");
    g_assert_cmpuint(message->fields->len, ==, 3);
    g_assert_cmpstr(mcp_mrcp_message_get(message, "VENDOR"), ==, "a");
    g_assert_cmpstr(mcp_mrcp_message_get(message, "Other"), ==, "5  Evil: 1");
    g_assert_cmpstr(mcp_mrcp_fields_at(message->fields, 2)->value, ==, "b\xef\xbf\xbd");
    g_assert_false(mcp_mrcp_fields_get_number(message->fields, "Other", 100, &number));
    g_assert_false(mcp_mrcp_fields_get_number(message->fields, "None", 100, &number));
    mcp_mrcp_message_set(message, "vendor", "42");
    g_assert_cmpuint(message->fields->len, ==, 2);
    g_assert_true(mcp_mrcp_fields_get_number(message->fields, "Vendor", 42, &number));
    g_assert_cmpuint(number, ==, 42);
    g_assert_false(mcp_mrcp_fields_get_number(message->fields, "Vendor", 41, &number));
    mcp_mrcp_fields_remove(message->fields, "VENDOR");
    g_assert_null(mcp_mrcp_message_get(message, "Vendor"));
}

static const Case accepted[] = {
    {MCP_MRCP_V2, "MRCP/2.0 @ RECOGNIZE 1\r\n\r\n", "RECOGNIZE 1"},
    {MCP_MRCP_V2, "mrcp/2.0 0@ recognize 1\n\n", "RECOGNIZE 1"},
    {MCP_MRCP_V2, "\r\n\nMRCP/2.0  @ \t RECOGNIZE 1 \r\n\r\n", "RECOGNIZE 1"},
    {MCP_MRCP_V2, "MRCP/2.0 @ 4294967295 407 COMPLETE\n\n", "4294967295 407 COMPLETE"},
    {MCP_MRCP_V2, "MRCP/2.0 @ 1 200 complete\r\nA :\tb \n\r\n", "1 200 COMPLETE"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1 200 PENDING\n\n", "X 1 PENDING"},
    {MCP_MRCP_V2, "MRCP/2.0 @ STOP 1 200\n\n", "STOP 1"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\nContent-Length: 0\n\n\r\n", "X 1"},
    {MCP_MRCP_V1, "STOP 1 MRCP/1.0\r\n", "STOP 1 MRCP/1.0"},
    {MCP_MRCP_V1, "STOP 1 MRCP/1.0\r\n\r\n\r\n", "STOP 1 MRCP/1.0"},
    {MCP_MRCP_V1, "MRCP/1.0 2 200 IN-PROGRESS\nA:b\n c\n\n", "MRCP/1.0 2 200 IN-PROGRESS"},
    {MCP_MRCP_V1, "SPEAK-COMPLETE 2 COMPLETE MRCP/1.0\n\n", "SPEAK-COMPLETE 2 COMPLETE MRCP/1.0"},
};

static void
test_accepted(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(accepted); i++) {
        const Case *one = &accepted[i];
        g_autoptr(GError) error = NULL;
        g_autoptr(McpMrcpMessage) message = read_one(one->version, one->text, NULL, &error);
        g_autofree char *text = NULL;
        g_auto(GStrv) words = NULL;

        g_assert_no_error(error);
        g_assert_null(message->body);
        text = write_one(message);
        *strchr(text, '\r') = '\0';
        words = g_strsplit(text, " ", 3);
        g_assert_cmpstr(one->version == MCP_MRCP_V2 ? words[2] : text, ==, one->says);
    }
}

/* What a field and a body come to. */
static void
test_content(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpMessage) message = read_one(
        MCP_MRCP_V2,
        "MRCP/2.0 @ DEFINE-GRAMMAR 1\n" CHANNEL "Vendor-Specific-Parameters: a=1;\r\n \t b=2\n"
        "\tc=3\nContent-Id : <x@y>\nEmpty:\nContent-Length: 3\n\na\nb\r\n",
        NULL, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(mcp_mrcp_message_get(message, "channel-identifier"), ==, "43b9@speechrecog");
    g_assert_cmpstr(mcp_mrcp_message_get(message, "Vendor-Specific-Parameters"), ==,
                    "a=1; b=2 c=3");
    g_assert_cmpstr(mcp_mrcp_message_get(message, "Content-ID"), ==, "<x@y>");
    g_assert_cmpstr(mcp_mrcp_message_get(message, "Empty"), ==, "");
    g_assert_cmpmem(g_bytes_get_data(message->body, NULL), g_bytes_get_size(message->body), "a\nb",
                    3);
}

static const Case refused[] = {
    {MCP_MRCP_V2, "HELLO 1 MRCP/1.0\n\n", "no MRCP/2.0"},
    {MCP_MRCP_V2, "MRCP/3.0 @ STOP 1\n\n", "no MRCP/2.0"},
    {MCP_MRCP_V2, "MRCP/2.0 x STOP 1\n\n", "message length 'x'"},
    {MCP_MRCP_V2, "MRCP/2.0\n\n", "message length ''"},
    {MCP_MRCP_V2, "MRCP/2.0 -9 STOP 1\n\n", "message length '-9'"},
    {MCP_MRCP_V2, "MRCP/2.0 99999999999999999999 STOP 1\n\n", "message length"},
    {MCP_MRCP_V2, "MRCP/2.0 9 STOP 1\n\n", "longer than the message length '9'"},
    {MCP_MRCP_V2, "MRCP/2.0 5000000 STOP 1\n\n", "4194304 are allowed"},
    {MCP_MRCP_V2, "MRCP/2.0 @\n\n", "nothing behind the length"},
    {MCP_MRCP_V2, "MRCP/2.0 @ STOP\n\n", "no request id behind 'STOP'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ STOP x\n\n", "request id 'x'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ STOP 4294967296\n\n", "request id '4294967296'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ ST(OP 1\n\n", "name of a method or event 'ST(OP'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1 DONE\n\n", "request state 'DONE'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1 COMPLETE y\n\n", "goes on with 'y'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1 COMPLETE y z\n\n", "too many words"},
    {MCP_MRCP_V2, "MRCP/2.0 @ 1 200\n\n", "not a request id, a status and a state"},
    {MCP_MRCP_V2, "MRCP/2.0 @ 1 20 COMPLETE\n\n", "status code '20'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ 1 099 COMPLETE\n\n", "status code '099'"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\nhello\n\n", "header line 'hello' has no colon"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\na b: c\n\n", "does not begin with a name"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\n: c\n\n", "does not begin with a name"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\n A: c\n\n", "the start line is folded"},
    {MCP_MRCP_V2, " MRCP/2.0 @ X 1\n\n", "begins with a blank"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\nContent-Length: 3\n\nab", "but LENGTH leaves 2"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\nContent-Length: 1\n\nab", "1 bytes behind a body of 1"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\nContent-Length: 1\nContent-Length: 2\n\nab", "given twice"},
    {MCP_MRCP_V2, "MRCP/2.0 @ X 1\nContent-Length: +1\n\na", "'+1' is no number"},
    {MCP_MRCP_V2, "MRCP/2.0 30 X 1\n\n", "not a whole message"},
    {MCP_MRCP_V1, "STOP 1 MRCP/2.0\n\n", "no MRCP/1.0"},
    {MCP_MRCP_V1, "STOP 1\n\n", "no MRCP/1.0"},
    {MCP_MRCP_V1, "MRCP/1.0\n\n", "no MRCP/1.0"},
    {MCP_MRCP_V1, "MRCP/1.0 1 200\n\n", "not a request id, a status"},
    {MCP_MRCP_V1, "X 1 MRCP/1.0\nContent-Length: 3\n\na", "not a whole message"},
    {MCP_MRCP_V1, "X 1 MRCP/1.0\nContent-Length: 1\n\nab", "more than one message"},
    {MCP_MRCP_V1, "X 1 MRCP/1.0\n\nX 2 MRCP/1.0\n\n", "more than one message"},
    {MCP_MRCP_V1, "X 1 MRCP/1.0\nContent-Length: 5000000\n\na", "4194304 are allowed"},
    {MCP_MRCP_V1, "", "not a whole message"},
};

static void
test_refused(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(read_one(refused[i].version, refused[i].text, NULL, &error));
        g_assert_nonnull(error);
        g_assert_true(error->domain == MCP_ERROR);
        if (strstr(error->message, refused[i].says) == NULL)
            g_error("'%s' says '%s'", refused[i].text, error->message);
    }
}

static void
assert_over(const McpMrcpLimits *limits, const char *text, const char *says)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(read_one(MCP_MRCP_V2, text, limits, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, says));
}

static void
test_limits(void)
{
    const McpMrcpLimits limits = {.max_line = 40, .max_head = 90, .max_fields = 3, .max_body = 4};
    g_autoptr(McpMrcpMessage) fits =
        read_one(MCP_MRCP_V2, "MRCP/2.0 @ X 1\nA:1\nB:2\nContent-Length: 4\n\nabcd", &limits, NULL);

    g_assert_nonnull(fits);
    assert_over(&limits, "MRCP/2.0 @ X 1\n\nabcde", "a body of 5 bytes, 4 are allowed");
    assert_over(&limits, "MRCP/2.0 @ X 1\nA:1\nB:2\nC:3\nD:4\n\n", "more than 3 header fields");
    assert_over(&limits, "MRCP/2.0 @ X 1\nA:34567890123456789012345678901234567890123\n\n",
                "a line of more than 40 bytes");
    assert_over(&limits, "MRCP/2.0 @ X 1\nA:3456789012345678901\n 34567890123456789012345\n\n",
                "a line of more than 40 bytes");
    assert_over(&limits,
                "MRCP/2.0 @ X 1\nA:345678901234567890\nB:3456789012345678901234567890\n"
                "C:3456789012345678901234567890\n\n",
                "a header of more than 90 bytes");
    /* A line that never ends is refused as soon as it is too long. */
    assert_over(&limits, "MRCP/2.0 1000 RECOGNIZE 11111111111111111111111111111111111111",
                "a line of more than 40 bytes");
}

/* Several messages in one segment, and all of them byte by byte. */
static void
test_stream(void)
{
    static const char text[] = "MRCP/2.0 19 A 1\r\n\r\n"
                               "MRCP/2.0 40 B 2\r\nContent-Length: 2\r\n\r\n\r\n"
                               "\r\nMRCP/2.0 28 3 200 COMPLETE\n\nMRCP/2.0 19";

    for (gsize piece = 1; piece <= sizeof text - 1; piece++) {
        g_autoptr(McpMrcpParser) parser = mcp_mrcp_parser_new(MCP_MRCP_V2, NULL);
        g_autoptr(GError) error = NULL;
        guint ids = 0;

        for (gsize at = 0; at < sizeof text - 1; at += piece) {
            McpMrcpMessage *message = NULL;

            mcp_mrcp_parser_push(parser, text + at, MIN(piece, sizeof text - 1 - at));
            while ((message = mcp_mrcp_parser_next(parser, &error)) != NULL) {
                ids = ids * 10 + message->id;
                mcp_mrcp_message_free(message);
            }
            g_assert_no_error(error);
        }
        g_assert_cmpuint(ids, ==, 123);
        g_assert_false(mcp_mrcp_parser_is_idle(parser));
    }
}

/* What comes behind an error is not read, and the error says where it was. */
static void
test_out_of_step(void)
{
    g_autoptr(McpMrcpParser) parser = mcp_mrcp_parser_new(MCP_MRCP_V2, NULL);
    g_autoptr(GError) first = NULL;
    g_autoptr(GError) second = NULL;
    g_autoptr(McpMrcpMessage) message = NULL;
    static const char good[] = "MRCP/2.0 19 A 1\r\n\r\n";

    mcp_mrcp_parser_push(parser, good, sizeof good - 1);
    message = mcp_mrcp_parser_next(parser, &first);
    g_assert_no_error(first);
    g_assert_true(mcp_mrcp_parser_is_idle(parser));
    mcp_mrcp_parser_push(parser, "MRCP/2.0 20 X 1 DONE\n\n", 22);
    g_assert_null(mcp_mrcp_parser_next(parser, &first));
    g_assert_error(first, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(first->message, "message at byte 19: "));
    mcp_mrcp_parser_push(parser, good, sizeof good - 1);
    g_assert_null(mcp_mrcp_parser_next(parser, &second));
    g_assert_cmpstr(second->message, ==, first->message);
    g_assert_false(mcp_mrcp_parser_is_idle(parser));
}

static void
test_zero(void)
{
    static const char text[] = "STOP 1 MRCP/1.0\nA: b\0c\n\n";
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_mrcp_message_parse(MCP_MRCP_V1, text, sizeof text - 1, NULL, &error));
    g_assert_nonnull(strstr(error->message, "a zero byte"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/message/write", test_write);
    g_test_add_func("/mrcp/message/length", test_length);
    g_test_add_func("/mrcp/message/fields", test_fields);
    g_test_add_func("/mrcp/message/accepted", test_accepted);
    g_test_add_func("/mrcp/message/content", test_content);
    g_test_add_func("/mrcp/message/refused", test_refused);
    g_test_add_func("/mrcp/message/limits", test_limits);
    g_test_add_func("/mrcp/message/stream", test_stream);
    g_test_add_func("/mrcp/message/out-of-step", test_out_of_step);
    g_test_add_func("/mrcp/message/zero", test_zero);
    return g_test_run();
}
