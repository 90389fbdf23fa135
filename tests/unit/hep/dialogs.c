/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what waits for its call, of what is remembered, and of the way between threads. */
#include <dialogs.h>
#include <gio/gio.h>
#include <inbox.h>

typedef struct {
    GQueue out;
    McpHepDialogs *dialogs;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    g_queue_init(&fixture->out);
    fixture->dialogs = mcp_hep_dialogs_new(&fixture->out);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_queue_clear_full(&fixture->out, (GDestroyNotify)mcp_hep_item_free);
    mcp_hep_dialogs_free(fixture->dialogs);
}

static void
take(Fixture *fixture, const char *dialog, const char *call, gint64 now)
{
    mcp_hep_dialogs_take(fixture->dialogs, mcp_hep_item_new(MCP_HEP_SIP, call, dialog, "m", 1),
                         now);
}

static void
learn(Fixture *fixture, const char *dialog, const char *call, gint64 now)
{
    g_autoptr(GRefString) key = g_ref_string_new(dialog);
    g_autoptr(GRefString) value = g_ref_string_new(call);

    mcp_hep_dialogs_learn(fixture->dialogs, key, value, now);
}

/* What has gone out since, as "dialog=correlation". */
static char *
out(Fixture *fixture)
{
    GString *text = g_string_new(NULL);
    McpHepItem *item = NULL;

    while ((item = g_queue_pop_head(&fixture->out)) != NULL) {
        g_string_append_printf(text, "%s=%s ", item->dialog, mcp_hep_item_get_correlation(item));
        mcp_hep_item_free(item);
    }
    return g_string_free(text, FALSE);
}

#define assert_out(fixture, wanted)            \
    G_STMT_START                               \
    {                                          \
        g_autofree char *found = out(fixture); \
                                               \
        g_assert_cmpstr(found, ==, wanted);    \
    }                                          \
    G_STMT_END

static void
test_waits(Fixture *fixture, gconstpointer data)
{
    take(fixture, "d1", NULL, 1000);
    take(fixture, "d2", NULL, 2000);
    take(fixture, "d1", NULL, 3000);
    assert_out(fixture, "");
    g_assert_cmpint(mcp_hep_dialogs_expire(fixture->dialogs, 4000), ==, 1000 + MCP_HEP_WAIT);
    learn(fixture, "d1", "c1", 5000);
    assert_out(fixture, "d1=c1 d1=c1 ");
    take(fixture, "d1", NULL, 6000);
    assert_out(fixture, "d1=c1 ");
    g_assert_cmpint(mcp_hep_dialogs_expire(fixture->dialogs, 7000), ==, 2000 + MCP_HEP_WAIT);
}

/* Nobody knows of a call: it has the Call-ID, and the next message waits anew. */
static void
test_expires(Fixture *fixture, gconstpointer data)
{
    take(fixture, "d1", NULL, 0);
    take(fixture, "d1", NULL, MCP_HEP_WAIT - 1);
    g_assert_cmpint(mcp_hep_dialogs_expire(fixture->dialogs, MCP_HEP_WAIT - 1), ==, MCP_HEP_WAIT);
    assert_out(fixture, "");
    g_assert_cmpint(mcp_hep_dialogs_expire(fixture->dialogs, MCP_HEP_WAIT), ==, 0);
    assert_out(fixture, "d1=d1 d1=d1 ");
    take(fixture, "d1", NULL, MCP_HEP_WAIT + 1);
    assert_out(fixture, "");
    learn(fixture, "d1", "c1", MCP_HEP_WAIT + 2);
    assert_out(fixture, "d1=c1 ");
}

/* A session that knows its call tells it of the dialog; what the core says outranks it. */
static void
test_told_by_message(Fixture *fixture, gconstpointer data)
{
    take(fixture, "d1", NULL, 0);
    take(fixture, "d1", "c1", 1);
    assert_out(fixture, "d1=c1 d1=c1 ");
    take(fixture, "d1", NULL, 2);
    assert_out(fixture, "d1=c1 ");
    learn(fixture, "d1", "c2", 3);
    take(fixture, "d1", "c1", 4);
    assert_out(fixture, "d1=c2 ");
}

static void
test_forgets(Fixture *fixture, gconstpointer data)
{
    learn(fixture, "d1", "c1", 0);
    learn(fixture, "d2", "c2", 0);
    take(fixture, "d1", NULL, MCP_HEP_MEMORY - 1);
    mcp_hep_dialogs_expire(fixture->dialogs, MCP_HEP_MEMORY);
    assert_out(fixture, "d1=c1 ");
    take(fixture, "d1", NULL, MCP_HEP_MEMORY);
    take(fixture, "d2", NULL, MCP_HEP_MEMORY);
    assert_out(fixture, "d1=c1 ");
    g_assert_true(mcp_hep_dialogs_give_up(fixture->dialogs));
    g_assert_false(mcp_hep_dialogs_give_up(fixture->dialogs));
    assert_out(fixture, "d2=d2 ");
}

static void
test_bounded(Fixture *fixture, gconstpointer data)
{
    char name[16];

    for (guint i = 0; i <= MCP_HEP_DIALOGS_MAX; i++) {
        g_snprintf(name, sizeof name, "d%u", i);
        learn(fixture, name, "c", i);
    }
    take(fixture, "d0", NULL, MCP_HEP_DIALOGS_MAX);
    take(fixture, "d1", NULL, MCP_HEP_DIALOGS_MAX);
    assert_out(fixture, "d1=c ");
}

/* --- the inbox --- */

#define WRITERS 4
#define ITEMS 2000

typedef struct {
    McpHepInbox *inbox;
    guint next[WRITERS]; /* number of each writer's next item */
    guint taken;
    guint woken;
} Reader;

typedef struct {
    McpHepInbox *inbox;
    guint writer;
} Writer;

static void
on_items(gpointer user_data)
{
    Reader *reader = user_data;
    McpHepItem *item = NULL;

    reader->woken++;
    while ((item = mcp_hep_inbox_take(reader->inbox)) != NULL) {
        guint writer = (guint)(item->wall / ITEMS);

        /* Of one writer they come in their order. */
        g_assert_cmpuint((guint)(item->wall % ITEMS), ==, reader->next[writer]);
        reader->next[writer]++;
        reader->taken++;
        mcp_hep_item_free(item);
    }
}

static gpointer
write_items(gpointer data)
{
    const Writer *writer = data;

    for (guint i = 0; i < ITEMS; i++) {
        McpHepItem *item = mcp_hep_item_new(MCP_HEP_LOG, "c", NULL, "text", 4);

        item->wall = (gint64)writer->writer * ITEMS + i;
        g_assert_true(mcp_hep_inbox_push(writer->inbox, item));
    }
    return NULL;
}

static void
test_threads(void)
{
    Reader reader = {0};
    Writer writers[WRITERS];
    GThread *threads[WRITERS];

    reader.inbox = mcp_hep_inbox_new(64 * 1024 * 1024, on_items, &reader, NULL);
    for (guint i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){reader.inbox, i};
        threads[i] = g_thread_new("writer", write_items, &writers[i]);
    }
    while (reader.taken < WRITERS * ITEMS)
        g_main_context_iteration(NULL, TRUE);
    for (guint i = 0; i < WRITERS; i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(reader.woken, >, 0);
    mcp_hep_inbox_free(reader.inbox);
}

static McpHepItem *
big_item(McpHepKind kind)
{
    static const char payload[1000] = "";

    return mcp_hep_item_new(kind, "c", "d", payload, sizeof payload);
}

/* What comes while it is full is gone; what is taken makes room; dialogs have more of it. */
static void
test_full(void)
{
    Reader reader = {0};
    guint pushed = 0;
    guint dialogs = 0;

    reader.inbox = mcp_hep_inbox_new(10000, on_items, &reader, NULL);
    while (mcp_hep_inbox_push(reader.inbox, big_item(MCP_HEP_SIP)))
        pushed++;
    g_assert_cmpuint(pushed, >, 5);
    g_assert_cmpuint(pushed, <, 10);
    while (mcp_hep_inbox_push(reader.inbox, big_item(MCP_HEP_DIALOG)))
        dialogs++;
    g_assert_cmpuint(dialogs, >, 5);
    g_assert_cmpuint(dialogs, <=, 11);
    g_assert_false(mcp_hep_inbox_push(reader.inbox, big_item(MCP_HEP_SIP)));
    for (guint i = 0; i < dialogs + 1; i++)
        mcp_hep_item_free(mcp_hep_inbox_take(reader.inbox));
    g_assert_true(mcp_hep_inbox_push(reader.inbox, big_item(MCP_HEP_SIP)));
    mcp_hep_inbox_free(reader.inbox);
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/hep/dialogs/waits", test_waits);
    add("/hep/dialogs/expires", test_expires);
    add("/hep/dialogs/told-by-message", test_told_by_message);
    add("/hep/dialogs/forgets", test_forgets);
    add("/hep/dialogs/bounded", test_bounded);
    g_test_add_func("/hep/inbox/threads", test_threads);
    g_test_add_func("/hep/inbox/full", test_full);
    return g_test_run();
}
