/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C by tables, eight bytes a step. Any thread.
 */
#include "spool/checksum.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* reflected */

static guint32 tables[8][256];

static void
fill_tables(void)
{
    for (guint i = 0; i < 256; i++) {
        guint32 value = i;

        for (guint bit = 0; bit < 8; bit++)
            value = (value >> 1) ^ (POLYNOMIAL & (0u - (value & 1u)));
        tables[0][i] = value;
    }
    for (guint i = 0; i < 256; i++)
        for (guint k = 1; k < 8; k++)
            tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xff];
}

guint32
mcp_checksum(guint32 seed, gconstpointer data, gsize length)
{
    static gsize filled;
    const guint8 *at = data;
    guint32 crc = ~seed;

    if (g_once_init_enter(&filled)) {
        fill_tables();
        g_once_init_leave(&filled, 1);
    }
    for (; length >= 8; length -= 8, at += 8) {
        guint64 word;

        memcpy(&word, at, 8);
        word = GUINT64_FROM_LE(word) ^ crc;
        crc = 0;
        for (guint k = 0; k < 8; k++)
            crc ^= tables[7 - k][(word >> (8 * k)) & 0xff];
    }
    for (; length > 0; length--, at++)
        crc = (crc >> 8) ^ tables[0][(crc ^ *at) & 0xff];
    return ~crc;
}
