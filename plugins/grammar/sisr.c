/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluates the tags of a parse. Each rule has its own scope with `out`, `rules` and `meta`; what
 * it came to is copied into the scope of the rule that refers to it, so no rule sees another's
 * variables. An engine is made only for a parse that has scripts, and for that one alone: nothing a
 * grammar does there reaches another call. Runs on the caller's thread.
 */
#include "sisr.h"
#include <mcp/error.h>
#include <mcp/json.h>
#include <script/script.h>
#include <script/variables.h>
#include <string.h>

/* What a rule came to: a text, or a value of the script engine. */
typedef struct {
    char *text;
    McpScriptData *data;
} Value;

/* A child or tag within a rule, in the order in which they were met. */
typedef struct {
    guint32 tag;      /* or MCP_NETWORK_NONE for a child */
    const char *name; /* of the child's rule */
    char *words;      /* of the child */
    Value value;
} Part;

typedef struct {
    const McpChart *chart;
    const GArray *steps;
    guint at;
    gboolean any_tag;
    McpScript *script; /* nullable: made when the first script is met */
} Interpreter;

/* One rule while it is read. */
typedef struct {
    GArray *parts;
    GString *words;
    const char *literal;
    gboolean scripted;
    gboolean dollar; /* the notation of the drafts, in which the result is called $ */
    guint32 document;
} Rule;

static const char prologue[] =
    "var out = {}, rules = {}, meta = {}, $ = {}, $$, __text = '', __last = '', __words = '';"
    "Object.defineProperty(rules, 'latest', {value: function () { return rules[__last]; }});"
    "Object.defineProperty(meta, 'latest', {value: function () { return meta[__last]; }});"
    "Object.defineProperty(meta, 'current',"
    "  {value: function () { return {text: __text, score: 1}; }});";
static const char after_child[] = "$$ = rules[__last]; meta[__last] = {text: __words, score: 1};";

static void
value_clear(Value *value)
{
    g_clear_pointer(&value->text, g_free);
    g_clear_pointer(&value->data, mcp_script_data_free);
}

static void
part_clear(gpointer data)
{
    Part *part = data;

    value_clear(&part->value);
    g_free(part->words);
}

static void
take_script_error(GError *wrong, GError **error)
{
    gboolean limit = g_error_matches(wrong, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TIMEOUT) ||
                     g_error_matches(wrong, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_MEMORY);

    g_set_error(error, MCP_ERROR, limit ? MCP_ERROR_LIMIT : MCP_ERROR_INVALID, "tag failed: %s",
                wrong->message);
    g_error_free(wrong);
}

static gboolean
run_text(Interpreter *self, const char *text, const char *file, guint line, GError **error)
{
    g_autoptr(McpScriptCode) code = mcp_script_code_new(MCP_SCRIPT_PROGRAM, text, file, line);

    return mcp_script_run(self->script, code, error);
}

/* semantics/1.0 runs, its literals do not. An undeclared format is a script when it looks like one
 * of the drafts' or of the final form. */
static gboolean
is_script(McpTagFormat format, const char *text)
{
    if (format == MCP_TAG_FORMAT_SCRIPT)
        return TRUE;
    return format == MCP_TAG_FORMAT_UNDECLARED &&
           (strchr(text, '=') != NULL || strchr(text, '$') != NULL ||
            strstr(text, "out.") != NULL || strstr(text, "rules.") != NULL);
}

static const McpGrammarDocument *
document_of(const Interpreter *self, guint32 number)
{
    return g_ptr_array_index(self->chart->network->documents, number);
}

static void
read_tag(Interpreter *self, Rule *rule, guint32 number)
{
    const McpTag *tag = mcp_network_tag(self->chart->network, number);
    McpTagFormat format = document_of(self, tag->document)->tag_format;
    Part part = {.tag = number};

    if (format == MCP_TAG_FORMAT_OTHER)
        return;
    self->any_tag = TRUE;
    if (is_script(format, tag->text)) {
        rule->scripted = TRUE;
        rule->dollar |= format == MCP_TAG_FORMAT_UNDECLARED && strchr(tag->text, '$') != NULL;
        g_array_append_val(rule->parts, part);
    } else {
        rule->literal = tag->text;
    }
}

static void
read_token(Interpreter *self, Rule *rule, guint32 state_number)
{
    const McpNetwork *network = self->chart->network;
    const McpState *state = mcp_network_state(network, state_number);

    if (rule->words->len > 0 && document_of(self, 0)->mode == MCP_GRAMMAR_VOICE)
        g_string_append_c(rule->words, ' ');
    g_string_append(rule->words, g_ptr_array_index(network->word_texts, state->arg));
}

static gboolean
bring_in(Interpreter *self, const char *path, const Value *value, GError **error)
{
    if (value->data != NULL)
        return mcp_script_import(self->script, NULL, path, value->data, error);
    return mcp_script_set_string(self->script, NULL, path, value->text, error);
}

static gboolean
run_child(Interpreter *self, const Rule *rule, const Part *part, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *old = NULL;

    if (part->name == NULL) /* of all public rules together: not to be named by a tag */
        return TRUE;
    path = g_strconcat("rules.", part->name, NULL);
    old = g_strconcat("$", part->name, NULL);
    return bring_in(self, path, &part->value, error) &&
           (!rule->dollar || bring_in(self, old, &part->value, error)) &&
           mcp_script_set_string(self->script, NULL, "__last", part->name, error) &&
           mcp_script_set_string(self->script, NULL, "__words", part->words, error) &&
           run_text(self, after_child, NULL, 1, error);
}

static gboolean
run_part(Interpreter *self, const Rule *rule, const Part *part, GError **error)
{
    const McpTag *tag;

    if (part->tag == MCP_NETWORK_NONE)
        return run_child(self, rule, part, error);
    tag = mcp_network_tag(self->chart->network, part->tag);
    return run_text(self, tag->text, document_of(self, tag->document)->name, tag->line, error);
}

static gboolean
run_parts(Interpreter *self, const Rule *rule, Value *out, GError **error)
{
    g_autoptr(McpScriptCode) result =
        mcp_script_code_new(MCP_SCRIPT_EXPRESSION, rule->dollar ? "$" : "out", NULL, 1);

    if (!run_text(self, prologue, NULL, 1, error) ||
        !mcp_script_set_string(self->script, NULL, "__text", rule->words->str, error))
        return FALSE;
    for (guint i = 0; i < rule->parts->len; i++)
        if (!run_part(self, rule, &g_array_index(rule->parts, Part, i), error))
            return FALSE;
    out->data = mcp_script_export(self->script, result, error);
    return out->data != NULL;
}

/* SISR 1.0 §4: tags of the header are run in a scope around those of the rules. */
static gboolean
run_rule(Interpreter *self, const Rule *rule, Value *out, GError **error)
{
    const McpGrammarDocument *document = document_of(self, rule->document);
    GError *wrong = NULL;
    gboolean good;

    if (self->script == NULL)
        self->script = mcp_script_new(NULL);
    if (self->script == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "no memory for a script engine");
        return FALSE;
    }
    good = mcp_script_push_scope(self->script, NULL, FALSE, &wrong);
    for (guint i = 0; i < document->header_tags->len && good; i++)
        good = run_text(self, document->header_tags->pdata[i], document->name, 1, &wrong);
    good = good && mcp_script_push_scope(self->script, NULL, FALSE, &wrong) &&
           run_parts(self, rule, out, &wrong);
    while (mcp_script_scope_depth(self->script) > 0)
        mcp_script_pop_scope(self->script);
    if (!good)
        take_script_error(wrong, error);
    return good;
}

/* SISR 1.0 §6.3: without tags a rule is what its last reference came to, else its words. */
static gboolean
settle_rule(Interpreter *self, const Rule *rule, Value *out, GError **error)
{
    if (rule->scripted)
        return run_rule(self, rule, out, error);
    if (rule->literal != NULL) {
        out->text = g_strdup(rule->literal);
        return TRUE;
    }
    for (guint i = rule->parts->len; i > 0; i--) {
        Part *part = &g_array_index(rule->parts, Part, i - 1);

        if (part->tag != MCP_NETWORK_NONE)
            continue;
        *out = part->value;
        part->value = (Value){NULL, NULL};
        return TRUE;
    }
    out->text = g_strdup(rule->words->str);
    return TRUE;
}

static gboolean read_rule(Interpreter *self, Value *out, char **out_words, GError **error);

static gboolean
read_child(Interpreter *self, Rule *rule, const McpParseStep *step, GError **error)
{
    Part part = {.tag = MCP_NETWORK_NONE};

    part.name = mcp_network_rule(self->chart->network, step->rule)->name;
    if (!read_rule(self, &part.value, &part.words, error))
        return FALSE;
    if (rule->words->len > 0 && *part.words != '\0' &&
        document_of(self, 0)->mode == MCP_GRAMMAR_VOICE)
        g_string_append_c(rule->words, ' ');
    g_string_append(rule->words, part.words);
    g_array_append_val(rule->parts, part);
    return TRUE;
}

static gboolean
read_parts(Interpreter *self, Rule *rule, GError **error)
{
    for (; self->at < self->steps->len; self->at++) {
        const McpParseStep *step = &g_array_index(self->steps, McpParseStep, self->at);

        if (step->kind == MCP_PARSE_LEAVE)
            return TRUE;
        if (step->kind == MCP_PARSE_TOKEN)
            read_token(self, rule, step->arg);
        else if (step->kind == MCP_PARSE_TAG)
            read_tag(self, rule, step->arg);
        else if (!read_child(self, rule, step, error))
            return FALSE;
    }
    return TRUE;
}

/* Reads from an ENTER to its LEAVE; depth is bounded by that of the derivation. */
static gboolean
read_rule(Interpreter *self, Value *out, char **out_words, GError **error)
{
    const McpParseStep *enter = &g_array_index(self->steps, McpParseStep, self->at++);
    Rule rule = {.document = mcp_network_rule(self->chart->network, enter->rule)->document};
    gboolean good;

    rule.parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_array_set_clear_func(rule.parts, part_clear);
    rule.words = g_string_new(NULL);
    good = read_parts(self, &rule, error) && settle_rule(self, &rule, out, error);
    g_array_unref(rule.parts);
    if (good)
        *out_words = g_string_free(rule.words, FALSE);
    else
        g_string_free(rule.words, TRUE);
    return good;
}

char *
mcp_sisr_utterance(const McpChart *chart, const char *separator)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < chart->input->len; i++) {
        guint32 word = g_array_index(chart->input, guint32, i);

        g_string_append(out, i > 0 ? separator : "");
        if (word != MCP_NETWORK_NONE)
            g_string_append(out, g_ptr_array_index(chart->network->word_texts, word));
    }
    return g_string_free(out, FALSE);
}

static char *
quote(const char *text)
{
    g_autoptr(McpJson) json = mcp_json_new();

    mcp_json_string(json, NULL, text);
    return mcp_json_finish(g_steal_pointer(&json));
}

/* A value of the engine as JSON; what has none, such as a function, is null. */
static char *
data_to_json(Interpreter *self, const Value *value, GError **error)
{
    g_autoptr(McpScriptCode) code =
        mcp_script_code_new(MCP_SCRIPT_EXPRESSION, "JSON.stringify(out)", NULL, 1);
    g_auto(McpScriptValue) text = {0};
    GError *wrong = NULL;
    gboolean good;

    good = mcp_script_push_scope(self->script, NULL, FALSE, &wrong) &&
           bring_in(self, "out", value, &wrong) &&
           mcp_script_eval(self->script, code, &text, &wrong);
    if (!good) {
        take_script_error(wrong, error);
        return NULL;
    }
    return g_strdup(text.kind == MCP_SCRIPT_STRING ? text.text : "null");
}

char *
mcp_sisr_interpret(const McpChart *chart, const GArray *steps, GError **error)
{
    Interpreter self = {.chart = chart, .steps = steps};
    Value value = {NULL, NULL};
    g_autofree char *words = NULL;
    char *json = NULL;

    if (read_rule(&self, &value, &words, error)) {
        if (!self.any_tag)
            json = quote(words);
        else
            json = value.data != NULL ? data_to_json(&self, &value, error) : quote(value.text);
    }
    value_clear(&value);
    g_clear_pointer(&self.script, mcp_script_unref);
    return json;
}
