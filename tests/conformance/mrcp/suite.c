/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRCP messages that others wrote: the 149 of RFC 6787, and what an independent client and server
 * said to each other in both versions. Each is read, cut at every byte, written and read again; the
 * results in them are read as results. With --invert what comes back is expected to be another
 * message: every test must then fail. See README.md for what is mended in the RFC's.
 */
#include <mrcp/names.h>
#include <mrcp/nlsml.h>
#include <mrcp/rtsp.h>

#include <string.h>

/* One direction of a connection, as one side sent it. */
typedef struct {
    GString *bytes;
    char *first_line;
} Stream;

static gboolean invert;

/* All of a message that counts, as text. */
static char *
print_message(const McpMrcpMessage *message)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%d %d %s %u %u %s\n", (int)message->version, (int)message->kind,
                           message->name != NULL ? message->name : "-", message->id,
                           message->status, mcp_mrcp_state_text(message->state));
    mcp_mrcp_fields_write(message->fields, out);
    if (message->body != NULL)
        g_string_append_len(out, g_bytes_get_data(message->body, NULL),
                            (gssize)g_bytes_get_size(message->body));
    return g_string_free(out, FALSE);
}

/* The verdict of each test. */
static void
check_same(const char *got, const char *wanted)
{
    if (!invert)
        g_assert_cmpstr(got, ==, wanted);
    else if (g_str_equal(got, wanted))
        g_test_fail_printf("inverted: the message is the same");
}

static void
check_result(const McpMrcpMessage *message)
{
    const char *type = mcp_mrcp_message_get(message, "Content-Type");
    g_autoptr(GPtrArray) interpretations = NULL;
    g_autoptr(GError) error = NULL;

    if (type == NULL || strstr(type, "nlsml") == NULL)
        return;
    interpretations = mcp_mrcp_nlsml_parse(message->body, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < interpretations->len; i++) {
        const McpMrcpInterpretation *one = interpretations->pdata[i];

        g_assert_cmpfloat(one->confidence, <=, 1.0);
        g_assert_true(one->instance != NULL || one->input != MCP_MRCP_INPUT_MATCH);
    }
}

static void
write_again(const McpMrcpMessage *message)
{
    g_autofree char *wanted = print_message(message);
    g_autoptr(GBytes) bytes = mcp_mrcp_message_encode(message);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpMessage) again = mcp_mrcp_message_parse(
        message->version, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL, &error);
    g_autofree char *got = NULL;

    g_assert_no_error(error);
    got = print_message(again);
    check_same(got, wanted);
}

/* The only message in @bytes, which came in two pieces, the first @cut bytes long. */
static McpMrcpMessage *
read_cut(const GString *bytes, gsize cut)
{
    g_autoptr(McpMrcpParser) parser = mcp_mrcp_parser_new(MCP_MRCP_V2, NULL);
    g_autoptr(GError) error = NULL;
    McpMrcpMessage *message = NULL;

    mcp_mrcp_parser_push(parser, bytes->str, cut);
    message = mcp_mrcp_parser_next(parser, &error);
    g_assert_no_error(error);
    g_assert_true((message != NULL) == (cut == bytes->len));
    mcp_mrcp_parser_push(parser, bytes->str + cut, bytes->len - cut);
    if (message == NULL)
        message = mcp_mrcp_parser_next(parser, &error);
    g_assert_no_error(error);
    g_assert_nonnull(message);
    g_assert_true(mcp_mrcp_parser_is_idle(parser));
    return message;
}

/* The known names of the resource that the channel belongs to; the RFC has two slips. */
static void
check_names(const McpMrcpMessage *message)
{
    const char *channel = mcp_mrcp_message_get(message, "Channel-Identifier");
    const char *at = channel != NULL ? strchr(channel, '@') : NULL;
    McpMrcpResource resource = MCP_MRCP_SPEECHSYNTH;

    if (message->name == NULL || at == NULL)
        return;
    g_assert_true(mcp_mrcp_resource_find(MCP_MRCP_V2, at + 1, &resource));
    g_assert_true(message->kind == MCP_MRCP_EVENT
                      ? mcp_mrcp_has_event(MCP_MRCP_V2, resource, message->name)
                      : mcp_mrcp_has_method(MCP_MRCP_V2, resource, message->name));
}

static GStrv
split_lines(const char *text)
{
    GStrv lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i] != NULL; i++)
        g_strchomp(lines[i]);
    return lines;
}

/* A header field, whatever it is indented by; what has no name before a colon goes on with one. */
static gboolean
is_field(const char *line)
{
    g_autofree char *text = g_strdup(line);
    char *colon = strchr(text, ':');

    if (colon == NULL)
        return FALSE;
    *colon = '\0';
    return mcp_mrcp_is_token(g_strchug(text));
}

/* Below a message: "                     STOP Example". */
static gboolean
is_caption(const char *line)
{
    return g_str_has_prefix(line, "          ") && g_str_has_suffix(line, " Example");
}

/* Returns: how many of @lines are its header. */
static guint
mend_header(char **lines, GString *out, gboolean *out_has_body)
{
    guint i = 0;

    for (; lines[i] != NULL && lines[i][0] != '\0'; i++) {
        const char *line = lines[i] + (is_field(lines[i]) ? strspn(lines[i], " ") : 0);

        if (line[0] != ' ' && !is_field(line))
            break;
        if (g_ascii_strncasecmp(line, "Content-Length:", 15) == 0)
            *out_has_body = TRUE;
        else
            g_string_append_printf(out, "%s\r\n", line);
    }
    return i;
}

/* The start line with the length that the whole message comes to. */
static GString *
mend_start(const char *line, const GString *rest)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 3);
    GString *out = g_string_new(NULL);

    for (gsize length = rest->len;; length++) {
        g_string_printf(out, "%s %" G_GSIZE_FORMAT " %s\r\n", words[0], length,
                        g_str_has_suffix(words[2], " IN-PROGRESS@speechsynth")
                            ? "543258 200 IN-PROGRESS"
                            : words[2]);
        if (out->len + rest->len == length)
            return out;
    }
}

/* The RFC's text as it would go over the wire: see README.md. */
static GString *
mend(const char *text)
{
    g_auto(GStrv) lines = split_lines(text);
    g_autoptr(GString) head = g_string_new(NULL);
    g_autoptr(GString) body = g_string_new(NULL);
    gboolean has_body = FALSE;
    guint i = 1 + mend_header(lines + 1, head, &has_body);

    for (i += lines[i] != NULL && lines[i][0] == '\0'; has_body && lines[i] != NULL; i++) {
        if (!is_caption(lines[i]))
            g_string_append_printf(body, "%s\r\n", lines[i]);
    }
    if (has_body)
        g_string_append_printf(head, "Content-Length: %" G_GSIZE_FORMAT "\r\n", body->len);
    g_string_append_printf(head, "\r\n%s", body->str);
    return g_string_append(mend_start(lines[0], head), head->str);
}

static void
test_message(gconstpointer data)
{
    g_autofree char *text = NULL;
    g_autofree char *wanted = NULL;
    g_autoptr(GString) bytes = NULL;
    g_autoptr(GError) error = NULL;

    g_file_get_contents(data, &text, NULL, &error);
    g_assert_no_error(error);
    bytes = mend(text);
    for (gsize cut = bytes->len; cut > 0; cut--) {
        g_autoptr(McpMrcpMessage) message = read_cut(bytes, cut);
        g_autofree char *got = print_message(message);

        if (wanted == NULL) {
            check_names(message);
            check_result(message);
            write_again(message);
            wanted = g_steal_pointer(&got);
        } else {
            check_same(got, wanted);
        }
        if (invert)
            break;
    }
}

static void
stream_free(gpointer data)
{
    Stream *stream = data;

    g_string_free(stream->bytes, TRUE);
    g_free(stream->first_line);
    g_free(stream);
}

/* One line of a capture, which has lost its CR, into @out. */
static gsize
mend_line(const char **text, GString *out)
{
    gsize length = strcspn(*text, "\n");

    g_string_append_len(out, *text, (gssize)length);
    g_string_append(out, "\r\n");
    *text += length + ((*text)[length] == '\n');
    return length;
}

/* One message of a capture: its header and SDP had CR LF, other bodies are as they were. */
static void
mend_captured(const char **text, GString *out)
{
    gsize begin = out->len;
    g_autofree char *head = NULL;
    const char *field = NULL;
    gsize length = 0;

    while (mend_line(text, out) > 0)
        continue;
    head = g_strdup(out->str + begin);
    field = strstr(head, "\r\nContent-Length: ");
    length = field != NULL ? g_ascii_strtoull(field + strlen("\r\nContent-Length: "), NULL, 10) : 0;
    begin = out->len;
    if (strstr(head, "Content-Type: application/mrcp\r\n") != NULL) {
        mend_captured(text, out);
    } else if (strstr(head, "Content-Type: application/sdp\r\n") != NULL) {
        while (out->len - begin < length)
            mend_line(text, out);
    } else {
        g_string_append_len(out, *text, (gssize)length);
        *text += length;
    }
    g_assert_cmpuint(out->len - begin, ==, length);
}

/* "t=0.000s TCP A -> B (N bytes)" and what was sent. */
static void
add_segment(GHashTable *streams, const char *head, const char *body)
{
    g_auto(GStrv) words = g_strsplit(head, " ", 6);
    g_autofree char *key = NULL;
    Stream *stream = NULL;
    gsize begin = 0;

    if (g_strv_length(words) < 6 || !g_str_equal(words[1], "TCP"))
        return;
    key = g_strdup_printf("%s-%s", words[2], words[4]);
    stream = g_hash_table_lookup(streams, key);
    if (stream == NULL) {
        stream = g_new0(Stream, 1);
        stream->bytes = g_string_new(NULL);
        stream->first_line = g_strndup(body, strcspn(body, "\n"));
        g_hash_table_insert(streams, g_steal_pointer(&key), stream);
    }
    for (begin = stream->bytes->len; body[strspn(body, "\n")] != '\0';)
        mend_captured(&body, stream->bytes);
    g_assert_cmpuint(stream->bytes->len - begin, ==, g_ascii_strtoull(words[5] + 1, NULL, 10));
}

/* The streams of a capture by "from-to". */
static GHashTable *
read_capture(const char *path)
{
    GHashTable *streams = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, stream_free);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    const char *p = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    for (p = strstr(text, "===== "); p != NULL;) {
        g_autofree char *head = g_strndup(p + 6, strcspn(p + 6, "\n"));
        const char *body = p + 6 + strlen(head) + 1;
        const char *next = strstr(body, "\n===== ");
        g_autofree char *segment = next != NULL ? g_strndup(body, (gsize)(next - body)) : NULL;

        add_segment(streams, head, segment != NULL ? segment : body);
        p = next != NULL ? next + 1 : NULL;
    }
    return streams;
}

/* What is inside of RTSP. */
static void
check_carried(const McpMrcpRtsp *rtsp, GString *log)
{
    const char *type = mcp_mrcp_rtsp_get(rtsp, "Content-Type");
    g_autoptr(McpMrcpMessage) message = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    g_string_append_printf(log, "%s %s %u %s\n", rtsp->method != NULL ? rtsp->method : "-",
                           rtsp->uri != NULL ? rtsp->uri : "-", rtsp->status,
                           mcp_mrcp_rtsp_get(rtsp, "CSeq"));
    if (type == NULL || !g_str_equal(type, "application/mrcp"))
        return;
    message = mcp_mrcp_message_parse(MCP_MRCP_V1, g_bytes_get_data(rtsp->body, NULL),
                                     g_bytes_get_size(rtsp->body), NULL, &error);
    g_assert_no_error(error);
    check_result(message);
    write_again(message);
    text = print_message(message);
    g_string_append(log, text);
}

static GBytes *
take_rtsp(McpMrcpRtspParser *parser, GString *log)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpRtsp) rtsp = mcp_mrcp_rtsp_parser_next(parser, &error);

    g_assert_no_error(error);
    if (rtsp == NULL)
        return NULL;
    check_carried(rtsp, log);
    return mcp_mrcp_rtsp_encode(rtsp);
}

static GBytes *
take_mrcp(McpMrcpParser *parser, GString *log)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpMessage) message = mcp_mrcp_parser_next(parser, &error);
    g_autofree char *text = NULL;

    g_assert_no_error(error);
    if (message == NULL)
        return NULL;
    check_result(message);
    text = print_message(message);
    g_string_append(log, text);
    return mcp_mrcp_message_encode(message);
}

/* Reads a stream in two pieces. Returns: what was in it; @out: written again. */
static char *
read_stream(const GString *bytes, gsize cut, gboolean is_rtsp, GString *out)
{
    g_autoptr(McpMrcpParser) mrcp = mcp_mrcp_parser_new(MCP_MRCP_V2, NULL);
    g_autoptr(McpMrcpRtspParser) rtsp = mcp_mrcp_rtsp_parser_new(NULL);
    GString *log = g_string_new(NULL);
    const gsize begins[] = {0, cut, bytes->len};

    for (guint i = 0; i + 1 < G_N_ELEMENTS(begins); i++) {
        const char *piece = bytes->str + begins[i];
        gsize length = begins[i + 1] - begins[i];
        GBytes *again = NULL;

        if (is_rtsp)
            mcp_mrcp_rtsp_parser_push(rtsp, piece, length);
        else
            mcp_mrcp_parser_push(mrcp, piece, length);
        while ((again = is_rtsp ? take_rtsp(rtsp, log) : take_mrcp(mrcp, log)) != NULL) {
            g_string_append_len(out, g_bytes_get_data(again, NULL),
                                (gssize)g_bytes_get_size(again));
            g_bytes_unref(again);
        }
    }
    g_assert_true(is_rtsp ? mcp_mrcp_rtsp_parser_is_idle(rtsp) : mcp_mrcp_parser_is_idle(mrcp));
    return g_string_free(log, FALSE);
}

static void
check_stream(const Stream *stream)
{
    gboolean is_rtsp = strstr(stream->first_line, "RTSP/1.0") != NULL;
    g_autoptr(GString) again = g_string_new(NULL);
    g_autofree char *wanted = read_stream(stream->bytes, stream->bytes->len, is_rtsp, again);
    g_autoptr(GString) ignored = g_string_new(NULL);
    g_autofree char *second = read_stream(again, again->len, is_rtsp, ignored);

    g_assert_cmpstr(wanted, !=, "");
    check_same(second, wanted);
    for (gsize cut = 0; cut < stream->bytes->len && !invert; cut++) {
        g_autoptr(GString) written = g_string_new(NULL);
        g_autofree char *got = read_stream(stream->bytes, cut, is_rtsp, written);

        check_same(got, wanted);
    }
}

static void
test_capture(gconstpointer data)
{
    g_autoptr(GHashTable) streams = read_capture(data);
    GHashTableIter iter;
    gpointer stream = NULL;

    g_assert_cmpuint(g_hash_table_size(streams), ==, 2);
    g_hash_table_iter_init(&iter, streams);
    while (g_hash_table_iter_next(&iter, NULL, &stream))
        check_stream(stream);
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list_files(const char *folder, const char *prefix)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry = NULL;

    while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_prefix(entry, prefix) && g_str_has_suffix(entry, ".txt"))
            g_ptr_array_add(paths, g_build_filename(folder, entry, NULL));
    }
    g_ptr_array_sort(paths, compare);
    return paths;
}

static void
add_tests(const GPtrArray *paths, const char *group, GTestDataFunc test)
{
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *base = g_path_get_basename(paths->pdata[i]);
        g_autofree char *name = g_strdup_printf("/mrcp/%s/%s", group, base);

        g_test_add_data_func(name, paths->pdata[i], test);
    }
}

int
main(int argc, char **argv)
{
    const char *named = g_getenv("MCP_CONFORMANCE");
    const char *root = named != NULL ? named : "../shared/conformance";
    g_autofree char *messages = g_build_filename(root, "mrcp", "rfc6787-messages", NULL);
    g_autofree char *captures = g_build_filename(root, "..", "protocols", "captures", NULL);
    g_autoptr(GPtrArray) of_rfc = list_files(messages, "rfc6787-");
    g_autoptr(GPtrArray) of_others = list_files(captures, "mrcp-");
    static char keep_going[] = "--keep-going"; /* all of them are to fail, not the first alone */

    invert = argc > 1 && g_str_equal(argv[argc - 1], "--invert");
    if (invert)
        argv[argc - 1] = keep_going;
    g_test_init(&argc, &argv, NULL);
    if (of_rfc->len == 0) {
        g_print("1..0 # SKIP no conformance data (MCP_CONFORMANCE)\n");
        return 77;
    }
    add_tests(of_rfc, "rfc6787", test_message);
    add_tests(of_others, "capture", test_capture);
    return g_test_run();
}
