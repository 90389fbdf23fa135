/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The examples of RFC 4867 bit by bit (§4.3.5, §4.4.5, §5.3), written as strings of bits beside
 * which the packing has nothing in common, and all modes of both codecs in both packings.
 */
#include "codec/amr_payload.h"

#include <string.h>

#define NARROW_MODES 8
#define WIDE_MODES 9

/* Speech bits of the modes and of comfort noise behind them: RFC 4867 §3.6, 3GPP 26.101, 26.201. */
static const guint narrow_bits[] = {95, 103, 118, 134, 148, 159, 204, 244, 39};
static const guint wide_bits[] = {132, 177, 253, 285, 317, 365, 397, 461, 477, 40};

/* @n bits that are others for each @seed. */
static char *
speech(guint n, guint seed)
{
    GString *bits = g_string_new(NULL);

    for (guint i = 0; i < n; i++)
        g_string_append_c(bits, (i * i + 3 * seed * i + i / 7 + seed) % 3 == 0 ? '1' : '0');
    return g_string_free(bits, FALSE);
}

/* Blanks say nothing; the last byte is filled up with zeros. */
static GByteArray *
pack(const char *bits)
{
    GByteArray *bytes = g_byte_array_new();
    guint8 byte = 0;
    guint n = 0;

    for (; *bits != 0; bits++) {
        if (*bits == ' ')
            continue;
        byte = (guint8)(byte << 1 | (*bits == '1'));
        if (++n % 8 == 0)
            g_byte_array_append(bytes, &byte, 1);
    }
    if (n % 8 != 0) {
        byte = (guint8)(byte << (8 - n % 8));
        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

/* §5.3: |P| FT |Q|P|P| and the bits. */
static GByteArray *
store(guint type, const char *bits)
{
    g_autofree char *all = g_strdup_printf("0%u%u%u%u100%s", type >> 3 & 1, type >> 2 & 1,
                                           type >> 1 & 1, type & 1, bits);

    return pack(all);
}

/* Both ways: the frames make the payload, the payload gives the frames. */
static void
check(const char *payload, GByteArray *const *stored, guint n, guint request, gboolean wide,
      gboolean octets)
{
    g_autoptr(GByteArray) wanted = pack(payload);
    McpMediaFrame frames[MCP_MEDIA_FRAMES_MAX];
    McpMediaAmrPayload read;
    guint8 out[512];
    gsize length = 0;

    for (guint i = 0; i < n; i++) {
        frames[i].data = stored[i]->data;
        frames[i].length = stored[i]->len;
    }
    length = mcp_media_amr_write(frames, n, request, wide, octets, out, sizeof out);
    g_assert_cmpmem(out, length, wanted->data, wanted->len);
    g_assert_true(mcp_media_amr_read(wanted->data, wanted->len, wide, octets, &read));
    g_assert_cmpuint(read.request, ==, request);
    g_assert_cmpuint(read.n, ==, n);
    for (guint i = 0; i < n; i++)
        g_assert_cmpmem(read.frames[i], stored[i]->len, stored[i]->data, stored[i]->len);
}

/* §4.3.5.1: no request, AMR 7.4 kbit/s. */
static void
test_single(void)
{
    g_autofree char *d = speech(148, 1);
    g_autofree char *payload = g_strconcat("1111 0 0100 1 ", d, NULL);
    g_autoptr(GByteArray) frame = store(4, d);
    GByteArray *frames[] = {frame};

    g_assert_cmpuint(frame->len, ==, 20);
    check(payload, frames, 1, MCP_MEDIA_AMR_NO_REQUEST, FALSE, FALSE);
}

/* §4.3.5.2: AMR-WB, 6.6 kbit/s, comfort noise, no data, 8.85 kbit/s; request of mode 1. */
static void
test_compound(void)
{
    g_autofree char *d = speech(132, 1);
    g_autofree char *g = speech(40, 2);
    g_autofree char *h = speech(177, 3);
    g_autofree char *payload =
        g_strconcat("0001 1 0000 1 1 1001 1 1 1111 1 0 0001 1 ", d, g, h, NULL);
    g_autoptr(GByteArray) first = store(0, d);
    g_autoptr(GByteArray) noise = store(9, g);
    g_autoptr(GByteArray) nothing = store(15, "");
    g_autoptr(GByteArray) last = store(1, h);
    GByteArray *frames[] = {first, noise, nothing, last};

    check(payload, frames, 4, 1, TRUE, FALSE);
}

/* §4.4.5.1: two frames of AMR 7.95 kbit/s, request of mode 6. */
static void
test_octets(void)
{
    g_autofree char *f1 = speech(159, 1);
    g_autofree char *f2 = speech(159, 2);
    g_autofree char *payload =
        g_strconcat("0110 0000 1 0101 1 00 0 0101 1 00 ", f1, "0", f2, "0", NULL);
    g_autoptr(GByteArray) first = store(5, f1);
    g_autoptr(GByteArray) second = store(5, f2);
    GByteArray *frames[] = {first, second};

    check(payload, frames, 2, 6, FALSE, TRUE);
}

/* §5.3: AMR 5.9 kbit/s in a file: 118 bits and two of padding. */
static void
test_stored(void)
{
    g_autofree char *bits = speech(118, 4);
    g_autofree char *payload = g_strconcat("1111 0 0010 1 ", bits, NULL);
    g_autoptr(GByteArray) frame = store(2, bits);
    GByteArray *frames[] = {frame};

    g_assert_cmpuint(frame->len, ==, 16);
    g_assert_cmpuint(frame->data[0], ==, 0x14);
    g_assert_cmpuint(frame->data[15] & 3, ==, 0);
    check(payload, frames, 1, MCP_MEDIA_AMR_NO_REQUEST, FALSE, FALSE);
}

/* A frame of each mode, and of comfort noise, alone and twice. */
static void
check_modes(const guint *sizes, guint n, gboolean wide)
{
    for (guint type = 0; type < n; type++) {
        g_autofree char *a = speech(sizes[type], type);
        g_autofree char *b = speech(sizes[type], type + 9);
        g_autofree char *kind =
            g_strdup_printf("%u%u%u%u1", type >> 3 & 1, type >> 2 & 1, type >> 1 & 1, type & 1);
        g_autofree char *fill = g_strnfill((8 - sizes[type] % 8) % 8, '0');
        g_autofree char *one = g_strconcat("0010 0", kind, a, NULL);
        g_autofree char *two = g_strconcat("0010 1", kind, "0", kind, a, b, NULL);
        g_autofree char *octets =
            g_strconcat("0010 0000 1", kind, "00 0", kind, "00", a, fill, b, fill, NULL);
        g_autoptr(GByteArray) first = store(type, a);
        g_autoptr(GByteArray) second = store(type, b);
        GByteArray *frames[] = {first, second};

        check(one, frames, 1, 2, wide, FALSE);
        check(two, frames, 2, 2, wide, FALSE);
        check(octets, frames, 2, 2, wide, TRUE);
    }
}

static void
test_modes(void)
{
    g_assert_cmpuint(G_N_ELEMENTS(narrow_bits), ==, NARROW_MODES + 1);
    g_assert_cmpuint(G_N_ELEMENTS(wide_bits), ==, WIDE_MODES + 1);
    check_modes(narrow_bits, G_N_ELEMENTS(narrow_bits), FALSE);
    check_modes(wide_bits, G_N_ELEMENTS(wide_bits), TRUE);
}

/* §4.3.2: types that are kept for later or for other networks make the packet one to be dropped. */
static void
test_reserved(void)
{
    static const struct {
        const char *kind;
        gboolean wide;
    } cases[] = {{"1100", FALSE}, {"1101", FALSE}, {"1110", FALSE},
                 {"1010", TRUE},  {"1011", TRUE},  {"1100", TRUE}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *bits = speech(480, i);
        g_autofree char *efficient = g_strconcat("1111 0", cases[i].kind, "1", bits, NULL);
        g_autofree char *octets = g_strconcat("1111 0000 0", cases[i].kind, "100", bits, NULL);
        g_autoptr(GByteArray) first = pack(efficient);
        g_autoptr(GByteArray) second = pack(octets);
        McpMediaAmrPayload read;

        g_assert_false(mcp_media_amr_read(first->data, first->len, cases[i].wide, FALSE, &read));
        g_assert_false(mcp_media_amr_read(second->data, second->len, cases[i].wide, TRUE, &read));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/amr-payload/single", test_single);
    g_test_add_func("/media/amr-payload/compound", test_compound);
    g_test_add_func("/media/amr-payload/octet-aligned", test_octets);
    g_test_add_func("/media/amr-payload/stored", test_stored);
    g_test_add_func("/media/amr-payload/modes", test_modes);
    g_test_add_func("/media/amr-payload/reserved", test_reserved);
    return g_test_run();
}
