/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes one parse tree out of a chart. Within one rule the way from its beginning to its end is
 * searched with a memory of what failed, so the cost is bounded by states times positions; rules
 * inside are followed only once the way is known. Preferred is what stands first in the text; where
 * rules contain themselves without consuming anything that may lead in circles, and a second pass
 * then uses only ends that were found before, which cannot.
 */
#include "derivation.h"
#include <mcp/error.h>

#define MAX_STEPS 20000
#define MAX_SEARCH 2000000
#define MAX_DEPTH 1100

typedef enum {
    LEG_TOKEN,
    LEG_TAG,
    LEG_CALL,
    LEG_TURN, /* of a loop */
} LegKind;

/* A piece of the way through one rule. */
typedef struct {
    LegKind kind;
    guint32 arg;
    guint32 rule;
    guint32 from;
    guint32 to;
    guint32 order;
} Leg;

/* A place on the way, with the choices not yet tried. */
typedef struct {
    guint32 state;
    guint32 position;
    guint32 count;
    guint32 choice; /* how many were tried */
    guint32 end;    /* index + 1 of the next end to try */
    guint32 n_legs; /* legs before this place */
} Place;

typedef struct {
    const McpChart *chart;
    GArray *steps;
    McpTable active; /* rules being derived, against circles */
    guint64 searched;
    guint depth;
    gboolean strict;
    gboolean too_large;
} Derivation;

/* One rule's way: @origin to @limit, on ends found before @order in a strict pass. */
typedef struct {
    Derivation *derivation;
    GArray *places;
    GArray *legs;
    McpTable tried;
    guint32 rule;
    guint32 origin;
    guint32 limit;
    guint32 order;
} Way;

static gboolean derive(Derivation *derivation, const Leg *leg);

static void
go_to(Way *way, guint32 state, guint32 position, guint32 count)
{
    Place place = {state, position, count, 0, 0, way->legs->len};
    const McpChart *chart = way->derivation->chart;
    const McpState *there = mcp_network_state(chart->network, state);
    gboolean is_new;

    if (!there->alive)
        return;
    mcp_table_insert(&way->tried, (guint64)state << 32 | (guint64)count << 12 | position, &is_new);
    if (!is_new)
        return;
    if (there->op == MCP_OP_CALL || there->op == MCP_OP_LOOP) {
        guint32 rule = there->op == MCP_OP_CALL
                           ? mcp_network_reference(chart->network, there->arg)->rule
                           : mcp_network_loop(chart->network, there->arg)->rule;
        const McpChartEnd *end = mcp_chart_find_end(chart, rule, position);

        if (end != NULL)
            place.end = (guint32)(end - (const McpChartEnd *)(gpointer)chart->ends->data) + 1;
    }
    g_array_append_val(way->places, place);
}

/* The next end, the farthest first, that lies within the way. */
static const McpChartEnd *
next_end(Way *way, Place *place)
{
    const McpChart *chart = way->derivation->chart;

    while (place->end > 0) {
        const McpChartEnd *end = &g_array_index(chart->ends, McpChartEnd, place->end - 1);

        place->end = end->next;
        if (end->position <= way->limit && (!way->derivation->strict || end->order < way->order))
            return end;
    }
    return NULL;
}

static void
add_leg(Way *way, LegKind kind, guint32 arg, guint32 from)
{
    Leg leg = {.kind = kind, .arg = arg, .from = from};

    g_array_append_val(way->legs, leg);
}

static void
add_inner(Way *way, LegKind kind, guint32 arg, guint32 rule, guint32 from, const McpChartEnd *end)
{
    Leg leg = {kind, arg, rule, from, end->position, end->order};

    g_array_append_val(way->legs, leg);
}

/* Tries the next turn of a loop, else to leave it. FALSE: nothing is left to try. */
static gboolean
try_loop(Way *way, Place *place, const McpState *state)
{
    const McpLoop *loop = mcp_network_loop(way->derivation->chart->network, state->arg);
    Place here = *place;
    const McpChartEnd *end;

    while (here.count < loop->max && (end = next_end(way, place)) != NULL) {
        gboolean empty = end->position == here.position;
        guint32 count = here.count + 1;

        if (empty && here.count >= loop->min)
            continue;
        if (empty)
            count = loop->min;
        else if (loop->max == MCP_GRAMMAR_REPEAT_MAX)
            count = MIN(count, loop->min);
        add_inner(way, LEG_TURN, 0, loop->rule, here.position, end);
        go_to(way, here.state, end->position, count);
        return TRUE;
    }
    if (here.count < loop->min || place->choice++ > 0)
        return FALSE;
    go_to(way, state->next, here.position, 0);
    return TRUE;
}

static gboolean
try_call(Way *way, Place *place, const McpState *state)
{
    guint32 rule = mcp_network_reference(way->derivation->chart->network, state->arg)->rule;
    guint32 position = place->position;
    const McpChartEnd *end = next_end(way, place);

    if (end == NULL)
        return FALSE;
    add_inner(way, LEG_CALL, state->arg, rule, position, end);
    go_to(way, state->next, end->position, 0);
    return TRUE;
}

static gboolean
try_word(Way *way, Place *place, const McpState *state)
{
    const McpChart *chart = way->derivation->chart;
    guint32 position = place->position;
    guint32 number = place->state;
    guint32 choice = place->choice++;

    if (state->op == MCP_OP_ANY && choice == 0) {
        go_to(way, state->next, position, 0);
        return TRUE;
    }
    if (choice > (state->op == MCP_OP_ANY ? 1 : 0) || position >= way->limit)
        return FALSE;
    if (state->op == MCP_OP_ANY) {
        go_to(way, number, position + 1, 0);
        return TRUE;
    }
    if (g_array_index(chart->input, guint32, position) != state->arg)
        return FALSE;
    add_leg(way, LEG_TOKEN, number, position);
    go_to(way, state->next, position + 1, 0);
    return TRUE;
}

/* Takes the next choice at the last place. FALSE: it has none left. */
static gboolean
try_next(Way *way, Place *place)
{
    const McpNetwork *network = way->derivation->chart->network;
    const McpState *state = mcp_network_state(network, place->state);
    guint32 position = place->position;

    switch ((McpOp)state->op) {
    case MCP_OP_FORK:
        if (place->choice >= state->next)
            return FALSE;
        go_to(way, mcp_network_alternative(network, state->arg + place->choice++), position, 0);
        return TRUE;
    case MCP_OP_CALL:
        return try_call(way, place, state);
    case MCP_OP_LOOP:
        return try_loop(way, place, state);
    case MCP_OP_TOKEN:
    case MCP_OP_ANY:
        return try_word(way, place, state);
    case MCP_OP_TAG:
        if (place->choice++ > 0)
            return FALSE;
        add_leg(way, LEG_TAG, state->arg, position);
        go_to(way, state->next, position, 0);
        return TRUE;
    case MCP_OP_END:
    case MCP_OP_DEAD:
    default:
        return FALSE;
    }
}

static gboolean
find_way(Way *way)
{
    const McpNetwork *network = way->derivation->chart->network;

    go_to(way, mcp_network_rule(network, way->rule)->start, way->origin, 0);
    while (way->places->len > 0 && way->derivation->searched++ < MAX_SEARCH) {
        Place *place = &g_array_index(way->places, Place, way->places->len - 1);

        if (mcp_network_state(network, place->state)->op == MCP_OP_END &&
            place->position == way->limit)
            return TRUE;
        g_array_set_size(way->legs, place->n_legs);
        if (!try_next(way, place))
            g_array_set_size(way->places, way->places->len - 1);
    }
    return FALSE;
}

static void
add_step(Derivation *derivation, McpParseKind kind, guint32 arg, guint32 rule)
{
    McpParseStep step = {kind, arg, rule};

    if (derivation->steps->len >= MAX_STEPS)
        derivation->too_large = TRUE;
    else
        g_array_append_val(derivation->steps, step);
}

static gboolean
emit(Derivation *derivation, const Leg *leg)
{
    gboolean good;

    switch (leg->kind) {
    case LEG_TOKEN:
        add_step(derivation, MCP_PARSE_TOKEN, leg->arg, 0);
        return TRUE;
    case LEG_TAG:
        add_step(derivation, MCP_PARSE_TAG, leg->arg, 0);
        return TRUE;
    case LEG_CALL:
        add_step(derivation, MCP_PARSE_ENTER, leg->arg, leg->rule);
        good = derive(derivation, leg);
        add_step(derivation, MCP_PARSE_LEAVE, 0, leg->rule);
        return good;
    case LEG_TURN:
    default:
        return derive(derivation, leg);
    }
}

static gboolean
derive_way(Way *way)
{
    gboolean good = find_way(way);

    for (guint i = 0; i < way->legs->len && good && !way->derivation->too_large; i++) {
        Leg leg = g_array_index(way->legs, Leg, i);

        good = emit(way->derivation, &leg);
    }
    return good;
}

static gboolean
derive(Derivation *derivation, const Leg *leg)
{
    Way way = {.derivation = derivation,
               .rule = leg->rule,
               .origin = leg->from,
               .limit = leg->to,
               .order = leg->order};
    guint64 key = (guint64)leg->rule << 24 | (guint64)leg->from << 12 | leg->to;
    gboolean is_new;
    guint32 *active = mcp_table_insert(&derivation->active, key, &is_new);
    gboolean good;

    if ((*active > 0 && !derivation->strict) || derivation->depth >= MAX_DEPTH)
        return FALSE;
    ++*active;
    derivation->depth++;
    way.places = g_array_new(FALSE, FALSE, sizeof(Place));
    way.legs = g_array_new(FALSE, FALSE, sizeof(Leg));
    good = derive_way(&way);
    g_array_unref(way.places);
    g_array_unref(way.legs);
    mcp_table_clear(&way.tried);
    derivation->depth--;
    --*mcp_table_find(&derivation->active, key);
    return good;
}

static gboolean
run_pass(Derivation *derivation, gboolean strict)
{
    const McpChart *chart = derivation->chart;
    guint32 rule = chart->network->start;
    const McpChartEnd *end = mcp_chart_find_end(chart, rule, 0);
    Leg leg = {LEG_CALL, MCP_NETWORK_NONE, rule, 0, chart->input->len, end->order};

    g_array_set_size(derivation->steps, 0);
    derivation->strict = strict;
    derivation->searched = 0;
    return emit(derivation, &leg) && !derivation->too_large;
}

GArray *
mcp_derivation_new(const McpChart *chart, GError **error)
{
    Derivation derivation = {.chart = chart};
    gboolean good = FALSE;

    derivation.steps = g_array_new(FALSE, FALSE, sizeof(McpParseStep));
    if (mcp_chart_matches(chart))
        good =
            run_pass(&derivation, FALSE) || (!derivation.too_large && run_pass(&derivation, TRUE));
    mcp_table_clear(&derivation.active);
    if (good)
        return derivation.steps;
    g_array_unref(derivation.steps);
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "grammar gives a parse of more than %d steps",
                MAX_STEPS);
    return NULL;
}

static void
print_name(GString *out, const McpNetwork *network, const McpParseStep *step)
{
    const McpReference *reference;

    if (step->arg == MCP_NETWORK_NONE) {
        g_string_append_printf(out, "$%s[", mcp_network_rule(network, step->rule)->name);
        return;
    }
    reference = mcp_network_reference(network, step->arg);
    g_string_append_printf(out, reference->external ? "$<%s>[" : "$%s[", reference->text);
}

static void
print_token(GString *out, const McpNetwork *network, const McpParseStep *step)
{
    const McpState *state = mcp_network_state(network, step->arg);

    /* Goes into the quotation marks of the word before. */
    if (state->continues)
        g_string_truncate(out, out->len - 1);
    g_string_append_printf(out, "%s%s\"", state->continues ? " " : "\"",
                           (const char *)g_ptr_array_index(network->word_texts, state->arg));
}

char *
mcp_derivation_print(const McpChart *chart, const GArray *steps)
{
    GString *out = g_string_new(NULL);
    const McpNetwork *network = chart->network;
    /* All public rules together are no rule of their own. */
    guint outer = mcp_network_rule(network, network->start)->name == NULL ? 1 : 0;

    for (guint i = outer; i < steps->len - outer; i++) {
        const McpParseStep *step = &g_array_index(steps, McpParseStep, i);
        gboolean inner =
            step->kind == MCP_PARSE_TOKEN && mcp_network_state(network, step->arg)->continues;

        if (out->len > 0 && out->str[out->len - 1] != '[' && step->kind != MCP_PARSE_LEAVE &&
            !inner)
            g_string_append_c(out, ',');
        if (step->kind == MCP_PARSE_ENTER)
            print_name(out, network, step);
        else if (step->kind == MCP_PARSE_LEAVE)
            g_string_append_c(out, ']');
        else if (step->kind == MCP_PARSE_TOKEN)
            print_token(out, network, step);
        else
            g_string_append_printf(out, "{!{%s}!}", mcp_network_tag(network, step->arg)->text);
    }
    return g_string_free(out, FALSE);
}
