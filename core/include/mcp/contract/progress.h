/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpProgressParams: what is listened for at the far end of a placed call. */
typedef struct {
    const char *country; /* nullable: ISO 3166, whose tones are known; NULL: all */
    gboolean early;      /* before the answer: speech is an announcement, no person */
    gint64 no_answer;    /* µs until "silence" without anything else; 0: none */
} McpProgressParams;

/** McpProgressReport: what the far end was found to be. */
typedef struct {
    /* "ringing", "busy", "fast-busy", "sit", "fax", "modem", "machine", "person", "silence",
     * "beep" */
    const char *verdict;
    const char *detail;   /* kind of the tone, row of the table of cadences; "" for none */
    const char *evidence; /* for people: frequencies, cadence, lengths */
} McpProgressReport;

G_END_DECLS
