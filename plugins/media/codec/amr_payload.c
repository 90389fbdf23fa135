/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads of AMR and AMR-WB (RFC 4867 §4): bandwidth-efficient and octet-aligned, without CRC,
 * interleaving and robust sorting. Pure functions.
 */
#include "amr_payload.h"

#include <string.h>

#define TYPES 16
#define NO_FRAME 0xffff

/* Bits of a frame by its type: modes, SID, and what has none (3GPP TS 26.101 and 26.201). */
static const guint16 narrow_bits[TYPES] = {
    95, 103,      118,      134,      148,      159,      204,      244,
    39, NO_FRAME, NO_FRAME, NO_FRAME, NO_FRAME, NO_FRAME, NO_FRAME, 0,
};
static const guint16 wide_bits[TYPES] = {
    132, 177, 253, 285, 317, 365, 397, 461, 477, 40, NO_FRAME, NO_FRAME, NO_FRAME, NO_FRAME, 0, 0,
};

typedef struct {
    const guint8 *data;
    gsize bits;
    gsize at;
} Reader;

static guint
read_bits(Reader *reader, guint n)
{
    guint value = 0;

    for (guint i = 0; i < n; i++, reader->at++) {
        value <<= 1;
        if (reader->at < reader->bits)
            value |= reader->data[reader->at / 8] >> (7 - reader->at % 8) & 1u;
    }
    return value;
}

static void
align(Reader *reader)
{
    reader->at = (reader->at + 7) / 8 * 8;
}

/* One frame's bits, to the storage format: filled up with zeros. */
static gboolean
read_frame(Reader *reader, guint bits, guint8 *out)
{
    if (reader->at + bits > reader->bits)
        return FALSE;
    for (guint left = bits; left > 0;) {
        guint n = MIN(left, 8);

        *out++ = (guint8)(read_bits(reader, n) << (8 - n));
        left -= n;
    }
    return TRUE;
}

/* §4.3.2, §4.4.2: F, FT, Q; in octets with two bits of padding. */
static gboolean
read_contents(Reader *reader, const guint16 *bits, gboolean octet_aligned, McpMediaAmrPayload *out)
{
    gboolean more = TRUE;

    while (more) {
        guint entry = read_bits(reader, 6);
        guint type = entry >> 1 & 0xf;

        if (octet_aligned)
            read_bits(reader, 2);
        if (reader->at > reader->bits || bits[type] == NO_FRAME || out->n == MCP_MEDIA_FRAMES_MAX)
            return FALSE;
        out->frames[out->n++][0] = (guint8)((entry & 0x1f) << 2);
        more = (entry & 0x20) != 0;
    }
    return TRUE;
}

gboolean
mcp_media_amr_read(const guint8 *payload, gsize length, gboolean wide, gboolean octet_aligned,
                   McpMediaAmrPayload *out_payload)
{
    const guint16 *bits = wide ? wide_bits : narrow_bits;
    Reader reader = {payload, length * 8, 0};

    out_payload->n = 0;
    out_payload->request = read_bits(&reader, 4);
    if (octet_aligned)
        read_bits(&reader, 4);
    if (!read_contents(&reader, bits, octet_aligned, out_payload))
        return FALSE;
    for (guint i = 0; i < out_payload->n; i++) {
        guint8 *frame = out_payload->frames[i];

        if (!read_frame(&reader, bits[frame[0] >> 3 & 0xf], frame + 1))
            return FALSE;
        if (octet_aligned)
            align(&reader);
    }
    return TRUE;
}

/* --- writing --- */

typedef struct {
    guint8 *data;
    gsize size; /* bits */
    gsize at;
} Writer;

static void
write_bits(Writer *writer, guint value, guint n)
{
    for (guint i = n; i > 0; i--, writer->at++) {
        if (writer->at >= writer->size)
            continue;
        if (writer->at % 8 == 0)
            writer->data[writer->at / 8] = 0;
        writer->data[writer->at / 8] |= (guint8)((value >> (i - 1) & 1u) << (7 - writer->at % 8));
    }
}

static void
write_frame(Writer *writer, const McpMediaFrame *frame, guint bits, gboolean octet_aligned)
{
    for (guint at = 0; at < bits; at += 8) {
        guint n = octet_aligned ? 8 : MIN(bits - at, 8);

        write_bits(writer, frame->data[1 + at / 8] >> (8 - n), n);
    }
}

static gboolean
is_frame(const McpMediaFrame *frame, const guint16 *bits)
{
    guint16 wanted = frame->length > 0 ? bits[frame->data[0] >> 3 & 0xf] : NO_FRAME;

    return wanted != NO_FRAME && frame->length >= 1u + (wanted + 7u) / 8u;
}

gsize
mcp_media_amr_write(const McpMediaFrame *frames, guint n, guint request, gboolean wide,
                    gboolean octet_aligned, guint8 *out, gsize size)
{
    const guint16 *bits = wide ? wide_bits : narrow_bits;
    Writer writer = {out, size * 8, 0};

    for (guint i = 0; i < n; i++)
        if (!is_frame(&frames[i], bits))
            return 0;
    write_bits(&writer, octet_aligned ? request << 4 : request, octet_aligned ? 8 : 4);
    for (guint i = 0; i < n; i++) {
        guint entry = (i + 1 < n ? 0x20u : 0) | (frames[i].data[0] >> 2 & 0x1f);

        write_bits(&writer, octet_aligned ? entry << 2 : entry, octet_aligned ? 8 : 6);
    }
    for (guint i = 0; i < n; i++)
        write_frame(&writer, &frames[i], bits[frames[i].data[0] >> 3 & 0xf], octet_aligned);
    return writer.at <= writer.size ? (writer.at + 7) / 8 : 0;
}
