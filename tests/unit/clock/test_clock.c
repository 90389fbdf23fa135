/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the injected clock: order, cancellation, contexts, virtual time. */
#include <mcp/clock.h>

static void
append(gpointer user_data)
{
    g_string_append_c(user_data, 'x');
}

typedef struct {
    GString *order;
    char name;
} Named;

static void
append_name(gpointer user_data)
{
    Named *named = user_data;

    g_string_append_c(named->order, named->name);
}

static void
settle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
test_virtual_order(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(GString) order = g_string_new(NULL);
    Named names[] = {{order, 'c'}, {order, 'a'}, {order, 'b'}, {order, 'd'}};
    McpTimer *timers[] = {
        mcp_clock_after(clock, NULL, 300, append_name, &names[0]),
        mcp_clock_after(clock, NULL, 100, append_name, &names[1]),
        mcp_clock_after(clock, NULL, 200, append_name, &names[2]),
        mcp_clock_after(clock, NULL, 300, append_name, &names[3]),
    };

    g_assert_cmpint(mcp_clock_next(clock), ==, 100);
    mcp_clock_advance(clock, 99);
    settle();
    g_assert_cmpstr(order->str, ==, "");
    mcp_clock_advance(clock, 1);
    settle();
    g_assert_cmpstr(order->str, ==, "a");
    mcp_clock_advance(clock, 1000);
    settle();
    g_assert_cmpstr(order->str, ==, "abcd");
    g_assert_cmpint(mcp_clock_next(clock), ==, -1);
    for (guint i = 0; i < G_N_ELEMENTS(timers); i++)
        mcp_timer_free(timers[i]);
}

static void
test_cancel(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(GString) order = g_string_new(NULL);
    McpTimer *timers[100];

    for (guint i = 0; i < 100; i++)
        timers[i] = mcp_clock_after(clock, NULL, (i * 37) % 100, append, order);
    for (guint i = 0; i < 100; i += 2)
        mcp_timer_clear(&timers[i]);
    mcp_clock_advance(clock, 100);
    settle();
    g_assert_cmpuint(order->len, ==, 50);
    for (guint i = 1; i < 100; i += 2)
        mcp_timer_free(timers[i]);
}

typedef struct {
    McpTimer *timer;
    gboolean fired;
} Self;

static void
free_self(gpointer user_data)
{
    Self *self = user_data;

    mcp_timer_clear(&self->timer);
    self->fired = TRUE;
}

static void
test_free_inside(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new();
    Self self = {0};

    self.timer = mcp_clock_after(clock, NULL, 1000, free_self, &self);
    while (!self.fired)
        g_main_context_iteration(NULL, TRUE);
    g_assert_null(self.timer);
}

static void
test_context_gone(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new();
    GMainContext *context = g_main_context_new();
    g_autoptr(GString) order = g_string_new(NULL);
    g_autoptr(McpTimer) timer = mcp_clock_after(clock, context, 0, append, order);

    g_main_context_unref(context);
    g_assert_cmpuint(order->len, ==, 0);
}

static void
test_other_context(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new();
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GString) order = g_string_new(NULL);
    g_autoptr(McpTimer) timer = mcp_clock_after(clock, context, 0, append, order);

    settle();
    g_assert_cmpuint(order->len, ==, 0);
    while (order->len == 0)
        g_main_context_iteration(context, TRUE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/virtual-order", test_virtual_order);
    g_test_add_func("/clock/cancel", test_cancel);
    g_test_add_func("/clock/free-inside", test_free_inside);
    g_test_add_func("/clock/context-gone", test_context_gone);
    g_test_add_func("/clock/other-context", test_other_context);
    return g_test_run();
}
