/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of packets against bytes written by the published list of chunks, and of RTCP as JSON. */
#include <packet.h>
#include <rtcp_report.h>
#include <string.h>

static const McpTraceEnd caller = {FALSE, {192, 0, 2, 9}, 5070};
static const McpTraceEnd platform = {FALSE, {192, 0, 2, 1}, 5060};

static GByteArray *
write_packet(const McpHepPacket *packet, gboolean whole)
{
    GByteArray *out = g_byte_array_new();

    g_assert_cmpint(mcp_hep_packet_write(packet, MCP_HEP_PACKET_MAX, out), ==, whole);
    return out;
}

static void
test_ipv4(void)
{
    static const guint8 wanted[] = {
        'H',  'E',  'P',  '3',  0x00, 0x81,                              /* 129 bytes */
        0x00, 0x00, 0x00, 0x01, 0x00, 0x07, 0x02,                        /* family: IPv4 */
        0x00, 0x00, 0x00, 0x02, 0x00, 0x07, 0x11,                        /* protocol: UDP */
        0x00, 0x00, 0x00, 0x03, 0x00, 0x0a, 192,  0,    2,    9,         /* source */
        0x00, 0x00, 0x00, 0x04, 0x00, 0x0a, 192,  0,    2,    1,         /* destination */
        0x00, 0x00, 0x00, 0x07, 0x00, 0x08, 0x13, 0xce,                  /* port 5070 */
        0x00, 0x00, 0x00, 0x08, 0x00, 0x08, 0x13, 0xc4,                  /* port 5060 */
        0x00, 0x00, 0x00, 0x09, 0x00, 0x0a, 0x65, 0x53, 0xf1, 0x00,      /* 1700000000 s */
        0x00, 0x00, 0x00, 0x0a, 0x00, 0x0a, 0x00, 0x01, 0xe2, 0x40,      /* 123456 µs */
        0x00, 0x00, 0x00, 0x0b, 0x00, 0x07, 0x01,                        /* SIP */
        0x00, 0x00, 0x00, 0x0c, 0x00, 0x0a, 0xee, 0x6b, 0x28, 0x4d,      /* agent 4000000077 */
        0x00, 0x00, 0x00, 0x0e, 0x00, 0x0a, 'k',  'e',  'y',  '!',       /* key */
        0x00, 0x00, 0x00, 0x11, 0x00, 0x08, 'c',  '1',                   /* correlation id */
        0x00, 0x00, 0x00, 0x0f, 0x00, 0x12, 'O',  'P',  'T',  'I',  'O', /* payload */
        'N',  'S',  ' ',  's',  'i',  'p',  ':',
    };
    const McpHepPacket packet = {
        .type = MCP_HEP_TYPE_SIP,
        .from = &caller,
        .to = &platform,
        .wall = G_GINT64_CONSTANT(1700000000123456),
        .agent = 4000000077u,
        .key = "key!",
        .correlation = "c1",
        .payload = "OPTIONS sip:",
        .length = 12,
    };
    g_autoptr(GByteArray) out = write_packet(&packet, TRUE);

    g_assert_cmpmem(out->data, out->len, wanted, sizeof wanted);
}

/* The data of a chunk, whose order is nobody's business; NULL: there is none. */
static const guint8 *
find(const GByteArray *packet, guint type, gsize *out_length)
{
    for (gsize at = 6; at + 6 <= packet->len;) {
        const guint8 *chunk = packet->data + at;
        gsize length = (gsize)chunk[4] << 8 | chunk[5];

        g_assert_cmpuint(chunk[0] << 8 | chunk[1], ==, 0);
        g_assert_cmpuint(length, >=, 6);
        g_assert_cmpuint(at + length, <=, packet->len);
        if ((guint)(chunk[2] << 8 | chunk[3]) == type) {
            *out_length = length - 6;
            return chunk + 6;
        }
        at += length;
    }
    return NULL;
}

#define assert_chunk(packet, type, ...)                                          \
    G_STMT_START                                                                 \
    {                                                                            \
        const guint8 chunk_wanted[] = {__VA_ARGS__};                             \
        gsize chunk_length = 0;                                                  \
        const guint8 *chunk = find(packet, type, &chunk_length);                 \
                                                                                 \
        g_assert_nonnull(chunk);                                                 \
        g_assert_cmpmem(chunk, chunk_length, chunk_wanted, sizeof chunk_wanted); \
    }                                                                            \
    G_STMT_END

static void
test_ipv6(void)
{
    const McpTraceEnd from = {TRUE, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x09}, 5061};
    const McpTraceEnd to = {TRUE, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x01}, 65535};
    const McpHepPacket packet = {.type = MCP_HEP_TYPE_LOG,
                                 .from = &from,
                                 .to = &to,
                                 .stream = TRUE,
                                 .agent = 1,
                                 .payload = "",
                                 .length = 0};
    g_autoptr(GByteArray) out = write_packet(&packet, TRUE);
    gsize length = 0;

    assert_chunk(out, 0x0001, 0x0a);
    assert_chunk(out, 0x0002, 0x06);
    assert_chunk(out, 0x0005, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x09);
    assert_chunk(out, 0x0006, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01);
    assert_chunk(out, 0x0007, 0x13, 0xc5);
    assert_chunk(out, 0x0008, 0xff, 0xff);
    assert_chunk(out, 0x000b, 100);
    g_assert_null(find(out, 0x0003, &length));
    g_assert_null(find(out, 0x0004, &length));
    /* What is not known is not there. */
    g_assert_null(find(out, 0x000e, &length));
    g_assert_null(find(out, 0x0011, &length));
    g_assert_nonnull(find(out, 0x000f, &length));
    g_assert_cmpuint(length, ==, 0);
}

/* An end that nobody knew is none of the other family. */
static void
test_mixed_families(void)
{
    const McpTraceEnd from = {0};
    const McpTraceEnd to = {TRUE, {[0] = 0xfd, [15] = 0x01}, 1};
    const McpHepPacket packet = {.type = MCP_HEP_TYPE_RTCP, .from = &from, .to = &to};
    g_autoptr(GByteArray) out = write_packet(&packet, TRUE);

    assert_chunk(out, 0x0001, 0x0a);
    assert_chunk(out, 0x0005, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_chunk(out, 0x000b, 5);
}

static void
check_cut(gsize most, gsize payload_length)
{
    g_autofree char *payload = g_strnfill(payload_length, 'p');
    g_autofree char *long_text = g_strnfill(100000, 't');
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize length = 0;
    McpHepPacket packet = {.type = MCP_HEP_TYPE_SIP,
                           .from = &caller,
                           .to = &platform,
                           .key = long_text,
                           .correlation = long_text,
                           .payload = payload,
                           .length = payload_length};

    g_assert_false(mcp_hep_packet_write(&packet, most, out));
    g_assert_cmpuint(out->len, ==, MIN(most, MCP_HEP_PACKET_MAX));
    g_assert_cmpuint((guint)out->data[4] << 8 | out->data[5], ==, out->len);
    g_assert_nonnull(find(out, 0x000e, &length));
    g_assert_cmpuint(length, ==, MCP_HEP_TEXT_MAX);
    g_assert_nonnull(find(out, 0x0011, &length));
    g_assert_cmpuint(length, ==, MCP_HEP_TEXT_MAX);
    g_assert_nonnull(find(out, 0x000f, &length));
    g_assert_cmpuint(length, <, payload_length);
}

static void
test_cut(void)
{
    check_cut(MCP_HEP_PACKET_MAX, 65536);
    check_cut(MCP_HEP_PACKET_MAX, 5 * 1024 * 1024);
    check_cut(MCP_HEP_DATAGRAM_MAX, 65507);
    check_cut(1000000, 70000);
}

/* The longest payload that fits is whole, and one byte more is not. */
static void
test_edge(void)
{
    g_autofree char *payload = g_strnfill(MCP_HEP_PACKET_MAX, 'p');
    McpHepPacket packet = {
        .type = MCP_HEP_TYPE_SIP, .from = &caller, .to = &platform, .payload = payload};
    g_autoptr(GByteArray) empty = write_packet(&packet, TRUE);
    g_autoptr(GByteArray) full = NULL;
    g_autoptr(GByteArray) cut = NULL;

    packet.length = MCP_HEP_PACKET_MAX - empty->len;
    full = write_packet(&packet, TRUE);
    g_assert_cmpuint(full->len, ==, MCP_HEP_PACKET_MAX);
    packet.length++;
    cut = write_packet(&packet, FALSE);
    g_assert_cmpmem(cut->data, cut->len, full->data, full->len);
}

/* Several in one buffer, as a stream has them. */
static void
test_append(void)
{
    McpHepPacket packet = {.type = MCP_HEP_TYPE_SIP, .from = &caller, .to = &platform};
    g_autoptr(GByteArray) out = g_byte_array_new();
    guint first = 0;

    g_assert_true(mcp_hep_packet_write(&packet, MCP_HEP_PACKET_MAX, out));
    first = out->len;
    packet.payload = "abc";
    packet.length = 3;
    g_assert_true(mcp_hep_packet_write(&packet, MCP_HEP_PACKET_MAX, out));
    g_assert_cmpuint(out->len, ==, 2 * first + 3);
    g_assert_cmpuint((guint)out->data[4] << 8 | out->data[5], ==, first);
    g_assert_cmpmem(out->data + first, 4, "HEP3", 4);
    g_assert_cmpuint((guint)out->data[first + 4] << 8 | out->data[first + 5], ==, first + 3);
}

/* --- RTCP --- */

#define SSRC 0x11, 0x22, 0x33, 0x44

/* NTP 3900001280.5 s */
static const guint8 sender_report[] = {
    0x81, 200, 0, 12, SSRC, 0xe8, 0x75, 0x4c, 0x00, 0x80, 0,    0,    0,    0,    0,    3,    0xe8,
    0,    0,   0, 77, 0,    0,    0x30, 0x20, 0xaa, 0xbb, 0xcc, 0xdd, 0x40, 0xff, 0xff, 0xfe, 0,
    1,    0,   2, 0,  0,    0,    5,    1,    2,    3,    4,    0,    1,    0,    0,
};

static const guint8 description[] = {
    0x81, 202, 0, 5, SSRC, 2, 3, 'B', 'o', 'b', 1, 4, 'a', '@', 'b', '"', 0, 0, 0, 0, 0,
};

static const guint8 voip[] = {
    0x80, 207, 0, 10, SSRC, 7, 0, 0, 8,  0xaa, 0xbb, 0xcc, 0xdd, 1, 2, 3, 4, 0, 5, 0, 6,
    0,    7,   0, 8,  0,    0, 0, 0, 93, 127,  44,   43,   0,    0, 0, 0, 0, 0, 0, 0,
};

static char *
report_of(const guint8 *const parts[], const gsize lengths[], guint n)
{
    g_autoptr(GByteArray) all = g_byte_array_new();

    for (guint i = 0; i < n; i++)
        g_byte_array_append(all, parts[i], (guint)lengths[i]);
    return mcp_hep_rtcp_report(all->data, all->len);
}

static void
test_report(void)
{
    const guint8 *const parts[] = {sender_report, description, voip};
    const gsize lengths[] = {sizeof sender_report, sizeof description, sizeof voip};
    g_autofree char *report = report_of(parts, lengths, 3);

    g_assert_cmpstr(
        report, ==,
        "{\"type\":200,\"ssrc\":287454020,"
        "\"sender_information\":{\"ntp_timestamp_sec\":1691012480,\"ntp_timestamp_usec\":500000,"
        "\"rtp_timestamp\":1000,\"packets\":77,\"octets\":12320},"
        "\"report_count\":1,\"report_blocks\":[{\"source_ssrc\":2864434397,\"fraction_lost\":64,"
        "\"packets_lost\":-2,\"highest_seq_no\":65538,\"ia_jitter\":5,\"lsr\":16909060,"
        "\"dlsr\":65536}],\"sdes_ssrc\":287454020,\"sdes_cname\":\"a@b\\\"\","
        "\"report_blocks_xr\":{\"type\":7,\"id\":2864434397,\"fraction_lost\":1,"
        "\"fraction_discard\":2,\"burst_density\":3,\"gap_density\":4,\"burst_duration\":5,"
        "\"gap_duration\":6,\"round_trip_delay\":7,\"end_system_delay\":8,\"r_factor\":93,"
        "\"mos_lq\":44,\"mos_cq\":43}}");
    g_assert_null(strstr(report, "Bob"));
}

static void
test_receiver_report(void)
{
    static const guint8 empty[] = {0x80, 201, 0, 1, SSRC};
    g_autofree char *report = mcp_hep_rtcp_report(empty, sizeof empty);

    g_assert_cmpstr(report, ==,
                    "{\"type\":201,\"ssrc\":287454020,\"report_count\":0,\"report_blocks\":[]}");
}

/* Nothing is read behind the end, whatever the lengths say. */
static void
test_faulty_reports(void)
{
    static const guint8 blocks[] = {0x9f, 201, 0, 1, SSRC};     /* 31 blocks, none there */
    static const guint8 sender[] = {0x80, 200, 0, 1, SSRC};     /* no sender information */
    static const guint8 longer[] = {0x80, 201, 0, 9, SSRC};     /* longer than it is */
    static const guint8 version[] = {0x40, 201, 0, 1, SSRC};    /* of another version */
    static const guint8 bye[] = {0x81, 203, 0, 1, SSRC};        /* no report (RFC 5506) */
    static const guint8 rest[] = {0x80, 201, 0, 1, SSRC, 0x80}; /* something behind it */
    static const struct {
        const guint8 *data;
        gsize length;
    } faulty[] = {{blocks, sizeof blocks},
                  {sender, sizeof sender},
                  {longer, sizeof longer},
                  {version, sizeof version},
                  {bye, sizeof bye},
                  {rest, sizeof rest},
                  {blocks, 0},
                  {blocks, 3}};

    for (guint i = 0; i < G_N_ELEMENTS(faulty); i++) {
        /* A block of its own, so that the sanitizer sees what is read beyond it. */
        g_autofree guint8 *copy = g_memdup2(faulty[i].data, faulty[i].length);

        g_test_message("%u", i);
        g_assert_null(mcp_hep_rtcp_report(copy, faulty[i].length));
    }
}

/* Items and blocks that end beyond their packet are passed over. */
static void
test_short_parts(void)
{
    static const guint8 report[] = {0x80, 201, 0, 1, SSRC};
    static const guint8 item[] = {0x81, 202, 0, 2, SSRC, 1, 200, 'a', 'b'};
    static const guint8 nothing[] = {0x81, 202, 0, 1, SSRC};
    static const guint8 block[] = {0x80, 207, 0, 2, SSRC, 7, 0, 0, 8};
    static const guint8 brief[] = {0x80, 207, 0, 3, SSRC, 7, 0, 0, 1, 0, 0, 0, 0};
    static const guint8 *const others[] = {item, nothing, block, brief};
    static const gsize lengths[] = {sizeof item, sizeof nothing, sizeof block, sizeof brief};

    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        const guint8 *const parts[] = {report, others[i]};
        const gsize both[] = {sizeof report, lengths[i]};
        g_autofree char *text = report_of(parts, both, 2);

        g_test_message("%u", i);
        g_assert_cmpstr(
            text, ==, "{\"type\":201,\"ssrc\":287454020,\"report_count\":0,\"report_blocks\":[]}");
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hep/packet/ipv4", test_ipv4);
    g_test_add_func("/hep/packet/ipv6", test_ipv6);
    g_test_add_func("/hep/packet/mixed-families", test_mixed_families);
    g_test_add_func("/hep/packet/cut", test_cut);
    g_test_add_func("/hep/packet/edge", test_edge);
    g_test_add_func("/hep/packet/append", test_append);
    g_test_add_func("/hep/rtcp/report", test_report);
    g_test_add_func("/hep/rtcp/receiver-report", test_receiver_report);
    g_test_add_func("/hep/rtcp/faulty", test_faulty_reports);
    g_test_add_func("/hep/rtcp/short-parts", test_short_parts);
    return g_test_run();
}
