/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes to messages, the kind that parsers stumble over. */
#include "mutation.h"

#define LONGEST_PIECE 40

void
mutate(GString *text, GRand *numbers)
{
    static const char bytes[] = " ;,:@<>\"=%[]\r\n\t0z\x80\xff";
    gint length = (gint)text->len;
    gint at = g_rand_int_range(numbers, 0, length);
    gint longest = g_rand_int_range(numbers, 1, LONGEST_PIECE);
    gint piece = MIN(longest, length - at);

    switch (g_rand_int_range(numbers, 0, 4)) {
    case 0:
        text->str[at] = (char)g_rand_int_range(numbers, 0, 256);
        break;
    case 1:
        g_string_insert_c(text, at, bytes[g_rand_int_range(numbers, 0, sizeof bytes)]);
        break;
    case 2:
        if (piece < length)
            g_string_erase(text, at, piece);
        break;
    default: {
        g_autoptr(GString) copy = g_string_new_len(text->str + at, piece);

        g_string_insert_len(text, g_rand_int_range(numbers, 0, length), copy->str, piece);
        break;
    }
    }
}

void
mutate_some(GString *text, GRand *numbers, guint most)
{
    for (gint left = g_rand_int_range(numbers, 1, (gint)most + 1); left > 0; left--)
        mutate(text, numbers);
}
