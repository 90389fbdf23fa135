/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor's media thread. `lock` guards the phases' lists and the counts; the thread holds it
 * for a tick, the SIP side for an insertion.
 */
#include "floor_media.h"

#include "datagram.h"
#include "event_loop.h"
#include "rtp_receive.h"
#include "speech.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_US 20000
#define MAX_PHASES 20
#define MATERIAL_FRAMES 1000
#define LEG_BUFFER (128 * 1024)
#define EVENTS_A_CALL 512

struct _McpFloorMedia {
    GThread *thread;
    gint stop; /* atomic */
    guint phases;
    int timer_fd;
    gint64 started_us;
    GBytes *material;
    const guint8 *material_data;
    gsize material_size;
    guint next_leg;

    GMutex lock;
    int epoll_fds[MAX_PHASES];
    GPtrArray *legs[MAX_PHASES];
    McpFloorCounts counts;
};

static void
receive_phase(McpFloorMedia *media, guint phase)
{
    struct epoll_event events[EVENTS_A_CALL];
    guint8 packet[512];
    int n = 0;
    do {
        n = epoll_wait(media->epoll_fds[phase], events, EVENTS_A_CALL, 0);
        for (int i = 0; i < n; i++) {
            const McpFloorLeg *leg = events[i].data.ptr;
            if (recv(leg->fd, packet, sizeof packet, MSG_DONTWAIT) > 0)
                media->counts.received++;
        }
    } while (n == EVENTS_A_CALL);
}

static void
send_packet(McpFloorMedia *media, McpFloorLeg *leg)
{
    guint8 packet[MCP_BENCH_RTP_HEADER + MCP_BENCH_FRAME];
    mcp_bench_rtp_header(packet, FALSE, 0, leg->sequence, leg->timestamp, leg->ssrc);
    memcpy(packet + MCP_BENCH_RTP_HEADER, media->material_data + leg->offset, MCP_BENCH_FRAME);
    if (sendto(leg->fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&leg->remote,
               sizeof leg->remote) > 0)
        media->counts.sent++;
    leg->sequence++;
    leg->timestamp += MCP_BENCH_FRAME;
    leg->offset = (leg->offset + MCP_BENCH_FRAME) % media->material_size;
}

static void
run_phase(McpFloorMedia *media, guint phase)
{
    receive_phase(media, phase);
    GPtrArray *legs = media->legs[phase];
    for (guint i = 0; i < legs->len; i++)
        send_packet(media, g_ptr_array_index(legs, i));
}

static gpointer
media_thread(gpointer data)
{
    McpFloorMedia *media = data;
    gint64 tick_us = PERIOD_US / media->phases;
    guint64 tick = 0;
    while (g_atomic_int_get(&media->stop) == 0) {
        guint64 passed = 0;
        if (read(media->timer_fd, &passed, sizeof passed) != sizeof passed)
            continue;
        g_mutex_lock(&media->lock);
        for (; passed > 0; passed--) {
            run_phase(media, (guint)(tick % media->phases));
            tick++;
        }
        gint64 due_us = media->started_us + (gint64)tick * tick_us;
        media->counts.ticks = tick;
        media->counts.latest_us = MAX(media->counts.latest_us, mcp_bench_now_us() - due_us);
        g_mutex_unlock(&media->lock);
    }
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    media->counts.cpu_s = (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
    return NULL;
}

static gboolean
start_timer(McpFloorMedia *media, GError **error)
{
    gint64 tick_us = PERIOD_US / media->phases;
    struct itimerspec spec = {.it_interval.tv_nsec = tick_us * 1000,
                              .it_value.tv_nsec = tick_us * 1000};
    media->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    media->started_us = mcp_bench_now_us();
    if (media->timer_fd >= 0 && timerfd_settime(media->timer_fd, 0, &spec, NULL) == 0)
        return TRUE;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot start a timer: %s",
                g_strerror(errno));
    return FALSE;
}

McpFloorMedia *
mcp_floor_media_new(guint phases, GError **error)
{
    McpFloorMedia *media = g_new0(McpFloorMedia, 1);
    media->phases = phases;
    media->material = mcp_bench_speech_new(MATERIAL_FRAMES, 1);
    media->material_data = g_bytes_get_data(media->material, &media->material_size);
    g_mutex_init(&media->lock);
    for (guint i = 0; i < phases; i++) {
        media->epoll_fds[i] = epoll_create1(EPOLL_CLOEXEC);
        media->legs[i] = g_ptr_array_new();
    }
    if (!start_timer(media, error)) {
        mcp_floor_media_free(media);
        return NULL;
    }
    media->thread = g_thread_new("floor-media", media_thread, media);
    return media;
}

void
mcp_floor_media_free(McpFloorMedia *media)
{
    mcp_floor_media_finish(media);
    for (guint i = 0; i < media->phases; i++) {
        close(media->epoll_fds[i]);
        g_ptr_array_unref(media->legs[i]);
    }
    if (media->timer_fd >= 0)
        close(media->timer_fd);
    g_bytes_unref(media->material);
    g_mutex_clear(&media->lock);
    g_free(media);
}

McpFloorLeg *
mcp_floor_leg_new(McpFloorMedia *media, const struct sockaddr_in *address, GError **error)
{
    struct sockaddr_in local = *address;
    local.sin_port = 0;
    int fd = mcp_bench_udp_open(&local, LEG_BUFFER, error);
    if (fd < 0)
        return NULL;
    McpFloorLeg *leg = g_new0(McpFloorLeg, 1);
    leg->fd = fd;
    leg->local = mcp_bench_local_address(fd);
    leg->ssrc = g_random_int();
    leg->sequence = (guint16)g_random_int();
    leg->timestamp = g_random_int();
    leg->phase = media->next_leg++ % media->phases;
    return leg;
}

void
mcp_floor_leg_play(McpFloorMedia *media, McpFloorLeg *leg)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = leg};
    if (leg->place != 0)
        return;
    g_mutex_lock(&media->lock);
    epoll_ctl(media->epoll_fds[leg->phase], EPOLL_CTL_ADD, leg->fd, &event);
    g_ptr_array_add(media->legs[leg->phase], leg);
    leg->place = media->legs[leg->phase]->len;
    g_mutex_unlock(&media->lock);
}

void
mcp_floor_leg_stop(McpFloorMedia *media, McpFloorLeg *leg)
{
    if (leg->place == 0)
        return;
    g_mutex_lock(&media->lock);
    GPtrArray *legs = media->legs[leg->phase];
    McpFloorLeg *last = g_ptr_array_index(legs, legs->len - 1);
    g_ptr_array_index(legs, leg->place - 1) = last;
    last->place = leg->place;
    g_ptr_array_set_size(legs, (gint)legs->len - 1);
    leg->place = 0;
    epoll_ctl(media->epoll_fds[leg->phase], EPOLL_CTL_DEL, leg->fd, NULL);
    g_mutex_unlock(&media->lock);
}

void
mcp_floor_leg_free(McpFloorLeg *leg)
{
    close(leg->fd);
    g_free(leg);
}

McpFloorCounts
mcp_floor_media_finish(McpFloorMedia *media)
{
    if (media->thread != NULL) {
        g_atomic_int_set(&media->stop, 1);
        g_thread_join(g_steal_pointer(&media->thread));
    }
    return media->counts;
}
