/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plugin and a worker say to each other over the worker's standard input and output, in
 * frames: a letter, the length of what follows in four bytes (big-endian), and that.
 *
 * To the worker:
 *   S  "SSML SPEED SILENCE VOICE\nTEXT": says TEXT (SSML: 1 or 0; words a minute; ms of silence
 *      before it; the rest of the line is the voice's name)
 *   C  ends what is being said; means nothing when nothing is
 * From the worker:
 *   R  once, first: "VERSION\nRATE\n", then a line a voice: "GENDER\tNAME\tTAG PRIORITY\t…"
 *   A  samples, 16 bits, big-endian
 *   D  all is said, or was ended
 *   E  why it cannot be said, or before R why the worker cannot work
 */
#pragma once

#define MCP_ESPEAK_SAY 'S'
#define MCP_ESPEAK_CANCEL 'C'
#define MCP_ESPEAK_READY 'R'
#define MCP_ESPEAK_AUDIO 'A'
#define MCP_ESPEAK_DONE 'D'
#define MCP_ESPEAK_ERROR 'E'

#define MCP_ESPEAK_HEAD 5

/* What may follow a head, in bytes. */
#define MCP_ESPEAK_MOST_SAY (256u * 1024)
#define MCP_ESPEAK_MOST_READY (256u * 1024)
#define MCP_ESPEAK_MOST_AUDIO (64u * 1024)
#define MCP_ESPEAK_MOST_ERROR 1024u

/* Of one thing that is said: nobody listens longer. */
#define MCP_ESPEAK_MOST_SECONDS 600u
