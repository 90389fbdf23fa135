/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of session descriptions (RFC 4566), written for text from strangers: every length and
 * number is bounded, the first fault ends it with its line number. Any thread.
 */
#include "sdp_private.h"

#include <gio/gio.h>
#include <mcp/error.h>
#include <string.h>

typedef struct {
    McpSdp *sdp;
    gboolean strict;
    guint line;         /* number of the present line, from 1 */
    const char *fault;  /* static text of the first fault */
    McpSdpMedia *media; /* the open media line, or NULL */
    GArray *formats;    /* McpSdpFormat of the open media line */
    GArray *attributes; /* McpSdpAttribute of the open media line */
    char *address;      /* session-level c=, in the string chunk */
    gboolean ipv6;      /* family of @address */
    McpSdpDirection direction;
    gboolean have_session_name;
    gboolean have_time;
} Parser;

static gboolean
fail(Parser *parser, const char *fault)
{
    parser->fault = fault;
    return FALSE;
}

/* Blanks between fields may be several: common in the field, and without another meaning. */
static guint
split_fields(char *value, char **out_fields, guint max)
{
    guint n = 0;

    while (n < max) {
        value += strspn(value, " ");
        if (*value == '\0')
            break;
        out_fields[n++] = value;
        value += strcspn(value, " ");
        if (*value == '\0')
            break;
        *value++ = '\0';
    }
    if (n == max && value[strspn(value, " ")] != '\0')
        return max + 1;
    return n;
}

static gboolean
parse_origin(Parser *parser, const char *value)
{
    g_autofree char *copy = g_strdup(value);
    char *fields[6];
    guint64 number = 0;

    if (parser->sdp->origin != NULL)
        return fail(parser, "second o= line");
    if (split_fields(copy, fields, 6) != 6)
        return fail(parser, "o= needs six fields");
    if (!mcp_sdp_parse_number(fields[1], G_MAXUINT64, &number))
        return fail(parser, "session id is no number");
    if (!mcp_sdp_parse_number(fields[2], G_MAXUINT64, &parser->sdp->version))
        return fail(parser, "session version is no number");
    parser->sdp->origin = g_string_chunk_insert(parser->sdp->strings, value);
    return TRUE;
}

static gboolean
is_host_name(const char *text)
{
    gsize length = strlen(text);

    if (length == 0 || length > 253 || text[strspn(text, "0123456789.")] == '\0')
        return FALSE;
    for (; *text != '\0'; text++) {
        if (!g_ascii_isalnum(*text) && strchr("-._", *text) == NULL)
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_address(const char *text, gboolean ipv6)
{
    g_autoptr(GInetAddress) address = NULL;

    if (is_host_name(text) && strchr(text, ':') == NULL)
        return TRUE;
    address = g_inet_address_new_from_string(text);
    if (address == NULL)
        return FALSE;
    return (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6) == ipv6;
}

/* RFC 4566 §5.7; "/ttl" and "/number of addresses" of multicast are dropped from the address. */
static gboolean
parse_connection(Parser *parser, const char *value)
{
    g_autofree char *copy = g_strdup(value);
    char *fields[3];
    gboolean ipv6 = FALSE;

    if (split_fields(copy, fields, 3) != 3)
        return fail(parser, "c= needs three fields");
    if (g_ascii_strcasecmp(fields[0], "IN") != 0)
        return fail(parser, "unknown network type");
    ipv6 = g_ascii_strcasecmp(fields[1], "IP6") == 0;
    if (!ipv6 && g_ascii_strcasecmp(fields[1], "IP4") != 0)
        return fail(parser, "unknown address type");
    fields[2][strcspn(fields[2], "/")] = '\0';
    if (!is_address(fields[2], ipv6))
        return fail(parser, "malformed address");
    char *address = g_string_chunk_insert(parser->sdp->strings, fields[2]);

    if (parser->media == NULL) {
        parser->address = address;
        parser->ipv6 = ipv6;
    } else {
        parser->media->address = address;
        parser->media->ipv6 = ipv6;
    }
    return TRUE;
}

static gboolean
add_rtp_format(Parser *parser, const char *text)
{
    McpSdpFormat format = {0};
    guint64 number = 0;

    if (!mcp_sdp_parse_number(text, 127, &number))
        return fail(parser, "payload type out of range");
    for (guint i = 0; i < parser->formats->len; i++) {
        if (g_array_index(parser->formats, McpSdpFormat, i).payload_type == number)
            return TRUE;
    }
    format.payload_type = (guint8)number;
    mcp_sdp_format_fill_static(&format, parser->sdp->strings);
    g_array_append_val(parser->formats, format);
    return TRUE;
}

/* Hands the collected arrays over to the media line that ends here. */
static void
close_media(Parser *parser)
{
    if (parser->media == NULL)
        return;
    parser->media->n_formats = parser->formats->len;
    parser->media->formats = (McpSdpFormat *)(gpointer)g_array_free(parser->formats, FALSE);
    parser->media->n_attributes = parser->attributes->len;
    parser->media->attributes =
        (McpSdpAttribute *)(gpointer)g_array_free(parser->attributes, FALSE);
    parser->media = NULL;
}

static void
open_media(Parser *parser)
{
    close_media(parser);
    g_array_set_size(parser->sdp->media, parser->sdp->media->len + 1);
    parser->media = &g_array_index(parser->sdp->media, McpSdpMedia, parser->sdp->media->len - 1);
    parser->media->direction = parser->direction;
    parser->media->address = parser->address;
    parser->media->ipv6 = parser->ipv6;
    parser->formats = g_array_new(FALSE, TRUE, sizeof(McpSdpFormat));
    parser->attributes = g_array_new(FALSE, TRUE, sizeof(McpSdpAttribute));
}

static gboolean
parse_formats(Parser *parser, char **fields, guint n)
{
    McpSdpMedia *media = parser->media;

    media->raw_formats = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++) {
        media->raw_formats[i] = g_string_chunk_insert_const(parser->sdp->strings, fields[i]);
        if (mcp_sdp_media_is_rtp(media->protocol) && !add_rtp_format(parser, fields[i]))
            return FALSE;
    }
    return TRUE;
}

/* RFC 4566 §5.14: m=<media> <port>["/"<number of ports>] <proto> <fmt> … */
static gboolean
parse_media(Parser *parser, const char *value)
{
    g_autofree char *copy = g_strdup(value);
    char *fields[3 + MCP_SDP_FORMATS_MAX];
    guint n = split_fields(copy, fields, G_N_ELEMENTS(fields));
    guint64 port = 0;

    if (n < 4)
        return fail(parser, "m= needs media, port, protocol and a format");
    if (n > G_N_ELEMENTS(fields))
        return fail(parser, "too many formats");
    if (parser->sdp->media->len == MCP_SDP_MEDIA_MAX)
        return fail(parser, "too many media lines");
    fields[1][strcspn(fields[1], "/")] = '\0';
    if (!mcp_sdp_parse_number(fields[1], 65535, &port))
        return fail(parser, "port out of range");
    open_media(parser);
    parser->media->type = g_string_chunk_insert_const(parser->sdp->strings, fields[0]);
    parser->media->port = (guint)port;
    parser->media->protocol = g_string_chunk_insert_const(parser->sdp->strings, fields[2]);
    return parse_formats(parser, fields + 3, n - 3);
}

static gboolean
parse_attribute(Parser *parser, const char *value)
{
    GArray *attributes = parser->media != NULL ? parser->attributes : parser->sdp->attributes;
    McpSdpAttribute attribute = {0};
    gsize name_length = strcspn(value, ":");
    const char *fault = NULL;

    if (name_length == 0 || memchr(value, ' ', name_length) != NULL)
        return fail(parser, "a= without a name");
    if (attributes->len == MCP_SDP_ATTRIBUTES_MAX)
        return fail(parser, "too many attributes");
    attribute.name = g_string_chunk_insert_len(parser->sdp->strings, value, (gssize)name_length);
    if (value[name_length] == ':')
        attribute.value = g_string_chunk_insert(parser->sdp->strings, value + name_length + 1);
    g_array_append_val(attributes, attribute);
    if (parser->media == NULL) {
        mcp_sdp_direction_from_name(attribute.name, &parser->direction);
        return TRUE;
    }
    parser->media->formats = (McpSdpFormat *)(gpointer)parser->formats->data;
    parser->media->n_formats = parser->formats->len;
    fault = mcp_sdp_media_read_attribute(parser->media, &attribute, parser->sdp->strings);
    parser->media->formats = NULL;
    parser->media->n_formats = 0;
    if (fault != NULL && parser->strict)
        return fail(parser, fault);
    return TRUE;
}

/* Lines before the first m=; other types (i, u, e, p, b, r, z, k, unknown ones) stay as text. */
static gboolean
parse_session_line(Parser *parser, char type, const char *value)
{
    switch (type) {
    case 'v':
        return fail(parser, "second v= line");
    case 'o':
        return parse_origin(parser, value);
    case 's':
        if (parser->have_session_name)
            return fail(parser, "second s= line");
        parser->have_session_name = TRUE;
        return TRUE;
    case 't':
        parser->have_time = TRUE;
        return TRUE;
    default:
        return TRUE;
    }
}

static gboolean
parse_line(Parser *parser, const char *line)
{
    const char *value = line + 2;

    if (!g_ascii_islower(line[0]) || line[1] != '=')
        return fail(parser, "not of the form x=value");
    if (parser->line == 1)
        return strcmp(line, "v=0") == 0 ? TRUE : fail(parser, "does not begin with v=0");
    if (parser->line == 2 && line[0] != 'o')
        return fail(parser, "v= is not followed by o=");
    switch (line[0]) {
    case 'c':
        return parse_connection(parser, value);
    case 'a':
        return parse_attribute(parser, value);
    case 'm':
        return parse_media(parser, value);
    case 'v':
    case 'o':
    case 's':
    case 't':
        if (parser->media != NULL)
            return fail(parser, "session line after m=");
        return parse_session_line(parser, line[0], value);
    default:
        return TRUE;
    }
}

/* Cuts one line off *text and appends it, as it will be sent, to @out. */
static gboolean
next_line(Parser *parser, const char **text, const char *end, GString *out, gsize *out_start)
{
    const char *line = *text;
    const char *stop = memchr(line, '\n', (gsize)(end - line));
    gsize length = 0;

    *text = stop != NULL ? stop + 1 : end;
    length = (gsize)((stop != NULL ? stop : end) - line);
    if (length > 0 && line[length - 1] == '\r')
        length--;
    parser->line++;
    if (memchr(line, '\0', length) != NULL || memchr(line, '\r', length) != NULL)
        return fail(parser, "control character");
    *out_start = out->len;
    g_string_append_len(out, line, (gssize)length);
    return TRUE;
}

static gboolean
parse_lines(Parser *parser, const char *text, gsize length)
{
    g_autoptr(GString) out = g_string_sized_new(length + 64);
    const char *end = text + length;
    gsize start = 0;

    /* Some peers put an empty line behind the last one. */
    while (end > text && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    while (text < end) {
        if (!next_line(parser, &text, end, out, &start) || !parse_line(parser, out->str + start))
            return FALSE;
        g_string_append(out, "\r\n");
    }
    if (parser->sdp->origin == NULL)
        return fail(parser, "no o= line");
    if (!parser->have_session_name)
        return fail(parser, "no s= line");
    if (!parser->have_time)
        return fail(parser, "no t= line");
    parser->sdp->text = g_string_free(g_steal_pointer(&out), FALSE);
    return TRUE;
}

McpSdp *
mcp_sdp_parse_text(const char *text, gsize length, gboolean strict, GError **error)
{
    Parser parser = {.strict = strict, .direction = MCP_SDP_SENDRECV};
    gboolean parsed = FALSE;

    if (length > MCP_SDP_TEXT_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "session description of %" G_GSIZE_FORMAT " bytes, at most %d are read", length,
                    MCP_SDP_TEXT_MAX);
        return NULL;
    }
    parser.sdp = mcp_sdp_alloc();
    parsed = parse_lines(&parser, text, length);
    close_media(&parser);
    if (parsed)
        return parser.sdp;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "session description line %u: %s",
                MAX(parser.line, 1), parser.fault);
    mcp_sdp_unref(parser.sdp);
    return NULL;
}
