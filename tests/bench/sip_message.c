/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 3261 message syntax for the load tool and the floor program. No state; any thread.
 */
#include "sip_message.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *full;
    char compact;
} CompactForm;

static const CompactForm compact_forms[] = {
    {"Via", 'v'},     {"From", 'f'},           {"To", 't'},           {"Call-ID", 'i'},
    {"Contact", 'm'}, {"Content-Length", 'l'}, {"Content-Type", 'c'},
};

static gboolean
name_matches(const char *on_wire, const char *name)
{
    if (g_ascii_strcasecmp(on_wire, name) == 0)
        return TRUE;
    if (on_wire[0] == '\0' || on_wire[1] != '\0')
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(compact_forms); i++) {
        if (g_ascii_strcasecmp(compact_forms[i].full, name) == 0)
            return g_ascii_tolower(on_wire[0]) == compact_forms[i].compact;
    }
    return FALSE;
}

const char *
mcp_bench_sip_header_at(const McpBenchSipMessage *message, const char *name, guint skip)
{
    for (guint i = 0; i < message->n_headers; i++) {
        if (!name_matches(message->headers[i].name, name))
            continue;
        if (skip == 0)
            return message->headers[i].value;
        skip--;
    }
    return NULL;
}

const char *
mcp_bench_sip_header(const McpBenchSipMessage *message, const char *name)
{
    return mcp_bench_sip_header_at(message, name, 0);
}

static gboolean
refuse(GError **error, const char *what)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "not a SIP message: %s", what);
    return FALSE;
}

/* Cuts the next line out of @at, joining folded lines (RFC 3261 §7.3.1). */
static char *
next_line(char **at)
{
    char *line = *at;
    char *end = strstr(line, "\r\n");
    while (end != NULL && (end[2] == ' ' || end[2] == '\t') && end != line) {
        end[0] = ' ';
        end[1] = ' ';
        end = strstr(end, "\r\n");
    }
    if (end == NULL) {
        *at = line + strlen(line);
        return line;
    }
    *end = '\0';
    *at = end + 2;
    return line;
}

static gboolean
parse_start_line(McpBenchSipMessage *message, char *line, GError **error)
{
    if (g_str_has_prefix(line, "SIP/2.0 ")) {
        char *end = NULL;
        message->status = (guint)strtoul(line + 8, &end, 10);
        message->reason = g_strchug(end);
        return (message->status >= 100 && message->status <= 699) || refuse(error, "bad status");
    }
    char *uri = strchr(line, ' ');
    char *version = uri != NULL ? strchr(uri + 1, ' ') : NULL;
    if (version == NULL || strcmp(version + 1, "SIP/2.0") != 0)
        return refuse(error, "bad start line");
    *uri = '\0';
    *version = '\0';
    message->is_request = TRUE;
    message->method = line;
    message->request_uri = uri + 1;
    return TRUE;
}

static gboolean
parse_headers(McpBenchSipMessage *message, char **at, GError **error)
{
    for (char *line = next_line(at); *line != '\0'; line = next_line(at)) {
        char *colon = strchr(line, ':');
        if (colon == NULL)
            return refuse(error, "header without colon");
        if (message->n_headers == MCP_BENCH_SIP_MAX_HEADERS)
            return refuse(error, "too many headers");
        *colon = '\0';
        message->headers[message->n_headers].name = g_strchomp(line);
        message->headers[message->n_headers].value = g_strstrip(colon + 1);
        message->n_headers++;
    }
    return TRUE;
}

static gboolean
parse_cseq(McpBenchSipMessage *message, GError **error)
{
    const char *cseq = mcp_bench_sip_header(message, "CSeq");
    char *end = NULL;
    if (cseq == NULL || !g_ascii_isdigit(cseq[0]))
        return refuse(error, "no CSeq");
    message->cseq = (guint32)strtoul(cseq, &end, 10);
    if (!message->is_request)
        message->method = g_strchug(end);
    return TRUE;
}

McpBenchSipMessage *
mcp_bench_sip_parse(const char *data, gsize length, GError **error)
{
    g_autoptr(McpBenchSipMessage) message = g_new0(McpBenchSipMessage, 1);
    message->text = g_strndup(data, length); /* ends at a NUL byte, which no valid header has */
    char *at = message->text;
    while (at[0] == '\r' && at[1] == '\n')
        at += 2;
    const char *whole_end = message->text + strlen(message->text);
    if (!parse_start_line(message, next_line(&at), error) || !parse_headers(message, &at, error) ||
        !parse_cseq(message, error))
        return NULL;
    message->body = at;
    message->body_length = (gsize)(whole_end - at);
    const char *declared = mcp_bench_sip_header(message, "Content-Length");
    if (declared != NULL)
        message->body_length = MIN(message->body_length, strtoul(declared, NULL, 10));
    return g_steal_pointer(&message);
}

void
mcp_bench_sip_message_free(McpBenchSipMessage *message)
{
    g_free(message->text);
    g_free(message);
}

char *
mcp_bench_sip_parameter(const char *value, const char *name)
{
    const char *at = strchr(value, '<') != NULL ? strchr(value, '>') : value;
    gsize length = strlen(name);
    while (at != NULL && (at = strchr(at, ';')) != NULL) {
        at++;
        at += strspn(at, " \t");
        if (g_ascii_strncasecmp(at, name, length) != 0)
            continue;
        const char *after = at + length;
        if (*after == '=')
            return g_strndup(after + 1, strcspn(after + 1, ";, \t"));
        if (strchr(";, \t", *after) != NULL) /* the end of the string too */
            return g_strdup("");
    }
    return NULL;
}

char *
mcp_bench_sip_uri_of(const char *value)
{
    const char *open = strchr(value, '<');
    if (open != NULL)
        return g_strndup(open + 1, strcspn(open + 1, ">"));
    return g_strndup(value, strcspn(value, "; \t,"));
}

static gsize
declared_length(const char *data, gsize header_length)
{
    g_autofree char *headers = g_strndup(data, header_length);
    char *at = headers;
    for (char *line = next_line(&at); *line != '\0'; line = next_line(&at)) {
        char *colon = strchr(line, ':');
        if (colon == NULL)
            continue;
        *colon = '\0';
        if (name_matches(g_strchomp(line), "Content-Length"))
            return strtoul(colon + 1, NULL, 10);
    }
    return 0;
}

gssize
mcp_bench_sip_frame(const char *data, gsize length)
{
    const gsize limit = 65536;
    gsize skip = 0;
    while (length - skip >= 2 && memcmp(data + skip, "\r\n", 2) == 0)
        skip += 2;
    const char *end = memmem(data + skip, length - skip, "\r\n\r\n", 4);
    if (end == NULL)
        return length - skip > limit ? -1 : 0;
    gsize header_length = (gsize)(end + 4 - data);
    gsize body_length = declared_length(data + skip, header_length - skip);
    if (body_length > limit)
        return -1;
    return header_length + body_length <= length ? (gssize)(header_length + body_length) : 0;
}

static void
copy_headers(GString *out, const McpBenchSipMessage *from, const char *name)
{
    for (guint i = 0;; i++) {
        const char *value = mcp_bench_sip_header_at(from, name, i);
        if (value == NULL)
            return;
        g_string_append_printf(out, "%s: %s\r\n", name, value);
    }
}

void
mcp_bench_sip_append_response(GString *out, const McpBenchSipMessage *request,
                              const char *status_line, const char *to_tag, const char *extra,
                              const char *body)
{
    g_string_append_printf(out, "SIP/2.0 %s\r\n", status_line);
    copy_headers(out, request, "Via");
    copy_headers(out, request, "Record-Route");
    copy_headers(out, request, "From");
    const char *to = mcp_bench_sip_header(request, "To");
    if (to != NULL) {
        g_autofree char *tag = mcp_bench_sip_parameter(to, "tag");
        gboolean add = tag == NULL && to_tag != NULL;
        g_string_append_printf(out, "To: %s%s%s\r\n", to, add ? ";tag=" : "", add ? to_tag : "");
    }
    copy_headers(out, request, "Call-ID");
    copy_headers(out, request, "CSeq");
    g_string_append_printf(out, "%sContent-Length: %zu\r\n\r\n%s", extra, strlen(body), body);
}

static gboolean
starts(const char *line, const char *prefix, const char **out_rest)
{
    if (!g_str_has_prefix(line, prefix))
        return FALSE;
    *out_rest = line + strlen(prefix);
    return TRUE;
}

/* m=audio <port> <profile> <first format> … */
static gboolean
parse_media_line(const char *rest, McpBenchSdpAudio *audio)
{
    g_auto(GStrv) words = g_strsplit(rest, " ", -1);
    if (g_strv_length(words) < 3)
        return FALSE;
    audio->port = (guint16)strtoul(words[0], NULL, 10);
    audio->payload_type = (int)strtol(words[2], NULL, 10);
    return TRUE;
}

gboolean
mcp_bench_sdp_parse(const char *body, gsize length, McpBenchSdpAudio *out_audio, GError **error)
{
    McpBenchSdpAudio audio = {.event_type = -1};
    g_autofree char *text = g_strndup(body, length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    enum { SESSION, AUDIO, OTHER } section = SESSION;
    gboolean found = FALSE;
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = g_strchomp(lines[i]);
        const char *rest = NULL;
        if (starts(line, "m=", &rest)) {
            gboolean here = !found && starts(line, "m=audio ", &rest);
            section = here && parse_media_line(rest, &audio) ? AUDIO : OTHER;
            found = found || section == AUDIO;
        } else if (section != OTHER && starts(line, "c=IN IP4 ", &rest)) {
            g_strlcpy(audio.address, rest, sizeof audio.address);
        } else if (section == AUDIO && strcmp(line, "a=inactive") == 0) {
            audio.inactive = TRUE;
        } else if (section == AUDIO && strcasestr(line, " telephone-event/") != NULL &&
                   starts(line, "a=rtpmap:", &rest)) {
            audio.event_type = (int)strtol(rest, NULL, 10);
        }
    }
    if (!found || audio.port == 0 || audio.address[0] == '\0') {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "no audio stream in the SDP");
        return FALSE;
    }
    *out_audio = audio;
    return TRUE;
}

char *
mcp_bench_sdp_new(const char *address, guint16 port, guint16 rtcp_port, const McpBenchCodec *codec,
                  int event_type)
{
    guint type = codec->payload_type;
    GString *sdp = g_string_new(NULL);
    g_string_append_printf(sdp,
                           "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
                           "m=audio %u RTP/AVP %u",
                           address, address, port, type);
    if (event_type >= 0)
        g_string_append_printf(sdp, " %d", event_type);
    g_string_append_printf(sdp, "\r\na=rtpmap:%u %s\r\n", type, codec->rtpmap);
    if (codec->fmtp != NULL)
        g_string_append_printf(sdp, "a=fmtp:%u %s\r\n", type, codec->fmtp);
    if (event_type >= 0)
        g_string_append_printf(sdp, "a=rtpmap:%d telephone-event/%u\r\na=fmtp:%d 0-15\r\n",
                               event_type, codec->clock_rate, event_type);
    if (rtcp_port != port + 1)
        g_string_append_printf(sdp, "a=rtcp:%u\r\n", rtcp_port);
    g_string_append(sdp, "a=ptime:20\r\na=sendrecv\r\n");
    return g_string_free(sdp, FALSE);
}

char *
mcp_bench_sip_target_of(const char *target, guint number)
{
    g_autofree char *text = g_strdup_printf("%u", number);
    GString *made = g_string_new(target);
    g_string_replace(made, "{}", text, 0);
    return g_string_free(made, FALSE);
}
