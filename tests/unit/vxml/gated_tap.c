/* SPDX-License-Identifier: Apache-2.0 */
/* A tap that holds back what was heard before a moment that is known later. */
#include "gated_tap.h"

#define FRAME_US (20 * G_TIME_SPAN_MILLISECOND)
#define BEGIN (100 * G_USEC_PER_SEC)
#define BUFFER_MS 2000

/* ---- source: frames that the test adds, each with its number as data ---- */

#define TEST_TYPE_SOURCE (test_source_get_type())
G_DECLARE_FINAL_TYPE(TestSource, test_source, TEST, SOURCE, GObject)

struct _TestSource {
    GObject parent_instance;
    guint added;
    guint read;
    gboolean closed;
    McpTapFunc func;
    gpointer user_data;
    guint8 data;
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(TestSource, test_source, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    TEST_SOURCE(tap)->func = func;
    TEST_SOURCE(tap)->user_data = user_data;
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    TestSource *self = TEST_SOURCE(tap);

    if (self->read >= self->added)
        return FALSE;
    self->data = (guint8)self->read;
    *out_frame = (McpTapFrame){
        .data = &self->data, .length = 1, .time = BEGIN + (gint64)self->read * FRAME_US};
    self->read++;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    return TEST_SOURCE(tap)->closed;
}

static void
close_tap(McpTap *tap)
{
    TEST_SOURCE(tap)->closed = TRUE;
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = set_ready;
    iface->read = read_frame;
    iface->has_ended = has_ended;
    iface->close = close_tap;
}

static void
test_source_class_init(TestSourceClass *klass)
{
}

static void
test_source_init(TestSource *self)
{
}

/* ---- the gate ---- */

typedef struct {
    TestSource *source;
    McpVxmlGatedTap *gate;
    guint told;
} Fixture;

static void
on_ready(McpTap *tap, gpointer user_data)
{
    ((Fixture *)user_data)->told++;
}

static void
set_up(Fixture *f, gconstpointer data)
{
    f->source = g_object_new(TEST_TYPE_SOURCE, NULL);
    f->gate = mcp_vxml_gated_tap_new(MCP_TAP(f->source), BUFFER_MS);
    mcp_tap_set_ready(MCP_TAP(f->gate), on_ready, f);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    g_object_unref(f->gate);
    g_assert_null(f->source->func);
    g_assert_finalize_object(G_OBJECT(f->source));
}

static void
add(Fixture *f, guint n)
{
    f->source->added += n;
    if (f->source->func != NULL)
        f->source->func(MCP_TAP(f->source), f->source->user_data);
}

static gint64
time_of(guint frame)
{
    return BEGIN + frame * FRAME_US;
}

/* Reads all there is: frames from @first on, @n of them. */
static void
assert_frames(Fixture *f, guint first, guint n)
{
    McpTapFrame frame;

    for (guint i = 0; i < n; i++) {
        g_assert_true(mcp_tap_read(MCP_TAP(f->gate), &frame));
        g_assert_cmpuint(frame.length, ==, 1);
        g_assert_cmpuint(frame.data[0], ==, first + i);
        g_assert_cmpint(frame.time, ==, time_of(first + i));
    }
    g_assert_false(mcp_tap_read(MCP_TAP(f->gate), &frame));
}

static void
test_closed(Fixture *f, gconstpointer data)
{
    add(f, 200);
    assert_frames(f, 0, 0);
    g_assert_cmpuint(f->told, ==, 0);
}

static void
test_held(Fixture *f, gconstpointer data)
{
    add(f, 100);
    mcp_vxml_gated_tap_open(f->gate, time_of(80));
    g_assert_cmpuint(f->told, ==, 1);
    assert_frames(f, 80, 20);
    add(f, 3);
    g_assert_cmpuint(f->told, ==, 2);
    assert_frames(f, 100, 3);
}

/* A second is kept, and the frame that the second is counted from. */
static void
test_older(Fixture *f, gconstpointer data)
{
    add(f, 100);
    mcp_vxml_gated_tap_open(f->gate, 0);
    assert_frames(f, 49, 51);
}

static void
test_later(Fixture *f, gconstpointer data)
{
    add(f, 10);
    mcp_vxml_gated_tap_open(f->gate, time_of(20));
    add(f, 10);
    g_assert_cmpuint(f->told, ==, 0);
    assert_frames(f, 0, 0);
    add(f, 2);
    g_assert_cmpuint(f->told, ==, 1);
    assert_frames(f, 20, 2);
}

static void
test_earliest(Fixture *f, gconstpointer data)
{
    add(f, 10);
    mcp_vxml_gated_tap_open(f->gate, time_of(30));
    mcp_vxml_gated_tap_open(f->gate, time_of(5));
    mcp_vxml_gated_tap_open(f->gate, time_of(8));
    assert_frames(f, 5, 5);
}

static void
test_slow_reader(Fixture *f, gconstpointer data)
{
    McpTapFigures figures;

    mcp_vxml_gated_tap_open(f->gate, 0);
    add(f, 150);
    assert_frames(f, 49, 101);
    mcp_tap_get_figures(MCP_TAP(f->gate), &figures);
    g_assert_cmpuint(figures.frames, ==, 101);
    g_assert_cmpuint(figures.dropped, ==, 49);
}

static void
test_end(Fixture *f, gconstpointer data)
{
    add(f, 5);
    g_assert_false(mcp_tap_has_ended(MCP_TAP(f->gate)));
    mcp_tap_close(MCP_TAP(f->gate));
    g_assert_true(f->source->closed);
    g_assert_true(mcp_tap_has_ended(MCP_TAP(f->gate)));
    add(f, 0);
    g_assert_cmpuint(f->told, ==, 1);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*func)(Fixture *f, gconstpointer data);
    } tests[] = {
        {"closed", test_closed}, {"held", test_held},         {"older", test_older},
        {"later", test_later},   {"earliest", test_earliest}, {"slow-reader", test_slow_reader},
        {"end", test_end}};

    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/vxml/gated-tap/", tests[i].path, NULL);

        g_test_add(path, Fixture, NULL, set_up, tests[i].func, tear_down);
    }
    return g_test_run();
}
