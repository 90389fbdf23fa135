/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts what is to be said into short pieces of plain ASCII, as the engine wants them: a piece ends
 * with a sentence, a pause or a change of speed, so that a request can be given up between two of
 * them. Built and used on one thread.
 */
#include "plan.h"
#include <string.h>

#define PIECE_SOFT 160 /* a sentence may end here … */
#define PIECE_HARD 320 /* … and any word here */
#define WORD_MAX 40    /* no word is that long; the engine's rules work on whole words */
#define PAUSE_TOTAL 120000

struct _McpSpeechPlan {
    GPtrArray *pieces;
    GString *text;
    guint word;
    guint pauses;
    double stretch;
};

static void
piece_free(gpointer data)
{
    McpSpeechPiece *piece = data;

    g_free(piece->text);
    g_free(piece);
}

McpSpeechPlan *
mcp_speech_plan_new(void)
{
    McpSpeechPlan *plan = g_new0(McpSpeechPlan, 1);

    plan->pieces = g_ptr_array_new_with_free_func(piece_free);
    plan->text = g_string_new(NULL);
    plan->stretch = 1;
    return plan;
}

void
mcp_speech_plan_free(McpSpeechPlan *plan)
{
    g_ptr_array_unref(plan->pieces);
    g_string_free(plan->text, TRUE);
    g_free(plan);
}

static void
end_piece(McpSpeechPlan *plan, guint pause)
{
    McpSpeechPiece *piece;
    gboolean blank = plan->text->str[strspn(plan->text->str, " ")] == '\0';

    plan->word = 0;
    if (blank && pause == 0) {
        g_string_truncate(plan->text, 0);
        return;
    }
    piece = g_new0(McpSpeechPiece, 1);
    piece->text = g_strdup(blank ? "" : plan->text->str);
    piece->pause = MIN(pause, PAUSE_TOTAL - plan->pauses);
    piece->stretch = plan->stretch;
    plan->pauses += piece->pause;
    g_string_truncate(plan->text, 0);
    g_ptr_array_add(plan->pieces, piece);
}

static void
add_blank(McpSpeechPlan *plan)
{
    gsize length = plan->text->len;
    char last;

    plan->word = 0;
    if (length == 0 || plan->text->str[length - 1] == ' ')
        return;
    last = plan->text->str[length - 1];
    if (length >= PIECE_HARD || (length >= PIECE_SOFT && strchr(".!?;:,", last) != NULL) ||
        strchr(".!?;", last) != NULL)
        end_piece(plan, 0);
    else
        g_string_append_c(plan->text, ' ');
}

static void
add_character(McpSpeechPlan *plan, char c)
{
    if (!g_ascii_isgraph(c)) {
        add_blank(plan);
        return;
    }
    if (plan->word++ >= WORD_MAX) {
        add_blank(plan);
        plan->word = 1;
    }
    g_string_append_c(plan->text, c);
}

/* The nearest ASCII for one character; a blank when there is none. */
static void
add_foreign(McpSpeechPlan *plan, const char *p)
{
    g_autofree char *one = g_strndup(p, (gsize)(g_utf8_next_char(p) - p));
    g_autofree char *ascii = NULL;

    if (g_unichar_ismark(g_utf8_get_char(p)))
        return;
    ascii = g_str_to_ascii(one, "en");
    if (g_str_equal(ascii, "?"))
        add_blank(plan);
    for (const char *c = ascii; *c != '\0' && !g_str_equal(ascii, "?"); c++)
        add_character(plan, *c);
}

void
mcp_speech_plan_text(McpSpeechPlan *plan, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_DEFAULT_COMPOSE);

    for (const char *p = composed; *p != '\0'; p = g_utf8_next_char(p)) {
        if ((guchar)*p < 0x80)
            add_character(plan, *p);
        else
            add_foreign(plan, p);
    }
}

void
mcp_speech_plan_pause(McpSpeechPlan *plan, guint pause)
{
    end_piece(plan, pause);
}

void
mcp_speech_plan_set_stretch(McpSpeechPlan *plan, double stretch)
{
    double bounded = CLAMP(stretch, 0.4, 3.0);

    if (bounded >= plan->stretch && bounded <= plan->stretch)
        return;
    end_piece(plan, 0);
    plan->stretch = bounded;
}

const GPtrArray *
mcp_speech_plan_finish(McpSpeechPlan *plan)
{
    end_piece(plan, 0);
    return plan->pieces;
}
