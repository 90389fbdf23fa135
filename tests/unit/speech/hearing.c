/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How well the recognizer hears: all voices of the synthesizer through a telephone, what is in the
 * grammar and what is not. Prints what it heard wrongly, and a table.
 */
#include "listening.h"

#define VOICES 3

static const char *const voices[VOICES] = {"kal", "slt", "rms"};
static const double stretches[] = {0.9, 1, 1.2};

static const char *const answers[] = {"yes", "no", NULL};
static const char *const menu[] = {
    "sales",       "support",        "billing",       "operator",     "account balance",
    "new york",    "boston",         "chicago",       "main menu",    "repeat",
    "cancel",      "help",           "goodbye",       "lost card",    "technical support",
    "pay my bill", "transfer money", "opening hours", "order status", "report a problem",
    NULL};
static const char *const others[] = {"the weather is nice today",
                                     "i like elephants",
                                     "my umbrella is green",
                                     "thank you very much indeed",
                                     "purple monkey",
                                     "what time is it",
                                     "could you please wait a moment",
                                     "seventeen bottles of water",
                                     "he went to the library",
                                     "banana",
                                     "kitchen table",
                                     "hello there",
                                     NULL};

typedef struct {
    guint said;
    guint right;
    guint wrong;
    guint rejected;
} Row;

static char *
grammar_of(const char *const *items)
{
    g_autofree char *inner = g_strjoinv("</item><item>", (char **)items);

    return g_strdup_printf(VOICE("<one-of><item>%s</item></one-of>"), inner);
}

static void
add_listeners(Listening *l, GPtrArray *listeners, const char *grammar, const char *text,
              gboolean stretched)
{
    for (guint i = 0; i < VOICES; i++) {
        for (guint j = 0; j < G_N_ELEMENTS(stretches); j++) {
            Listener *listener;

            if (!stretched && j != 1)
                continue;
            listener = listener_new(l, grammar);
            listener_say(listener, voices[i], text, stretches[j]);
            g_ptr_array_add(listeners, listener);
            listener_begin(listener);
        }
    }
}

static void
count(Row *row, const Listener *listener)
{
    row->said++;
    if (listener->end == MCP_RECOGNITION_MATCH && g_str_equal(listener->text, listener->words))
        row->right++;
    else if (listener->end == MCP_RECOGNITION_MATCH)
        row->wrong++;
    else
        row->rejected++;
    if (listener->end != MCP_RECOGNITION_MATCH || !g_str_equal(listener->text, listener->words))
        g_test_message("%s: '%s': %s '%s' %.2f", listener->voice, listener->text,
                       listener->end == MCP_RECOGNITION_MATCH ? "heard" : "rejected",
                       listener->words, listener->confidence);
}

static Row
hear(Listening *l, const char *const *items, const char *const *said, gboolean stretched)
{
    g_autoptr(GPtrArray) listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
    g_autofree char *grammar = grammar_of(items);
    Row row = {0};

    for (guint i = 0; said[i] != NULL; i++)
        add_listeners(l, listeners, grammar, said[i], stretched);
    for (guint i = 0; i < listeners->len; i++) {
        listener_wait(listeners->pdata[i]);
        count(&row, listeners->pdata[i]);
    }
    return row;
}

static void
print_row(const char *name, const Row *row)
{
    g_test_message("%-28s said %3u  right %3u  wrong %3u  rejected %3u", name, row->said,
                   row->right, row->wrong, row->rejected);
}

/* The bounds are what a telephone menu needs, not what the engine reaches. */
static void
test_table(Listening *l, gconstpointer data)
{
    Row yes_no = hear(l, answers, answers, TRUE);
    Row items = hear(l, menu, menu, FALSE);
    Row outside = hear(l, menu, others, FALSE);

    print_row("yes, no", &yes_no);
    print_row("menu of 20", &items);
    print_row("not in the menu", &outside);
    g_assert_cmpuint(yes_no.right * 100, >=, yes_no.said * 95);
    g_assert_cmpuint(items.right * 100, >=, items.said * 85);
    g_assert_cmpuint(outside.rejected * 100, >=, outside.said * 70);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/speech/hearing/table", Listening, NULL, listening_set_up, test_table,
               listening_tear_down);
    return g_test_run();
}
