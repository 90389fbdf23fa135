/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comfort noise (RFC 3389): what a silence descriptor says, and white noise through the all-pole
 * filter of its reflection coefficients. Pure functions and plain structs, any thread.
 */
#include "comfort_noise.h"

#include <math.h>

/* 0 dBov is a square wave at the overload point. */
#define OVERLOAD 32768.0f
/* §3.2: reserved. */
#define INDEX_RESERVED 255
/* Beyond this the filter rings on from coefficients of before. */
#define RINGING 1e6f
#define SEED 0x9e3779b9u

gboolean
mcp_media_sid_read(McpMediaSid *out_sid, const guint8 *payload, gsize length)
{
    McpMediaSid sid = {0};

    if (length == 0 || (payload[0] & 0x80) != 0)
        return FALSE;
    sid.level = payload[0];
    for (gsize i = 1; i < length && sid.order < MCP_MEDIA_SID_ORDER; i++) {
        if (payload[i] == INDEX_RESERVED)
            break;
        sid.reflection[sid.order++] = (float)(258 * (payload[i] - 127)) / 32768.0f;
    }
    *out_sid = sid;
    return TRUE;
}

void
mcp_media_comfort_noise_set(McpMediaComfortNoise *noise, const McpMediaSid *sid)
{
    float residual = 1;

    /* The level is that of what comes out: the filter amplifies by so much. */
    for (guint i = 0; i < sid->order; i++)
        residual *= 1 - sid->reflection[i] * sid->reflection[i];
    noise->sid = *sid;
    /* Evenly spread values have a third of the power of their peak. */
    noise->gain = sqrtf(3 * residual) * OVERLOAD * powf(10, -(float)sid->level / 20);
    if (noise->random == 0)
        noise->random = SEED;
}

/* Xorshift: evenly spread, -1 … 1. */
static float
next_random(McpMediaComfortNoise *self)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 17;
    self->random ^= self->random << 5;
    return (float)(gint32)self->random / 2147483648.0f;
}

/* The lattice filter 1/A(z). */
static float
next_sample(McpMediaComfortNoise *self)
{
    float forward = self->gain * next_random(self);

    for (guint i = self->sid.order; i > 0; i--) {
        float reflection = self->sid.reflection[i - 1];

        forward -= reflection * self->state[i - 1];
        if (i < MCP_MEDIA_SID_ORDER)
            self->state[i] = self->state[i - 1] + reflection * forward;
    }
    if (!(fabsf(forward) < RINGING)) {
        for (guint i = 0; i < MCP_MEDIA_SID_ORDER; i++)
            self->state[i] = 0;
        forward = 0;
    }
    self->state[0] = forward;
    return forward;
}

void
mcp_media_comfort_noise_make(McpMediaComfortNoise *noise, gint16 *out, guint n)
{
    for (guint i = 0; i < n; i++) {
        float sample = next_sample(noise);

        out[i] = (gint16)lrintf(CLAMP(sample, G_MININT16, G_MAXINT16));
    }
}
