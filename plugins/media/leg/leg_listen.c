/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a leg needs samples for: its ear and who listens are made here, on the call's context, and
 * handed to the stream.
 */
#include "leg_private.h"

#include <mcp/error.h>

gboolean
mcp_media_leg_listen(McpMediaLeg *leg)
{
    McpMediaEar *ear = NULL;

    if (leg->ear_rate != 0)
        return TRUE;
    if (leg->agreement.codec == NULL)
        return FALSE;
    ear = mcp_media_ear_new(&leg->agreement.format, 0);
    leg->ear_rate = mcp_media_ear_get_rate(ear);
    mcp_media_stream_open_ear(leg->stream, ear);
    return TRUE;
}

void
mcp_media_leg_open_voice(McpMediaLeg *leg)
{
    if (leg->has_voice || !mcp_media_leg_listen(leg))
        return;
    leg->has_voice = TRUE;
    mcp_media_stream_open_voice(
        leg->stream,
        mcp_media_stream_make_voice(leg->stream, &leg->agreement.format, leg->ear_rate));
}

void
mcp_media_leg_open_tones(McpMediaLeg *leg)
{
    McpMediaInbandDtmf mode = mcp_media_service_get_inband_dtmf(leg->service);
    McpMediaDtmfTones *tones = NULL;

    if (leg->has_tones || mode == MCP_MEDIA_INBAND_OFF || leg->agreement.codec == NULL ||
        (mode == MCP_MEDIA_INBAND_FALLBACK && leg->agreement.receive_event_type >= 0) ||
        !mcp_media_leg_listen(leg))
        return;
    leg->has_tones = TRUE;
    tones = g_new0(McpMediaDtmfTones, 1);
    mcp_media_dtmf_tones_init(tones, leg->ear_rate);
    mcp_media_stream_open_tones(leg->stream, tones);
}

gboolean
mcp_media_leg_watch_progress(McpLeg *leg, const McpProgressParams *params, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);
    McpMediaCallProgress *progress = NULL;
    McpMediaProgressSettings settings;

    if (self->closed) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "the leg is closed");
        return FALSE;
    }
    if (params != NULL && !mcp_media_leg_listen(self)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg has no codec yet");
        return FALSE;
    }
    if (params != NULL) {
        const McpMediaCountry *country =
            mcp_media_service_find_country(self->service, params->country);

        mcp_media_progress_settings_default(&settings, params->country);
        if (country != NULL)
            mcp_media_country_apply(country, &settings);
        settings.await_answer = params->early;
        settings.no_answer_ms = (guint)(MAX(params->no_answer, 0) / 1000);
        progress = g_new0(McpMediaCallProgress, 1);
        mcp_media_call_progress_init(progress, &settings, self->ear_rate);
    }
    self->watches_progress = progress != NULL;
    mcp_media_stream_watch(self->stream, progress);
    return TRUE;
}
