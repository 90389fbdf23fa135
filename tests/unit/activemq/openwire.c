/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of OpenWire: what is written, byte by byte, and what a broker may say. */
#include <mcp/error.h>
#include <openwire/openwire.h>
#include <string.h>

static McpOpenwireCommand *
parse(const void *bytes, gsize length, GError **error)
{
    g_autoptr(McpOpenwireParser) parser = mcp_openwire_parser_new(1000);

    mcp_openwire_parser_push(parser, bytes, length);
    return mcp_openwire_parser_next(parser, error);
}

static void
check_bytes(GBytes *bytes, const void *expected, gsize length)
{
    gsize got = 0;
    const guint8 *data = g_bytes_get_data(bytes, &got);

    g_assert_cmpmem(data, got, expected, length);
    g_bytes_unref(bytes);
}

static void
test_text(void)
{
    static const guint8 plain[] = {0, 0, 0, 2, 'h', 'i'};
    static const guint8 umlaut[] = {0, 0, 0, 2, 0xc3, 0xbc};
    /* U+1F600 is D83D DE00, each of three bytes. */
    static const guint8 face[] = {0, 0, 0, 6, 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80};
    static const guint8 zero[] = {0, 0, 0, 2, 0xc0, 0x80};
    static const guint8 bad[] = {0, 0, 0, 2, '?', 'x'};

    check_bytes(mcp_openwire_text("hi", 2), plain, sizeof plain);
    check_bytes(mcp_openwire_text("\xc3\xbc", 2), umlaut, sizeof umlaut);
    check_bytes(mcp_openwire_text("\xf0\x9f\x98\x80", 4), face, sizeof face);
    check_bytes(mcp_openwire_text("", 1), zero, sizeof zero);
    check_bytes(mcp_openwire_text("\xff"
                                  "x",
                                  2),
                bad, sizeof bad);
}

static void
test_commands(void)
{
    static const guint8 keep_alive[] = {0, 0, 0, 6, 10, 0, 0, 0, 7, 0};
    static const guint8 session[] = {0, 0, 0, 20,  4, 0, 0, 0, 3, 0, 1, 121,
                                     1, 0, 1, 'c', 0, 0, 0, 0, 0, 0, 0, 1};
    static const guint8 commit[] = {0,   0, 0, 0x1d, 7, 0, 0, 0, 4, 1, 1,   120, 1, 0, 1,   'c', 1,
                                    111, 0, 0, 0,    0, 0, 0, 0, 9, 1, 120, 1,   0, 1, 'c', 2};
    const McpOpenwireProducer producer = {"c", 1, 5};

    check_bytes(mcp_openwire_transaction(4, "c", 9, TRUE), commit, sizeof commit);
    check_bytes(mcp_openwire_keep_alive(7), keep_alive, sizeof keep_alive);
    check_bytes(mcp_openwire_session(3, &producer), session, sizeof session);
}

/* Of a message the same producer and sequence make the same id, whatever the command. */
static void
test_message(void)
{
    const McpOpenwireProducer producer = {"ID:x", 1, 0x0102030405060708};
    g_autoptr(GBytes) content = mcp_openwire_text("{}", 2);
    const McpOpenwireProperty property = {"recordId", "cdr:1"};
    const McpOpenwireMessage message = {
        .producer = &producer,
        .sequence = 9,
        .destination = "mcp.cdr",
        .type = "cdr",
        .timestamp = 1000,
        .content = content,
        .properties = &property,
        .n_properties = 1,
    };
    g_autoptr(GBytes) first = mcp_openwire_message(1, &message);
    g_autoptr(GBytes) second = mcp_openwire_message(2, &message);
    gsize length = 0;
    const guint8 *a = g_bytes_get_data(first, &length);
    const guint8 *b = g_bytes_get_data(second, NULL);

    g_assert_cmpuint(g_bytes_get_size(second), ==, length);
    g_assert_cmpuint(a[4], ==, MCP_OPENWIRE_TEXT_MESSAGE);
    g_assert_cmpuint(a[8], ==, 1);
    g_assert_cmpuint(b[8], ==, 2);
    g_assert_cmpuint(a[9], ==, 1); /* a response is wanted */
    g_assert_cmpmem(a + 9, length - 9, b + 9, length - 9);
    g_assert_nonnull(memmem(a, length, "\0\7mcp.cdr", 9));
    g_assert_nonnull(memmem(a, length, "\0\10recordId\11\0\5cdr:1", 18));
}

static void
test_wire_format(void)
{
    g_autoptr(GBytes) bytes = mcp_openwire_wire_format(30000, 5000);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    g_autoptr(McpOpenwireCommand) command = parse(data, length, NULL);

    g_assert_nonnull(command);
    g_assert_cmpuint(command->type, ==, MCP_OPENWIRE_WIRE_FORMAT_INFO);
    g_assert_cmpint(command->version, ==, 1);
    g_assert_cmpint(command->max_inactivity, ==, 30000);
    g_assert_cmpint(command->max_frame, ==, 5000);
}

static void
test_responses(void)
{
    static const guint8 good[] = {0, 0, 0, 10, 30, 0, 0, 0, 4, 0, 0, 0, 1, 2};
    static const guint8 bad[] = {0, 0, 0, 20, 31, 0, 0,   0, 4, 0, 0,   0,
                                 0, 9, 1, 1,  0,  1, 'E', 1, 0, 2, 'n', 'o'};
    g_autoptr(McpOpenwireCommand) response = parse(good, sizeof good, NULL);
    g_autoptr(McpOpenwireCommand) exception = parse(bad, sizeof bad, NULL);

    g_assert_cmpint(response->correlation, ==, 0x102);
    g_assert_null(response->error_class);
    g_assert_cmpint(exception->correlation, ==, 9);
    g_assert_cmpstr(exception->error_class, ==, "E");
    g_assert_cmpstr(exception->error_text, ==, "no");
}

static void
test_hostile(void)
{
    static const struct {
        const char *bytes;
        gsize length;
    } frames[] = {
        {"\0\0\0\0", 4},                                         /* empty */
        {"\177\377\377\377", 4},                                 /* endless */
        {"\0\0\0\2\36\0", 6},                                    /* a response of one byte */
        {"\0\0\0\11\1ActiveMX", 13},                             /* of something else */
        {"\0\0\0\26\1ActiveMQ\0\0\0\1\1\0\0\0\0\0\0\0\377", 26}, /* entries that are not there */
    };

    for (guint i = 0; i < G_N_ELEMENTS(frames); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(parse(frames[i].bytes, frames[i].length, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

/* Byte by byte, and two commands at once. */
static void
test_pieces(void)
{
    static const guint8 two[] = {0, 0, 0, 6, 10, 0, 0, 0, 7, 1, 0, 0, 0, 6, 11, 0, 0, 0, 8, 0};
    g_autoptr(McpOpenwireParser) parser = mcp_openwire_parser_new(1000);
    guint seen = 0;

    for (guint i = 0; i < sizeof two; i++) {
        g_autoptr(McpOpenwireCommand) command = NULL;

        mcp_openwire_parser_push(parser, two + i, 1);
        command = mcp_openwire_parser_next(parser, NULL);
        seen += command != NULL;
    }
    g_assert_cmpuint(seen, ==, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/openwire/text", test_text);
    g_test_add_func("/openwire/commands", test_commands);
    g_test_add_func("/openwire/message", test_message);
    g_test_add_func("/openwire/wire-format", test_wire_format);
    g_test_add_func("/openwire/responses", test_responses);
    g_test_add_func("/openwire/hostile", test_hostile);
    g_test_add_func("/openwire/pieces", test_pieces);
    return g_test_run();
}
