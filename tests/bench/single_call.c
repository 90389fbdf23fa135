/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller of "mcp-load call": one dialog of sip_client with keys and a recording. It blocks on a
 * loop of its own until the call is over.
 */
#include "single_call.h"

#include "wav_file.h"

#include <math.h>
#include <string.h>

#define PACKETS_A_SECOND 50.0
#define EVENT_TYPE 101
#define DIGIT_GAP_S 0.5
#define SHORTEST_GAP 9 /* packets: a digit's eight and one of audio */

typedef struct {
    const McpLoadSingleOptions *options;
    McpBenchLoop *loop;
    McpBenchTimer timer;
    McpLoadCall *call;
    GArray *digits;
    const char *trouble;
} Single;

static GArray *
refuse(GError **error, const char *what, const char *value)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s \"%s\"", what, value);
    return NULL;
}

/* RFC 4733 §3.2: 0-9, *, #, A-D are events 0 … 15. */
static int
event_of(char c)
{
    static const char events[] = "0123456789*#ABCD";
    const char *at = strchr(events, g_ascii_toupper(c));
    return at != NULL && *at != '\0' ? (int)(at - events) : -1;
}

static gboolean
append_digit(GArray *digits, int event, double at_s)
{
    McpLoadDigit digit = {.at_packet = (guint)lround(at_s * PACKETS_A_SECOND),
                          .event = (guint8)event};
    if (digits->len > 0) {
        guint last = g_array_index(digits, McpLoadDigit, digits->len - 1).at_packet;
        if (digit.at_packet < last + SHORTEST_GAP)
            return FALSE;
    }
    g_array_append_val(digits, digit);
    return TRUE;
}

GArray *
mcp_load_parse_digits(const char *digits, const char *times, GError **error)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(McpLoadDigit));
    g_auto(GStrv) given = g_strsplit(times != NULL ? times : "", ",", -1);
    guint n_given = g_strv_length(given);
    double at_s = 1.0;
    for (const char *c = digits; *c != '\0'; c++) {
        if (*c == ',' || *c == ' ')
            continue;
        int event = event_of(*c);
        if (event < 0)
            return refuse(error, "not a DTMF digit in", digits);
        if (list->len < n_given) {
            char *end = NULL;
            at_s = g_ascii_strtod(given[list->len], &end);
            if (end == given[list->len] || !(at_s >= 0.0 && at_s < 86400.0))
                return refuse(error, "bad time in", times);
        }
        if (!append_digit(list, event, at_s))
            return refuse(error, "digits must be 0.18 s apart or more:", times);
        at_s += DIGIT_GAP_S;
    }
    return g_steal_pointer(&list);
}

static void
on_hang_up(gpointer user_data)
{
    Single *single = user_data;
    if (single->options->talk_s <= 0.0)
        single->trouble = "server did not hang up in time";
    mcp_load_call_hang_up(single->call);
}

static void
on_answered(McpLoadCall *call, gpointer user_data)
{
    Single *single = user_data;
    double seconds =
        single->options->talk_s > 0.0 ? single->options->talk_s : single->options->longest_s;
    if (single->digits != NULL && call->stream.event_type < 0)
        single->trouble = "server takes no telephone-event";
    else if (single->digits != NULL)
        call->stream.digits = g_array_ref(single->digits);
    mcp_bench_loop_arm(single->loop, &single->timer,
                       mcp_bench_now_us() + llround(seconds * G_USEC_PER_SEC));
}

static void
on_ended(McpLoadCall *call, gpointer user_data)
{
    Single *single = user_data;
    mcp_bench_loop_disarm(single->loop, &single->timer);
    mcp_bench_loop_quit(single->loop);
}

static char *
trouble_of(const Single *single)
{
    const McpLoadCall *call = single->call;
    if (single->trouble != NULL)
        return g_strdup(single->trouble);
    if (call->end == MCP_LOAD_END_REFUSED)
        return g_strdup_printf("refused with %u", call->status);
    if (call->end == MCP_LOAD_END_NO_ANSWER)
        return g_strdup("no answer");
    if (call->end == MCP_LOAD_END_BAD_ANSWER)
        return g_strdup("unusable answer");
    if (call->end == MCP_LOAD_END_BYE_LOST)
        return g_strdup("no response to BYE");
    return NULL;
}

static McpLoadSingleResult
result_of(const Single *single)
{
    const McpLoadCall *call = single->call;
    const McpBenchRtpReceive *receive = &call->stream.receive;
    McpLoadSingleResult result = {.trouble = trouble_of(single), .status = call->status};
    if (call->answer_us != 0) {
        result.setup_ms = (double)(call->answer_us - call->invite_us) / 1e3;
        result.talked_s = (double)(call->end_us - call->answer_us) / G_USEC_PER_SEC;
    }
    result.packets = receive->packets;
    result.lost = receive->lost;
    result.sound_share = receive->audio > 0 ? (double)receive->sound / (double)receive->audio : 0;
    result.server_hung_up = call->end == MCP_LOAD_END_SERVER_HUNG_UP;
    return result;
}

static gboolean
make_call(Single *single, McpLoadClient *client, McpLoadMedia *media, GError **error)
{
    const McpLoadSingleOptions *options = single->options;
    if (!mcp_load_client_add_source(client, &options->local, error))
        return FALSE;
    mcp_load_media_start(media);
    single->call = mcp_load_client_call(client, error);
    if (single->call == NULL)
        return FALSE;
    if (options->silent_line)
        mcp_load_stream_be_silent(&single->call->stream);
    if (options->record != NULL)
        mcp_bench_rtp_receive_record(&single->call->stream.receive);
    mcp_bench_loop_run(single->loop);
    const GArray *heard = single->call->stream.receive.recording;
    return heard == NULL || mcp_bench_wav_write(options->record, (const gint16 *)heard->data,
                                                heard->len, options->codec->sample_rate, error);
}

gboolean
mcp_load_single_call(const McpLoadSingleOptions *options, McpLoadSingleResult *out_result,
                     GError **error)
{
    g_autoptr(GArray) digits = NULL;
    g_autoptr(McpBenchMaterial) material = mcp_bench_material_new(options->codec, 1, 500, 1);
    if (options->digits != NULL) {
        digits = mcp_load_parse_digits(options->digits, options->times, error);
        if (digits == NULL)
            return FALSE;
    }
    g_autoptr(McpBenchLoop) loop = mcp_bench_loop_new(error);
    if (loop == NULL)
        return FALSE;
    Single single = {.options = options, .loop = loop, .digits = digits};
    g_autoptr(McpLoadMedia) media = mcp_load_media_new(loop, material, error);
    if (media == NULL)
        return FALSE;
    mcp_bench_timer_init(&single.timer, on_hang_up, &single);
    McpLoadClientConfig config = {.target = options->target,
                                  .tcp = options->tcp,
                                  .server = options->server,
                                  .own_sockets = TRUE,
                                  .event_type = EVENT_TYPE,
                                  .answer_limit_us = llround(options->longest_s * 1e6),
                                  .answered = on_answered,
                                  .ended = on_ended,
                                  .user_data = &single};
    g_autoptr(McpLoadClient) client = mcp_load_client_new(loop, media, &config);
    if (!make_call(&single, client, media, error))
        return FALSE;
    *out_result = result_of(&single);
    return TRUE;
}
