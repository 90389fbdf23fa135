/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control connections with their channels. A connection belongs to the context of whoever opened
 * it; the table of those that may be shared is looked at by all.
 */
#include "control.h"

#include <mcp/error.h>
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMrcpChannel);

/* A connection. */
typedef struct {
    McpMrcpControls *controls;
    char *key; /* nullable: nobody shares it */
    McpStream *stream;
    McpMrcpParser *parser;
    GPtrArray *channels; /* McpMrcpChannel, not owned */
    GError *error;       /* nullable: it is over */
    gboolean open;
    guint busy; /* within a callback: it is not freed */
} Control;

struct _McpMrcpControls {
    gatomicrefcount refs;
    McpClock *clock;
    GMutex lock;       /* guards what follows */
    GHashTable *table; /* "CONTEXT SERVER" → Control, not owned */
};

struct _McpMrcpChannel {
    Control *control;
    char *id;
    guint32 request;
    McpMrcpChannelFunc func;
    gpointer user_data;
    GSource *telling; /* nullable: that it is open already */
};

McpMrcpControls *
mcp_mrcp_controls_new(McpClock *clock)
{
    McpMrcpControls *controls = g_new0(McpMrcpControls, 1);

    g_atomic_ref_count_init(&controls->refs);
    controls->clock = g_object_ref(clock);
    controls->table = g_hash_table_new(g_str_hash, g_str_equal);
    g_mutex_init(&controls->lock);
    return controls;
}

McpMrcpControls *
mcp_mrcp_controls_ref(McpMrcpControls *controls)
{
    g_atomic_ref_count_inc(&controls->refs);
    return controls;
}

void
mcp_mrcp_controls_unref(McpMrcpControls *controls)
{
    if (controls == NULL || !g_atomic_ref_count_dec(&controls->refs))
        return;
    g_hash_table_unref(controls->table);
    g_object_unref(controls->clock);
    g_mutex_clear(&controls->lock);
    g_free(controls);
}

static char *
key_of(const char *server)
{
    g_autoptr(GMainContext) context = g_main_context_ref_thread_default();

    return server != NULL ? g_strdup_printf("%p %s", (gpointer)context, server) : NULL;
}

/* Only its own context adds and removes it. */
static Control *
find(McpMrcpControls *self, const char *key)
{
    Control *control = NULL;

    if (key == NULL)
        return NULL;
    g_mutex_lock(&self->lock);
    control = g_hash_table_lookup(self->table, key);
    g_mutex_unlock(&self->lock);
    return control;
}

gboolean
mcp_mrcp_controls_has(McpMrcpControls *controls, const char *server)
{
    g_autofree char *key = key_of(server);
    const Control *control = find(controls, key);

    return control != NULL && control->open;
}

/* --- a connection --- */

/* Nobody new finds it. */
static void
hide(Control *self)
{
    if (self->key == NULL)
        return;
    g_mutex_lock(&self->controls->lock);
    if (g_hash_table_lookup(self->controls->table, self->key) == self)
        g_hash_table_remove(self->controls->table, self->key);
    g_mutex_unlock(&self->controls->lock);
}

static void
free_if_unused(Control *self)
{
    if (self->busy > 0 || self->channels->len > 0)
        return;
    hide(self);
    g_clear_pointer(&self->stream, mcp_stream_free);
    mcp_mrcp_parser_free(self->parser);
    g_ptr_array_unref(self->channels);
    g_clear_error(&self->error);
    g_free(self->key);
    mcp_mrcp_controls_unref(self->controls);
    g_free(self);
}

static void
tell_all(Control *self, const GError *error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_copy(self->channels, NULL, NULL);

    self->busy++;
    for (guint i = 0; i < all->len; i++) {
        McpMrcpChannel *channel = all->pdata[i];

        /* One that was told may have closed another. */
        if (g_ptr_array_find(self->channels, channel, NULL))
            channel->func(channel, NULL, error, channel->user_data);
    }
    self->busy--;
    free_if_unused(self);
}

static void
fail(Control *self, const GError *error)
{
    if (self->error != NULL)
        return;
    hide(self);
    self->open = FALSE;
    self->error = g_error_copy(error);
    tell_all(self, self->error);
}

static void
on_opened(McpStream *stream, gpointer user_data)
{
    Control *self = user_data;

    self->open = TRUE;
    tell_all(self, NULL);
}

/* RFC 6787 §5.1: whose it is. */
static McpMrcpChannel *
channel_of(Control *self, const McpMrcpMessage *message)
{
    const char *id = mcp_mrcp_message_get(message, "Channel-Identifier");

    for (guint i = 0; id != NULL && i < self->channels->len; i++) {
        McpMrcpChannel *channel = self->channels->pdata[i];

        if (g_ascii_strcasecmp(channel->id, id) == 0)
            return channel;
    }
    return NULL;
}

/* FALSE: the connection is over. */
static gboolean
take_next(Control *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpMessage) message = mcp_mrcp_parser_next(self->parser, &error);
    McpMrcpChannel *channel = NULL;

    if (error != NULL) {
        g_prefix_error(&error, "%s: ", mcp_stream_get_remote(self->stream));
        fail(self, error);
        return FALSE;
    }
    if (message == NULL)
        return FALSE;
    channel = channel_of(self, message);
    /* Of one that has been closed meanwhile. */
    if (channel != NULL)
        channel->func(channel, message, NULL, channel->user_data);
    return self->error == NULL && self->channels->len > 0;
}

static void
on_received(McpStream *stream, const guint8 *data, gsize length, gpointer user_data)
{
    Control *self = user_data;

    mcp_mrcp_parser_push(self->parser, data, length);
    self->busy++;
    while (take_next(self))
        continue;
    self->busy--;
    free_if_unused(self);
}

static void
on_closed(McpStream *stream, const GError *error, gpointer user_data)
{
    Control *self = user_data;
    g_autoptr(GError) end = NULL;

    if (error == NULL)
        end = g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "%s: the server closed the connection",
                          mcp_stream_get_remote(stream));
    fail(self, error != NULL ? error : end);
}

static Control *
control_new(McpMrcpControls *controls, const McpStreamTarget *target, char *key)
{
    static const McpStreamEvents events = {on_opened, on_received, on_closed};
    Control *self = g_new0(Control, 1);

    self->controls = mcp_mrcp_controls_ref(controls);
    self->channels = g_ptr_array_new();
    self->parser = mcp_mrcp_parser_new(MCP_MRCP_V2, NULL);
    self->stream = mcp_stream_connect(target, controls->clock, &events, self);
    self->key = key;
    if (key == NULL)
        return self;
    /* The newest one is the one to be shared. */
    g_mutex_lock(&controls->lock);
    g_hash_table_replace(controls->table, self->key, self);
    g_mutex_unlock(&controls->lock);
    return self;
}

/* --- channels --- */

static gboolean
tell_open(gpointer user_data)
{
    McpMrcpChannel *channel = user_data;

    g_clear_pointer(&channel->telling, g_source_unref);
    channel->func(channel, NULL, channel->control->error, channel->user_data);
    return G_SOURCE_REMOVE;
}

McpMrcpChannel *
mcp_mrcp_channel_open(McpMrcpControls *controls, const char *server, const McpStreamTarget *target,
                      gboolean existing, const char *id, McpMrcpChannelFunc func,
                      gpointer user_data)
{
    McpMrcpChannel *channel = g_new0(McpMrcpChannel, 1);
    g_autofree char *key = key_of(server);
    Control *control = existing ? find(controls, key) : NULL;

    if (control == NULL)
        control = control_new(controls, target, g_steal_pointer(&key));
    channel->control = control;
    channel->id = g_strdup(id);
    channel->func = func;
    channel->user_data = user_data;
    g_ptr_array_add(control->channels, channel);
    if (control->open) {
        channel->telling = g_idle_source_new();
        g_source_set_priority(channel->telling, G_PRIORITY_DEFAULT);
        g_source_set_callback(channel->telling, tell_open, channel, NULL);
        g_source_attach(channel->telling, g_main_context_get_thread_default());
    }
    MCP_LEDGER_CREATED(McpMrcpChannel);
    return channel;
}

void
mcp_mrcp_channel_close(McpMrcpChannel *channel)
{
    if (channel == NULL)
        return;
    if (channel->telling != NULL)
        g_source_destroy(channel->telling);
    g_clear_pointer(&channel->telling, g_source_unref);
    g_ptr_array_remove(channel->control->channels, channel);
    free_if_unused(channel->control);
    g_free(channel->id);
    g_free(channel);
    MCP_LEDGER_FINALIZED(McpMrcpChannel);
}

void
mcp_mrcp_channel_send(McpMrcpChannel *channel, McpMrcpMessage *message)
{
    Control *control = channel->control;
    g_autoptr(GBytes) bytes = NULL;

    if (control->error != NULL)
        return;
    mcp_mrcp_fields_set(message->fields, "Channel-Identifier", channel->id);
    bytes = mcp_mrcp_message_encode(message);
    mcp_stream_write(control->stream, bytes);
}

guint32
mcp_mrcp_channel_next_id(McpMrcpChannel *channel)
{
    return ++channel->request;
}
