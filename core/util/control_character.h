/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/**
 * mcp_control_character: the one that valid UTF-8 begins with at @text: what could end a line for
 * some reader, or drive a terminal: C0, DEL, C1 (U+0085 is "next line"), U+2028 and U+2029.
 *
 * Returns: its code, or 0 for any other character, and at the end.
 */
static inline gunichar
mcp_control_character(const char *text)
{
    const guchar *p = (const guchar *)text;

    if (p[0] < 0x20 || p[0] == 0x7f)
        return p[0];
    if (p[0] == 0xc2 && p[1] < 0xa0)
        return p[1];
    if (p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9))
        return 0x2000u + (p[2] - 0x80u);
    return 0;
}
