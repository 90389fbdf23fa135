/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels: who has which id, and the way of messages between the shard of a session and the
 * control context, where connections are. One lock guards the table; a channel's sides are touched
 * on their own contexts only, and messages pass as posted closures, in order.
 */
#include "channels.h"

#include "metrics.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>
#include <sys/random.h>

#define ID_BYTES 12

struct _McpMrcpdChannels {
    gatomicrefcount refs;
    GMainContext *control;
    McpMetrics *metrics; /* nullable */
    guint max;
    GMutex lock;       /* guards the table */
    GHashTable *table; /* id → McpMrcpdChannel, borrowed */
};

struct _McpMrcpdChannel {
    gatomicrefcount refs;
    McpMrcpdChannels *channels;
    char *id;
    char *call_id;
    McpMrcpResource resource;
    GMainContext *context;
    McpMrcpdTakeFunc func; /* nullable: closed; of the context */
    gpointer user_data;
    McpMrcpdCarrier *carrier; /* nullable; of the control context, as the next one */
    guint unanswered;
};

typedef struct {
    McpMrcpdChannel *channel;
    McpMrcpMessage *message; /* nullable */
} Letter;

MCP_LEDGER_DEFINE(McpMrcpdChannel);

guint
mcp_mrcpd_label(const char *values, const char *text)
{
    g_auto(GStrv) all = g_strsplit(values, "|", -1);
    guint i = 0;

    while (all[i + 1] != NULL && g_ascii_strcasecmp(all[i], text) != 0)
        i++;
    return i;
}

McpMrcpdChannels *
mcp_mrcpd_channels_new(GMainContext *control, guint max, McpMetrics *metrics)
{
    McpMrcpdChannels *self = g_new0(McpMrcpdChannels, 1);

    g_atomic_ref_count_init(&self->refs);
    self->control = g_main_context_ref(control);
    self->max = max;
    self->metrics = metrics;
    g_mutex_init(&self->lock);
    self->table = g_hash_table_new(g_str_hash, g_str_equal);
    return self;
}

McpMrcpdChannels *
mcp_mrcpd_channels_ref(McpMrcpdChannels *channels)
{
    g_atomic_ref_count_inc(&channels->refs);
    return channels;
}

void
mcp_mrcpd_channels_unref(McpMrcpdChannels *channels)
{
    if (channels == NULL || !g_atomic_ref_count_dec(&channels->refs))
        return;
    g_hash_table_unref(channels->table);
    g_mutex_clear(&channels->lock);
    g_main_context_unref(channels->control);
    g_free(channels);
}

McpMrcpdChannel *
mcp_mrcpd_channel_ref(McpMrcpdChannel *channel)
{
    g_atomic_ref_count_inc(&channel->refs);
    return channel;
}

void
mcp_mrcpd_channel_unref(McpMrcpdChannel *channel)
{
    if (!g_atomic_ref_count_dec(&channel->refs))
        return;
    mcp_mrcpd_channels_unref(channel->channels);
    g_main_context_unref(channel->context);
    g_free(channel->id);
    g_free(channel->call_id);
    g_free(channel);
    MCP_LEDGER_FINALIZED(McpMrcpdChannel);
}

const char *
mcp_mrcpd_channel_get_id(const McpMrcpdChannel *channel)
{
    return channel->id;
}

const char *
mcp_mrcpd_channel_get_call_id(const McpMrcpdChannel *channel)
{
    return channel->call_id;
}

McpMrcpResource
mcp_mrcpd_channel_get_resource(const McpMrcpdChannel *channel)
{
    return channel->resource;
}

/* --- letters --- */

static void
letter_free(gpointer data)
{
    Letter *letter = data;

    g_clear_pointer(&letter->message, mcp_mrcp_message_free);
    mcp_mrcpd_channel_unref(letter->channel);
    g_free(letter);
}

/* Never at once: whoever is told may end the sender. */
static void
post(McpMrcpdChannel *channel, GMainContext *context, GSourceFunc func, McpMrcpMessage *message)
{
    g_autoptr(GSource) source = g_idle_source_new();
    Letter *letter = g_new0(Letter, 1);

    letter->channel = mcp_mrcpd_channel_ref(channel);
    letter->message = message;
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, func, letter, letter_free);
    g_source_attach(source, context);
}

/* --- the resource's side --- */

/* RFC 6787 §4.2: difficult to guess. */
static char *
make_id(McpMrcpResource resource)
{
    guint8 bytes[ID_BYTES];
    g_autoptr(GString) id = g_string_new(NULL);

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        for (guint i = 0; i < sizeof bytes; i++)
            bytes[i] = (guint8)g_random_int();
    }
    for (guint i = 0; i < sizeof bytes; i++)
        g_string_append_printf(id, "%02x", bytes[i]);
    g_string_append_printf(id, "@%s", mcp_mrcp_resource_name(MCP_MRCP_V2, resource));
    return g_string_free(g_steal_pointer(&id), FALSE);
}

/* FALSE: there are as many as there may be. */
static gboolean
enter(McpMrcpdChannels *channels, McpMrcpdChannel *channel)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&channels->lock);

    if (g_hash_table_size(channels->table) >= channels->max)
        return FALSE;
    g_hash_table_insert(channels->table, channel->id, channel);
    return TRUE;
}

static void
count(McpMrcpdChannel *channel, gint delta)
{
    if (channel->channels->metrics != NULL)
        mcp_metrics_add(channel->channels->metrics, MCP_MRCPD_METRIC_CHANNELS, channel->resource,
                        delta);
}

McpMrcpdChannel *
mcp_mrcpd_channel_open(McpMrcpdChannels *channels, McpMrcpResource resource, const char *call_id,
                       McpMrcpdTakeFunc func, gpointer user_data, GError **error)
{
    g_autoptr(McpMrcpdChannel) channel = g_new0(McpMrcpdChannel, 1);

    g_atomic_ref_count_init(&channel->refs);
    MCP_LEDGER_CREATED(McpMrcpdChannel);
    channel->channels = mcp_mrcpd_channels_ref(channels);
    channel->resource = resource;
    channel->id = make_id(resource);
    channel->call_id = g_strdup(call_id);
    channel->context = g_main_context_ref_thread_default();
    channel->func = func;
    channel->user_data = user_data;
    if (!enter(channels, channel)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "max_channels = %u is reached",
                    channels->max);
        return NULL;
    }
    count(channel, 1);
    return g_steal_pointer(&channel);
}

static gboolean
write_letter(gpointer data)
{
    const Letter *letter = data;
    McpMrcpdCarrier *carrier = letter->channel->carrier;

    if (letter->message->kind == MCP_MRCP_RESPONSE && letter->channel->unanswered > 0)
        letter->channel->unanswered--;
    if (carrier != NULL)
        carrier->write(carrier, letter->channel, letter->message);
    return G_SOURCE_REMOVE;
}

void
mcp_mrcpd_channel_send(McpMrcpdChannel *channel, McpMrcpMessage *message)
{
    post(channel, channel->channels->control, write_letter, message);
}

static gboolean
leave_carrier(gpointer data)
{
    const Letter *letter = data;
    McpMrcpdCarrier *carrier = g_steal_pointer(&letter->channel->carrier);

    if (carrier != NULL)
        carrier->left(carrier, letter->channel);
    return G_SOURCE_REMOVE;
}

void
mcp_mrcpd_channel_close(McpMrcpdChannel *channel)
{
    McpMrcpdChannels *channels = channel->channels;

    channel->func = NULL;
    g_mutex_lock(&channels->lock);
    g_hash_table_remove(channels->table, channel->id);
    g_mutex_unlock(&channels->lock);
    count(channel, -1);
    post(channel, channels->control, leave_carrier, NULL);
    mcp_mrcpd_channel_unref(channel);
}

/* --- the carrier's side --- */

McpMrcpdChannel *
mcp_mrcpd_channels_find(McpMrcpdChannels *channels, const char *id)
{
    g_autofree char *lower = g_ascii_strdown(id, -1);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&channels->lock);
    McpMrcpdChannel *channel = g_hash_table_lookup(channels->table, lower);

    return channel != NULL ? mcp_mrcpd_channel_ref(channel) : NULL;
}

gboolean
mcp_mrcpd_channel_attach(McpMrcpdChannel *channel, McpMrcpdCarrier *carrier)
{
    if (channel->carrier == NULL)
        channel->carrier = carrier;
    return channel->carrier == carrier;
}

static gboolean
take_letter(gpointer data)
{
    Letter *letter = data;

    if (letter->channel->func != NULL)
        letter->channel->func(g_steal_pointer(&letter->message), letter->channel->user_data);
    return G_SOURCE_REMOVE;
}

void
mcp_mrcpd_channel_deliver(McpMrcpdChannel *channel, McpMrcpMessage *message)
{
    channel->unanswered++;
    post(channel, channel->context, take_letter, message);
}

guint
mcp_mrcpd_channel_get_unanswered(const McpMrcpdChannel *channel)
{
    return channel->unanswered;
}

void
mcp_mrcpd_channel_lose(McpMrcpdChannel *channel)
{
    channel->carrier = NULL;
    post(channel, channel->context, take_letter, NULL);
}
