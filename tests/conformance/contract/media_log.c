/* SPDX-License-Identifier: Apache-2.0 */
/* What a leg reports, kept for the checks of the media suite. */
#include "media_log.h"

#include "contract.h"

McpLeg *
media_log_connect(MediaLog *log)
{
    *log = (MediaLog){.thread = g_thread_self(), .words = g_string_new(NULL)};
    log->leg = media_provider.connect(TRUE);
    mcp_leg_set_handler(log->leg, media_log_handler, log);
    return log->leg;
}

static void
note_ended(MediaLog *log, const McpLegEvent *event)
{
    g_assert_cmpuint(log->ended, <, G_N_ELEMENTS(log->generations));
    log->generations[log->ended] = event->generation;
    log->stops[log->ended] = event->stop;
    log->position = event->position;
    log->ended++;
    g_string_append(log->words, "ended ");
}

static void
note_recording(MediaLog *log, const McpLegEvent *event)
{
    /* "the stream is committed by then unless aborted" */
    if (media_provider.aborted == NULL || !media_provider.aborted(log->stream))
        g_assert_true(media_provider.committed(log->stream));
    else
        g_assert_cmpuint(event->recording->size, ==, 0);
    log->recordings++;
    log->recording = *event->recording;
    g_free(log->name);
    log->name = g_strdup(event->recording->name);
    log->recording.name = log->name;
    g_string_append(log->words, "recording ");
}

void
media_log_handler(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    MediaLog *log = user_data;

    g_assert_true(leg == log->leg);
    g_assert_true(g_thread_self() == log->thread);
    switch (event->type) {
    case MCP_LEG_PLAYBACK_ENDED:
        note_ended(log, event);
        break;
    case MCP_LEG_MARK:
        g_string_append_printf(log->words, "mark-%s ", event->mark);
        break;
    case MCP_LEG_DIGIT:
        log->digits++;
        g_string_append_printf(log->words, "digit-%c ", event->digit.digit);
        break;
    case MCP_LEG_NO_INPUT:
        log->no_input++;
        break;
    case MCP_LEG_RECORDING_ENDED:
        note_recording(log, event);
        break;
    case MCP_LEG_DIGITS_SENT:
        log->digits_sent++;
        break;
    case MCP_LEG_ONE_WAY:
        g_string_append(log->words, "one-way ");
        break;
    case MCP_LEG_LEFT:
        log->left++;
        g_string_append(log->words, "left ");
        break;
    case MCP_LEG_MEDIA_STARTED:
        log->started++;
        g_string_append(log->words, "started ");
        break;
    case MCP_LEG_SPEECH_STARTED:
        log->speech_started++;
        log->speech_began = event->time;
        g_string_append(log->words, "speech ");
        break;
    case MCP_LEG_SPEECH_ENDED:
        log->speech_ended++;
        log->speech_over = event->time;
        g_string_append(log->words, "speech-over ");
        break;
    case MCP_LEG_PROGRESS:
        log->progress++;
        g_string_append_printf(log->words, "progress-%s ", event->progress->verdict);
        break;
    case MCP_LEG_NO_MEDIA:
        break;
    default:
        g_assert_not_reached();
    }
}

void
media_log_drop(MediaLog *log)
{
    media_provider.drop(log->leg);
    g_string_free(log->words, TRUE);
    g_free(log->name);
}
