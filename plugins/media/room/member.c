/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of a member's samples between the worker of its stream and the home worker of its room.
 */
#include "member.h"

#include "../leg/stream_live.h"
#include "room.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaMember);

/* Bytes of a second of samples that may wait for a worker that comes late: half of one. */
#define PIPE_BYTES(rate) ((rate) <= 8000 ? 1u << 14 : (rate) <= 16000 ? 1u << 15 : 1u << 16)

#define STEPS_A_LOOK 50
/* The detector of digits knows no higher rate. */
#define TONES_RATE_MAX 16000

typedef enum {
    RECORD_SAMPLES,
    RECORD_MUTE,
    RECORD_UNMUTE,
} RecordKind;

typedef struct {
    RecordKind kind;
    gint64 position;
    gint64 arrival;
    gboolean restart;
    gboolean concealed;
    guint n;
    gint16 samples[];
} Record;

gboolean
mcp_media_member_controls(const McpRoomMember *member, McpMediaMemberControls *out, GError **error)
{
    gboolean aside = member->role == MCP_ROLE_COACH || member->role == MCP_ROLE_WHISPERER;
    const char *partner = member->partner != NULL ? member->partner : "";

    if (aside && *partner == '\0') {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "a %s needs a partner",
                    mcp_room_role_name(member->role));
        return FALSE;
    }
    if ((guint)member->role >= MCP_N_ROLES || strlen(partner) > MCP_ROOM_NAME_MAX ||
        !(member->gain >= -MCP_ROOM_GAIN_MAX && member->gain <= MCP_ROOM_GAIN_MAX) ||
        !(member->volume >= -MCP_ROOM_GAIN_MAX && member->volume <= MCP_ROOM_GAIN_MAX)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "role, partner, gain or volume (±%.0f dB) of a member are out of range",
                    MCP_ROOM_GAIN_MAX);
        return FALSE;
    }
    memset(out, 0, sizeof *out);
    out->role = member->role;
    g_strlcpy(out->partner, aside ? partner : "", sizeof out->partner);
    out->muted = member->muted;
    out->deaf = member->deaf;
    out->gain = mcp_media_gain_from_db(member->gain);
    out->volume = mcp_media_gain_from_db(member->volume);
    return TRUE;
}

/* --- from the stream to the room --- */

static void
to_playout(gpointer owner, gconstpointer data, gsize length, gint64 now)
{
    McpMediaMember *self = owner;
    const Record *record = data;

    if (record->kind == RECORD_SAMPLES)
        mcp_media_playout_put(self->playout, record->samples, record->n, record->position,
                              record->arrival, record->restart, record->concealed);
    else if (record->kind == RECORD_MUTE)
        mcp_media_playout_mute_from(self->playout, record->position);
    else
        mcp_media_playout_unmute(self->playout, record->position);
}

static void
pass_on(McpMediaMember *self, RecordKind kind, gint64 position)
{
    Record *record = NULL;

    if (!self->remote) {
        if (kind == RECORD_MUTE)
            mcp_media_playout_mute_from(self->playout, position);
        else
            mcp_media_playout_unmute(self->playout, position);
        return;
    }
    record = mcp_media_pipe_reserve(self->to_room, sizeof *record);
    if (record == NULL)
        return;
    record->kind = kind;
    record->position = position;
    mcp_media_pipe_commit(self->to_room);
}

static void
put_samples(McpMediaMember *self, const McpMediaHeard *heard)
{
    Record *record = NULL;

    /* Else the ear has put them there. */
    if (!self->remote)
        return;
    record = mcp_media_pipe_reserve(self->to_room,
                                    sizeof *record + heard->n * sizeof record->samples[0]);
    if (record == NULL) {
        atomic_fetch_add_explicit(&self->lost_frames, 1, memory_order_relaxed);
        return;
    }
    record->kind = RECORD_SAMPLES;
    record->position = heard->position;
    record->arrival = heard->arrival;
    record->restart = heard->restart;
    record->concealed = heard->concealed;
    record->n = heard->n;
    memcpy(record->samples, heard->samples, heard->n * sizeof record->samples[0]);
    mcp_media_pipe_commit(self->to_room);
}

/* What waits to be played is silenced from where the tone began; its first 40 ms may be out. */
static void
clamp_digits(McpMediaMember *self, const McpMediaHeard *heard)
{
    McpMediaDtmfTone tones[4];
    guint n = 0;
    gboolean lasts = FALSE;

    if (!self->tones_begun || heard->restart) {
        self->tones_base = heard->position - mcp_media_dtmf_tones_position(self->tones);
        self->tones_begun = TRUE;
    }
    n = mcp_media_dtmf_tones_take(self->tones, heard->samples, heard->n, tones,
                                  G_N_ELEMENTS(tones));
    for (guint i = 0; i < n; i++)
        pass_on(self, RECORD_MUTE, self->tones_base + tones[i].start);
    lasts = mcp_media_dtmf_tones_present(self->tones) != 0;
    if ((self->tone_lasts || n > 0) && !lasts)
        pass_on(self, RECORD_UNMUTE, heard->position + heard->n);
    self->tone_lasts = lasts;
}

void
mcp_media_member_hear(gpointer member, const McpMediaHeard *heard, gint64 now)
{
    McpMediaMember *self = member;

    put_samples(self, heard);
    if (self->tones != NULL)
        clamp_digits(self, heard);
}

static void
look_at_figures(McpMediaMember *self)
{
    McpMediaPlayoutFigures figures;

    mcp_media_playout_get_figures(self->playout, &figures);
    atomic_store_explicit(&self->delay_us, figures.delay_us, memory_order_relaxed);
    self->until_look = STEPS_A_LOOK;
}

void
mcp_media_member_take(McpMediaMember *member, guint n, gint64 now)
{
    McpMediaPlayed played = MCP_MEDIA_PLAYED_SILENCE;

    if (member->remote)
        mcp_media_pipe_drain(member->to_room, now);
    if (!member->remote && member->stream != NULL)
        played = mcp_media_stream_hear_live(member->stream, member->own, n, now);
    else
        played = mcp_media_playout_take(member->playout, member->own, n, now);
    if (played == MCP_MEDIA_PLAYED_UNDERRUN)
        atomic_store_explicit(&member->late,
                              atomic_load_explicit(&member->late, memory_order_relaxed) + 1,
                              memory_order_relaxed);
    if (member->until_look-- == 0)
        look_at_figures(member);
}

void
mcp_media_member_drain(McpMediaMember *member, guint n)
{
    guint drained = mcp_media_playout_drain(member->playout, member->own, n);

    memset(member->own + drained, 0, (n - drained) * sizeof *member->own);
}

gboolean
mcp_media_member_waits(McpMediaMember *member, gint64 now)
{
    McpMediaPlayoutFigures figures;

    if (member->remote)
        mcp_media_pipe_drain(member->to_room, now);
    mcp_media_playout_get_figures(member->playout, &figures);
    return figures.depth > 0;
}

/* --- from the room to the stream --- */

static void
to_stream(gpointer owner, gconstpointer data, gsize length, gint64 now)
{
    McpMediaMember *self = owner;

    if (self->stream != NULL)
        mcp_media_stream_send_live(self->stream, data, (guint)(length / sizeof(gint16)), now);
}

void
mcp_media_member_give(McpMediaMember *member, const gint16 *samples, guint n, gint64 now)
{
    gpointer record = NULL;

    if (!member->remote) {
        to_stream(member, samples, n * sizeof *samples, now);
        return;
    }
    record = mcp_media_pipe_reserve(member->to_stream, n * sizeof *samples);
    if (record == NULL) {
        atomic_fetch_add_explicit(&member->lost_frames, 1, memory_order_relaxed);
        return;
    }
    memcpy(record, samples, n * sizeof *samples);
    mcp_media_pipe_commit(member->to_stream);
}

/* --- life --- */

McpMediaMember *
mcp_media_member_new(McpMediaRoom *room, const char *name, McpMediaWorker *worker)
{
    McpMediaMember *self = g_new0(McpMediaMember, 1);
    guint rate = mcp_media_room_get_rate(room);

    MCP_LEDGER_CREATED(McpMediaMember);
    self->refs = 1;
    self->room = mcp_media_room_ref(room);
    self->worker = mcp_media_worker_ref(worker);
    self->remote = worker != mcp_media_room_get_home(room);
    g_strlcpy(self->name, name, sizeof self->name);
    self->playout = mcp_media_playout_new(rate, 0);
    if (mcp_media_room_clamps_digits(room) && rate <= TONES_RATE_MAX) {
        self->tones = g_new0(McpMediaDtmfTones, 1);
        mcp_media_dtmf_tones_init(self->tones, rate);
    }
    if (self->remote) {
        self->to_room = mcp_media_pipe_new(PIPE_BYTES(rate), to_playout, self);
        self->to_stream = mcp_media_pipe_new(PIPE_BYTES(rate), to_stream, self);
    }
    return self;
}

McpMediaMember *
mcp_media_member_ref(McpMediaMember *member)
{
    g_atomic_int_inc(&member->refs);
    return member;
}

void
mcp_media_member_unref(McpMediaMember *member)
{
    if (member == NULL || !g_atomic_int_dec_and_test(&member->refs))
        return;
    mcp_media_playout_free(member->playout);
    mcp_media_pipe_free(member->to_room);
    mcp_media_pipe_free(member->to_stream);
    g_free(member->tones);
    mcp_media_worker_unref(member->worker);
    mcp_media_room_unref(member->room);
    g_free(member);
    MCP_LEDGER_FINALIZED(McpMediaMember);
}
