/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTCP as watchers see it: in the clear, by both legs of a call, with its true ends; also where it
 * is encrypted on the wire, by keys in the description or by DTLS on one port with the audio.
 */
#include "legs.h"

#include "rtp/rtcp.h"
#include <string.h>
#include <trace/traces.h>

#define DEADLINE (60 * G_TIME_SPAN_SECOND)

typedef struct {
    gboolean sent;
    McpTraceEnd local;
    McpTraceEnd remote;
    gint64 wall;
    char *call;
    GBytes *bytes;
} Shown;

static void
shown_free(gpointer data)
{
    Shown *shown = data;

    g_free(shown->call);
    g_bytes_unref(shown->bytes);
    g_free(shown);
}

static void
on_message(const McpTraceMessage *message, gpointer user_data)
{
    Shown *shown = g_new0(Shown, 1);

    g_assert_cmpint(message->kind, ==, MCP_TRACE_RTCP);
    g_assert_cmpstr(message->transport, ==, "udp");
    g_assert_false(message->stream);
    g_assert_null(message->dialog);
    shown->sent = message->sent;
    shown->local = message->local;
    shown->remote = message->remote;
    shown->wall = message->wall;
    shown->call = g_strdup(message->call);
    shown->bytes = g_bytes_new(message->data, message->length);
    g_ptr_array_add(user_data, shown);
}

static void
on_dialog(const char *call_id, const char *sip_call_id, gpointer user_data)
{
    g_assert_not_reached();
}

static const McpTraceWatcher watcher = {on_message, on_dialog};

static gboolean
is_end(const McpTraceEnd *a, const McpTraceEnd *b)
{
    return a->ipv6 == b->ipv6 && a->port == b->port && memcmp(a->address, b->address, 4) == 0;
}

/* Sent by one leg, and received by the other as it was. */
static gboolean
is_twin(const Shown *sent, const Shown *received)
{
    return sent->sent && !received->sent && is_end(&sent->local, &received->remote) &&
           is_end(&sent->remote, &received->local) && g_bytes_equal(sent->bytes, received->bytes);
}

/* Bits of the legs whose report was seen at both ends. */
static guint
find_twins(const GPtrArray *all, guint callee_port)
{
    guint found = 0;

    for (guint i = 0; i < all->len; i++) {
        for (guint k = 0; k < all->len; k++) {
            const Shown *sent = all->pdata[i];

            if (is_twin(sent, all->pdata[k]))
                found |= sent->remote.port / 2 == callee_port / 2 ? 1 : 2;
        }
    }
    return found;
}

static void
check_packet(const Shown *shown)
{
    McpMediaRtcpReport report;
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(shown->bytes, &length);

    g_assert_true(mcp_media_rtcp_parse(data, length, 0, FALSE, &report));
    g_assert_nonnull(memmem(data, length, "@mcp", 4));
    g_assert_nonnull(shown->call);
    g_assert_cmpint(ABS(shown->wall - g_get_real_time()), <, G_TIME_SPAN_HOUR);
    g_assert_cmpmem(shown->local.address, 4, ((const guint8[]){127, 0, 0, 1}), 4);
}

static gboolean
wake(gpointer user_data)
{
    return G_SOURCE_CONTINUE;
}

static void
wait_for_twins(const GPtrArray *all, guint callee_port)
{
    gint64 end = g_get_monotonic_time() + DEADLINE;
    guint ticks = g_timeout_add(20, wake, NULL);

    while (find_twins(all, callee_port) != 3 && g_get_monotonic_time() < end)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(ticks);
    g_assert_cmpuint(find_twins(all, callee_port), ==, 3);
}

static void
check_shown(void (*change)(McpMediaConfig *config))
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(shown_free);
    g_autoptr(McpTraces) traces = NULL;
    guint number = 0;
    Pair pair;

    platform_open_changed(&pair.platform, change);
    traces = mcp_traces_new(pair.platform.clock, pair.platform.pool, g_main_context_default());
    mcp_media_service_set_traces(pair.platform.service, traces);
    number = mcp_traces_watch(traces, &watcher, all);
    pair_connect(&pair, "127.0.0.1");
    wait_for_twins(all, pair.callee_port);
    g_ptr_array_foreach(all, (GFunc)check_packet, NULL);
    mcp_traces_unwatch(traces, number);
    pair_disconnect(&pair);
    platform_close(&pair.platform);
}

static void
require_keys(McpMediaConfig *config)
{
    config->protection = MCP_MEDIA_PROTECTION_REQUIRED;
}

static void
require_dtls(McpMediaConfig *config)
{
    config->protection = MCP_MEDIA_PROTECTION_REQUIRED;
    config->sdes_without_tls = FALSE;
}

static void
forbid_keys(McpMediaConfig *config)
{
    config->protection = MCP_MEDIA_PROTECTION_OFF;
}

static void
test_clear(void)
{
    check_shown(forbid_keys);
}

static void
test_sdes(void)
{
    check_shown(require_keys);
}

static void
test_dtls(void)
{
    check_shown(require_dtls);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/watched/clear", test_clear);
    g_test_add_func("/media/watched/sdes", test_sdes);
    g_test_add_func("/media/watched/dtls", test_dtls);
    return g_test_run();
}
