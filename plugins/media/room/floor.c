/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is heard, and who has the floor. Pure functions.
 */
#include "floor.h"

/* About -46 dBm0: less is no speech. */
#define SPEECH_LEVEL 120
#define FALL_MS 320
/* Of those who are in: 3 dB. */
#define ADVANTAGE(loudness) ((loudness) + (loudness) / 2)
/* So long must another one be louder, and so long may the holder pause. */
#define TAKE_MS 300
#define KEEP_MS 1500

void
mcp_media_speaker_note(McpMediaSpeaker *speaker, guint level, guint ms)
{
    guint fallen = speaker->loudness - MIN(speaker->loudness, speaker->loudness * ms / FALL_MS);

    speaker->loudness = MAX(level, fallen);
}

static guint
rank_of(const McpMediaSpeaker *speaker)
{
    return speaker->chosen ? ADVANTAGE(speaker->loudness) : speaker->loudness;
}

/* The @n loudest so far stand in @best, the loudest first. */
static guint
insert(McpMediaSpeaker **best, guint n, guint most, McpMediaSpeaker *speaker)
{
    guint at = n;

    while (at > 0 && rank_of(best[at - 1]) < rank_of(speaker))
        at--;
    if (at == most)
        return n;
    n = MIN(n + 1, most);
    for (guint i = n - 1; i > at; i--)
        best[i] = best[i - 1];
    best[at] = speaker;
    return n;
}

void
mcp_media_floor_choose(McpMediaSpeaker *speakers, guint loudest)
{
    McpMediaSpeaker *best[MCP_MEDIA_LOUDEST_MAX];
    guint n = 0;

    loudest = MIN(loudest, MCP_MEDIA_LOUDEST_MAX);
    for (McpMediaSpeaker *one = speakers; loudest > 0 && one != NULL; one = one->next)
        if (!one->privileged)
            n = insert(best, n, loudest, one);
    for (McpMediaSpeaker *one = speakers; one != NULL; one = one->next)
        one->chosen = one->privileged || loudest == 0;
    for (guint i = 0; i < n; i++)
        best[i]->chosen = TRUE;
}

gboolean
mcp_media_floor_step(McpMediaFloor *floor, gpointer loudest, guint loudness, guint holder_loudness,
                     guint ms)
{
    gboolean speaks = loudest != NULL && loudness >= SPEECH_LEVEL;

    floor->quiet_ms = holder_loudness >= SPEECH_LEVEL ? 0 : floor->quiet_ms + ms;
    if (!speaks || loudest == floor->holder ||
        (floor->holder != NULL && loudness < ADVANTAGE(holder_loudness))) {
        floor->candidate = NULL;
    } else if (floor->candidate != loudest) {
        floor->candidate = loudest;
        floor->candidate_ms = ms;
    } else {
        floor->candidate_ms += ms;
    }
    if (floor->candidate != NULL && floor->candidate_ms >= TAKE_MS) {
        floor->holder = floor->candidate;
        floor->candidate = NULL;
        floor->quiet_ms = 0;
        return TRUE;
    }
    if (floor->holder == NULL || floor->quiet_ms < KEEP_MS)
        return FALSE;
    floor->holder = NULL;
    return TRUE;
}

gboolean
mcp_media_floor_forget(McpMediaFloor *floor, gpointer speaker)
{
    if (floor->candidate == speaker)
        floor->candidate = NULL;
    if (floor->holder != speaker)
        return FALSE;
    floor->holder = NULL;
    return TRUE;
}
