/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the best parse trees out of a chart. For each place, which is a state, a position and where
 * its rule is to end, the best ways on from there are found once; a way is a list of legs that
 * shares its rest with others. What is kept of a place is bounded by the number wanted, what is
 * searched by MAX_WORK.
 */
#include "parses.h"
#include <math.h>

#define MAX_WORK 50000
#define MAX_DEPTH 1500
#define MAX_STEPS 20000

typedef enum {
    LEG_DONE, /* the rule ends */
    LEG_SKIP, /* an alternative with its weight, which is no step */
    LEG_TOKEN,
    LEG_TAG,
    LEG_CALL,
    LEG_TURN, /* of a loop */
} LegKind;

/* A leg with the way behind it. */
typedef struct _Way Way;
struct _Way {
    LegKind kind;
    guint32 arg;
    guint32 rule;     /* CALL, TURN */
    double weight;    /* logarithm, to the end of the rule */
    const Way *inner; /* CALL, TURN */
    const Way *next;
};

typedef struct {
    const McpChart *chart;
    guint max;
    McpTable known;   /* place → number + 1 in lists; the list is empty while it is looked for */
    GPtrArray *lists; /* GPtrArray of Way, the best first */
    GPtrArray *ways;  /* owns them */
    guint depth;
    guint work;
    gboolean worn; /* a bound was reached: ways are missing */
} Search;

typedef struct {
    guint32 state;
    guint32 position;
    guint32 count; /* LOOP: turns so far */
    guint32 limit; /* where the rule ends */
} Place;

static GPtrArray *find_ways(Search *search, Place place);

static gboolean
is_worn(Search *search)
{
    search->worn |= search->work >= MAX_WORK || search->depth >= MAX_DEPTH;
    return search->worn;
}

static gint
compare_ways(gconstpointer a, gconstpointer b)
{
    const Way *one = *(const Way *const *)a;
    const Way *other = *(const Way *const *)b;

    return (one->weight < other->weight) - (one->weight > other->weight);
}

/* Those of one weight stay as they were found. */
static void
keep_best(const Search *search, GPtrArray *ways)
{
    g_ptr_array_sort(ways, compare_ways);
    if (ways->len > search->max)
        g_ptr_array_set_size(ways, (gint)search->max);
}

static void
add_way(Search *search, GPtrArray *out, Way way)
{
    Way *kept = g_memdup2(&way, sizeof way);

    if (way.inner != NULL)
        kept->weight += way.inner->weight;
    if (way.next != NULL)
        kept->weight += way.next->weight;
    g_ptr_array_add(search->ways, kept);
    g_ptr_array_add(out, kept);
    search->work++;
}

/* @leg, with each of @inner (nullable: it has none), before each of @next. */
static void
add_ways(Search *search, GPtrArray *out, Way leg, const GPtrArray *inner, const GPtrArray *next)
{
    for (guint i = 0; i < (inner != NULL ? inner->len : 1); i++) {
        for (guint j = 0; j < next->len && !is_worn(search); j++) {
            leg.inner = inner != NULL ? inner->pdata[i] : NULL;
            leg.next = next->pdata[j];
            add_way(search, out, leg);
        }
    }
    keep_best(search, out);
}

/* ---- what a state leads to ---- */

static void
follow_fork(Search *search, GPtrArray *out, const McpState *state, Place place)
{
    const McpNetwork *network = search->chart->network;

    for (guint32 i = 0; i < state->next; i++) {
        Way leg = {.kind = LEG_SKIP, .weight = log(mcp_network_weight(network, state->arg + i))};
        GPtrArray *next;

        place.state = mcp_network_alternative(network, state->arg + i);
        next = find_ways(search, place);
        add_ways(search, out, leg, NULL, next);
    }
}

static const McpChartEnd *
next_end(const Search *search, const McpChartEnd *end)
{
    return end->next > 0 ? &g_array_index(search->chart->ends, McpChartEnd, end->next - 1) : NULL;
}

static void
follow_rule(Search *search, GPtrArray *out, Way leg, Place from, Place to)
{
    const Place inside = {.state = mcp_network_rule(search->chart->network, leg.rule)->start,
                          .position = from.position,
                          .limit = to.position};
    GPtrArray *next = find_ways(search, to);

    if (next->len > 0)
        add_ways(search, out, leg, find_ways(search, inside), next);
}

static void
follow_call(Search *search, GPtrArray *out, const McpState *state, Place place)
{
    const McpChart *chart = search->chart;
    guint32 rule = mcp_network_reference(chart->network, state->arg)->rule;
    const McpChartEnd *end = mcp_chart_find_end(chart, rule, place.position);

    for (; end != NULL; end = next_end(search, end)) {
        const Place to = {.state = state->next, .position = end->position, .limit = place.limit};

        if (end->position <= place.limit)
            follow_rule(search, out, (Way){.kind = LEG_CALL, .arg = state->arg, .rule = rule},
                        place, to);
    }
}

/* One more turn, if it consumes something or is still needed. */
static void
follow_turn(Search *search, GPtrArray *out, const McpLoop *loop, Place place,
            const McpChartEnd *end)
{
    Place to = place;

    if (end->position > place.limit || place.count >= loop->max)
        return;
    to.position = end->position;
    to.count++;
    if (end->position == place.position) {
        if (place.count >= loop->min)
            return;
        to.count = loop->min;
    } else if (loop->max == MCP_GRAMMAR_REPEAT_MAX) {
        to.count = MIN(to.count, loop->min);
    }
    follow_rule(search, out, (Way){.kind = LEG_TURN, .rule = loop->rule}, place, to);
}

static void
follow_loop(Search *search, GPtrArray *out, const McpState *state, Place place)
{
    const McpLoop *loop = mcp_network_loop(search->chart->network, state->arg);
    const McpChartEnd *end = mcp_chart_find_end(search->chart, loop->rule, place.position);
    const Place behind = {.state = state->next, .position = place.position, .limit = place.limit};

    for (; end != NULL; end = next_end(search, end))
        follow_turn(search, out, loop, place, end);
    if (place.count >= loop->min)
        add_ways(search, out, (Way){.kind = LEG_SKIP}, NULL, find_ways(search, behind));
}

static void
follow_word(Search *search, GPtrArray *out, const McpState *state, Place place)
{
    const Place behind = {
        .state = state->next, .position = place.position + 1, .limit = place.limit};

    if (place.position < place.limit &&
        g_array_index(search->chart->input, guint32, place.position) == state->arg)
        add_ways(search, out, (Way){.kind = LEG_TOKEN, .arg = place.state}, NULL,
                 find_ways(search, behind));
}

static void
follow_any(Search *search, GPtrArray *out, const McpState *state, Place place)
{
    for (guint32 at = place.position; at <= place.limit; at++) {
        const Place behind = {.state = state->next, .position = at, .limit = place.limit};

        add_ways(search, out, (Way){.kind = LEG_SKIP}, NULL, find_ways(search, behind));
    }
}

static void
follow(Search *search, GPtrArray *out, Place place)
{
    const McpState *state = mcp_network_state(search->chart->network, place.state);
    const Place next = {.state = state->next, .position = place.position, .limit = place.limit};

    switch ((McpOp)state->op) {
    case MCP_OP_FORK:
        follow_fork(search, out, state, place);
        break;
    case MCP_OP_CALL:
        follow_call(search, out, state, place);
        break;
    case MCP_OP_LOOP:
        follow_loop(search, out, state, place);
        break;
    case MCP_OP_TOKEN:
        follow_word(search, out, state, place);
        break;
    case MCP_OP_ANY:
        follow_any(search, out, state, place);
        break;
    case MCP_OP_TAG:
        add_ways(search, out, (Way){.kind = LEG_TAG, .arg = state->arg}, NULL,
                 find_ways(search, next));
        break;
    case MCP_OP_END:
        if (place.position == place.limit)
            add_way(search, out, (Way){.kind = LEG_DONE});
        break;
    case MCP_OP_DEAD:
    default:
        break;
    }
}

/* Positions have 10 bits, counts 16, states 20. */
static guint64
place_key(const Place *place)
{
    return (guint64)place->state << 36 | (guint64)place->count << 20 |
           (guint64)place->position << 10 | place->limit;
}

static GPtrArray *
find_ways(Search *search, Place place)
{
    gboolean is_new;
    guint32 *number = mcp_table_insert(&search->known, place_key(&place), &is_new);
    GPtrArray *out;

    if (!is_new)
        return search->lists->pdata[*number - 1];
    *number = search->lists->len + 1;
    out = g_ptr_array_new();
    g_ptr_array_add(search->lists, out);
    if (is_worn(search) || !mcp_network_state(search->chart->network, place.state)->alive)
        return out;
    {
        g_autoptr(GPtrArray) found = g_ptr_array_new();

        search->work++;
        search->depth++;
        follow(search, found, place);
        search->depth--;
        g_ptr_array_extend(out, found, NULL, NULL);
    }
    return out;
}

/* ---- steps ---- */

static gboolean
add_step(GArray *steps, McpParseKind kind, guint32 arg, guint32 rule)
{
    McpParseStep step = {kind, arg, rule};

    g_array_append_val(steps, step);
    return steps->len <= MAX_STEPS;
}

static gboolean
add_steps(GArray *steps, const Way *way)
{
    gboolean good = TRUE;

    for (; way != NULL && good; way = way->next) {
        if (way->kind == LEG_TOKEN)
            good = add_step(steps, MCP_PARSE_TOKEN, way->arg, 0);
        else if (way->kind == LEG_TAG)
            good = add_step(steps, MCP_PARSE_TAG, way->arg, 0);
        else if (way->kind == LEG_TURN)
            good = add_steps(steps, way->inner);
        else if (way->kind == LEG_CALL)
            good = add_step(steps, MCP_PARSE_ENTER, way->arg, way->rule) &&
                   add_steps(steps, way->inner) && add_step(steps, MCP_PARSE_LEAVE, 0, way->rule);
    }
    return good;
}

static GPtrArray *
list_parses(const GPtrArray *ways, guint32 rule)
{
    g_autoptr(GPtrArray) parses = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);

    for (guint i = 0; i < ways->len; i++) {
        GArray *steps = g_array_new(FALSE, FALSE, sizeof(McpParseStep));

        g_ptr_array_add(parses, steps);
        if (!add_step(steps, MCP_PARSE_ENTER, MCP_NETWORK_NONE, rule) ||
            !add_steps(steps, ways->pdata[i]) || !add_step(steps, MCP_PARSE_LEAVE, 0, rule))
            return NULL;
    }
    return parses->len > 0 ? g_steal_pointer(&parses) : NULL;
}

GPtrArray *
mcp_parses_new(const McpChart *chart, guint max)
{
    guint32 rule = chart->network->start;
    const Place begin = {.state = mcp_network_rule(chart->network, rule)->start,
                         .limit = chart->input->len};
    Search search = {.chart = chart, .max = max};
    GPtrArray *parses = NULL;

    if (!mcp_chart_matches(chart))
        return NULL;
    search.lists = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    search.ways = g_ptr_array_new_with_free_func(g_free);
    parses = list_parses(find_ways(&search, begin), rule);
    if (search.worn)
        g_clear_pointer(&parses, g_ptr_array_unref);
    g_ptr_array_unref(search.lists);
    g_ptr_array_unref(search.ways);
    mcp_table_clear(&search.known);
    return parses;
}
