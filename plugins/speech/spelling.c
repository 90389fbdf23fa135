/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthesizer's rules of spelling, for words that the recognizer's dictionary does not have.
 * Any thread.
 */
#include "spelling.h"
#include <flite/flite.h>
#include <sphinx/pronunciation.h>
#include <string.h>

cst_lexicon *cmu_lex_init(void);

/* The synthesizer's sounds have a stress, and one vowel more. */
static gboolean
add_phone(GString *phones, const char *name)
{
    static const char *const known[] = {MCP_SPHINX_PHONES, NULL};
    g_autofree char *phone = g_ascii_strup(name, -1);

    phone[strcspn(phone, "0123456789")] = '\0';
    if (g_str_equal(phone, "AX"))
        phone[1] = 'H';
    if (!g_strv_contains(known, phone))
        return FALSE;
    g_string_append_printf(phones, "%s%s", phones->len > 0 ? " " : "", phone);
    return TRUE;
}

char *
mcp_speech_spell(const char *word)
{
    static GMutex lock; /* guards the lexicon while it is made, and the rules' own tables */
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    cst_val *list = lex_lookup(cmu_lex_init(), word, NULL, NULL);
    GString *phones = g_string_new(NULL);
    gboolean good = TRUE;

    for (const cst_val *at = list; at != NULL && good; at = val_cdr(at))
        good = add_phone(phones, val_string(val_car(at)));
    if (list != NULL)
        delete_val(list);
    return g_string_free(phones, !good || phones->len == 0);
}
