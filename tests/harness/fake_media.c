/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fake media: legs that note what is asked of them.
 */
#include "harness.h"

#include <mcp/error.h>
#include <string.h>

FakePlan fake_plan;

static FakeJournal journal;

FakeJournal *
fake_media_journal(void)
{
    return &journal;
}

#define FAKE_TYPE_LEG (fake_leg_get_type())
G_DECLARE_FINAL_TYPE(FakeLeg, fake_leg, FAKE, LEG, GObject)

struct _FakeLeg {
    GObject parent_instance;
};

static McpSdp *
make_sdp(void)
{
    McpSdpBuilder *builder = mcp_sdp_builder_new(7, 1, "127.0.0.1");

    mcp_sdp_builder_add_media(builder, "audio", 4002, "RTP/AVP", "0");
    return mcp_sdp_builder_finish(builder);
}

static McpSdp *
create_offer(McpLeg *leg, GError **error)
{
    fake_journal_add(&journal, "create-offer");
    return make_sdp();
}

static McpSdp *
answer(McpLeg *leg, McpSdp *offer, GError **error)
{
    if (fake_plan.refuse_answer) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "no codec in common");
        return NULL;
    }
    fake_journal_add(&journal, "answer");
    return make_sdp();
}

static gboolean
apply_answer(McpLeg *leg, McpSdp *sdp, GError **error)
{
    fake_journal_add(&journal, "apply-answer");
    return TRUE;
}

static void
rollback(McpLeg *leg)
{
    fake_journal_add(&journal, "rollback");
}

static void
start(McpLeg *leg)
{
    fake_journal_add(&journal, "start");
}

static void
put_digit(McpLeg *leg, char digit, guint duration_ms)
{
    fake_journal_add(&journal, "digit-%c-%u", digit, duration_ms);
}

static void
get_statistics(McpLeg *leg, McpLegStatistics *out_statistics)
{
    *out_statistics = (McpLegStatistics){.packets_sent = 42, .codec = "PCMU"};
}

static guint64
play(McpLeg *leg, const McpPlayItem *items, guint n_items)
{
    fake_journal_add(&journal, "play-%u", n_items);
    return 1;
}

static void
stop(McpLeg *leg, guint64 generation)
{
    fake_journal_add(&journal, "stop");
}

static gboolean
bridge(McpLeg *leg, McpLeg *other, GError **error)
{
    fake_journal_add(&journal, "bridge");
    return TRUE;
}

static void
leave(McpLeg *leg)
{
    fake_journal_add(&journal, "leave");
}

static void
close_leg(McpLeg *leg)
{
    fake_journal_add(&journal, "close");
}

/* --- what the call's owner is told of its media --- */

typedef struct {
    McpLeg *leg;
    McpLegFunc func;
    gpointer user_data;
    GMainContext *context; /* of the call */
} Guard;

static GMutex guard_lock;
static Guard guard; /* of the leg made last; under guard_lock */

static void
set_guard(McpLeg *leg, McpLegFunc func, gpointer user_data)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard_lock);

    guard = (Guard){leg, func, user_data, g_main_context_get_thread_default()};
}

static gboolean
tell(gpointer user_data)
{
    Guard told;

    g_mutex_lock(&guard_lock);
    told = guard;
    g_mutex_unlock(&guard_lock);
    if (told.func != NULL)
        told.func(told.leg, user_data, told.user_data);
    return G_SOURCE_REMOVE;
}

void
fake_media_tell(const McpLegEvent *event)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard_lock);

    g_assert_nonnull(guard.func);
    g_main_context_invoke_full(guard.context, G_PRIORITY_DEFAULT, tell,
                               g_memdup2(event, sizeof *event), g_free);
}

static void
leg_iface_init(McpLegInterface *iface)
{
    iface->create_offer = create_offer;
    iface->answer = answer;
    iface->rollback = rollback;
    iface->apply_answer = apply_answer;
    iface->start = start;
    iface->put_digit = put_digit;
    iface->get_statistics = get_statistics;
    iface->close = close_leg;
    iface->play = play;
    iface->stop = stop;
    iface->bridge = bridge;
    iface->leave = leave;
    iface->set_guard = set_guard;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeLeg, fake_leg, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_LEG, leg_iface_init))

static void
fake_leg_class_init(FakeLegClass *klass)
{
}

static void
fake_leg_init(FakeLeg *leg)
{
}

/* --- a room that takes everybody, and keeps the state of one of them --- */

#define FAKE_TYPE_ROOM (fake_room_get_type())
G_DECLARE_FINAL_TYPE(FakeRoom, fake_room, FAKE, ROOM, GObject)

struct _FakeRoom {
    GObject parent_instance;
    McpRoomMember how;
};

static gboolean
join(McpRoom *room, McpLeg *leg, const McpRoomMember *member, GError **error)
{
    FAKE_ROOM(room)->how = *member;
    FAKE_ROOM(room)->how.partner = NULL;
    fake_journal_add(&journal, "join-%s-%s%s", mcp_room_role_name(member->role),
                     member->muted ? "muted" : "open", member->deaf ? "-deaf" : "");
    return TRUE;
}

static gboolean
change_member(McpRoom *room, const char *name, const McpRoomMember *member, GError **error)
{
    FAKE_ROOM(room)->how = *member;
    FAKE_ROOM(room)->how.partner = NULL;
    fake_journal_add(&journal, "change-%s%s-%+.0f", member->muted ? "muted" : "open",
                     member->deaf ? "-deaf" : "", member->volume);
    return TRUE;
}

static gboolean
get_member(McpRoom *room, const char *name, McpRoomMember *out_member)
{
    *out_member = FAKE_ROOM(room)->how;
    return TRUE;
}

static void
room_iface_init(McpRoomInterface *iface)
{
    iface->join = join;
    iface->change_member = change_member;
    iface->get_member = get_member;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeRoom, fake_room, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_ROOM, room_iface_init))

static void
fake_room_class_init(FakeRoomClass *klass)
{
}

static void
fake_room_init(FakeRoom *room)
{
}

static McpRoom *
open_room(McpMedia *media, const char *name, const McpRoomParams *params, GError **error)
{
    if (fake_plan.refuse_room) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "the room \"%s\" is full", name);
        return NULL;
    }
    fake_journal_add(&journal, "room-%s", name);
    return g_object_new(FAKE_TYPE_ROOM, NULL);
}

#define FAKE_TYPE_MEDIA (fake_media_get_type())
G_DECLARE_FINAL_TYPE(FakeMedia, fake_media, FAKE, MEDIA, GObject)

struct _FakeMedia {
    GObject parent_instance;
};

static McpLeg *
create_leg(McpMedia *media, const McpLegParams *params, GError **error)
{
    if (fake_plan.refuse_ports) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "no port is free");
        return NULL;
    }
    return g_object_new(FAKE_TYPE_LEG, NULL);
}

static void
media_iface_init(McpMediaInterface *iface)
{
    iface->create_leg = create_leg;
    iface->open_room = open_room;
}

static void
start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, cancellable, callback, user_data);

    if (journal.words != NULL)
        g_string_truncate(journal.words, 0);
    mcp_host_publish(host, MCP_CONTRACT_MEDIA, "fake", G_OBJECT(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = start_async;
    iface->start_finish = start_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeMedia, fake_media, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_MEDIA, media_iface_init))

static void
fake_media_class_init(FakeMediaClass *klass)
{
}

static void
fake_media_init(FakeMedia *self)
{
}

static const McpProvides provides[] = {{MCP_CONTRACT_MEDIA, 1, 0, "fake", 0}, {NULL}};

const McpPluginDesc fake_media_desc = {
    MCP_PLUGIN_HEAD,      .name = "fake-media",
    .version = "1",       .summary = "legs for tests",
    .provides = provides, .get_type = fake_media_get_type,
};
