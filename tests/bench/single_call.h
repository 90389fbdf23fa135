/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One caller: calls, presses keys at given times, records what it hears. One loop, one thread.
 */
#pragma once

#include "sip_client.h"

G_BEGIN_DECLS

typedef struct {
    const char *target;
    gboolean tcp;
    struct sockaddr_in server;
    struct sockaddr_in local;
    const McpBenchCodec *codec;
    const char *digits;   /* 0-9 * # A-D, commas and blanks between them are ignored; NULL: none */
    const char *times;    /* seconds after the answer, one a digit; NULL: 1 s, then 0.5 s apart */
    const char *record;   /* WAV file for what is heard, NULL: none */
    gboolean silent_line; /* send silence instead of speech */
    double talk_s;        /* hang up after that; 0: wait for the server to */
    double longest_s;     /* give up then */
} McpLoadSingleOptions;

typedef struct {
    char *trouble; /* why the call failed; NULL: it did not */
    guint status;
    double setup_ms;
    double talked_s;
    guint64 packets;
    guint64 lost;
    double sound_share;
    gboolean server_hung_up;
} McpLoadSingleResult;

/* Makes the call; blocks. FALSE when it could not be tried or the recording not be written. */
gboolean mcp_load_single_call(const McpLoadSingleOptions *options, McpLoadSingleResult *out_result,
                              GError **error);

/* Returns: (transfer full) (nullable): GArray of McpLoadDigit, by time */
GArray *mcp_load_parse_digits(const char *digits, const char *times, GError **error);

G_END_DECLS
