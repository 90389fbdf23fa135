/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code of a page: evaluated in the innermost scope; expressions are compiled once by each
 * session.
 * A McpScriptCode is immutable and shared by threads; everything else here is the owner thread's.
 */
#include <math.h>
#include <string.h>

#include "engine.h"

/* Pages come and go in a session; past this many the compiled forms are made anew. */
#define COMPILED_MAX 512
#define LINE_MAX_SHIFT 100000

/* Much of what pages have for an expression is one name or one text: neither needs a compiler. */
typedef enum {
    FORM_ANY,
    FORM_NAME,
    FORM_TEXT,
} Form;

struct _McpScriptCode {
    gatomicrefcount ref_count;
    McpScriptCodeKind kind;
    Form form;
    char *word;   /* of a FORM_NAME the name, of a FORM_TEXT what stands between the quotes */
    char *source; /* with what it is wrapped in */
    char *file;
    gsize size;
};

/* The closing parenthesis stands on a line of its own: the source may end in a comment. Line feeds
 * in front make the engine count lines as the file does. */
static char *
wrap(McpScriptCodeKind kind, const char *source, guint line)
{
    g_autofree char *feeds = g_strnfill(MIN(line > 0 ? line - 1 : 0, LINE_MAX_SHIFT), '\n');

    if (kind == MCP_SCRIPT_EXPRESSION)
        return g_strdup_printf("%swith(" MCP_SCRIPT_SCOPE_NAME ")(%s\n)", feeds, source);
    return g_strdup_printf("%swith(" MCP_SCRIPT_PROGRAM_SCOPE_NAME "){%s\n}", feeds, source);
}

static gboolean
is_quoted(const char *text, gsize length)
{
    return length >= 2 && (*text == '\'' || *text == '"') && text[length - 1] == *text &&
           strcspn(text + 1, *text == '"' ? "\"\\\r\n" : "'\\\r\n") == length - 2 &&
           g_utf8_validate(text, (gssize)length, NULL);
}

static Form
form_of(const char *source, char **out_word)
{
    const char *start = source + strspn(source, " ");
    gsize length = strlen(start);
    g_autofree char *word = NULL;

    while (length > 0 && start[length - 1] == ' ')
        length--;
    if (is_quoted(start, length)) {
        *out_word = g_strndup(start + 1, length - 2);
        return FORM_TEXT;
    }
    word = g_strndup(start, length);
    if (!mcp_script_is_name(word))
        return FORM_ANY;
    *out_word = g_steal_pointer(&word);
    return FORM_NAME;
}

McpScriptCode *
mcp_script_code_new(McpScriptCodeKind kind, const char *source, const char *file, guint line)
{
    McpScriptCode *code = g_new0(McpScriptCode, 1);

    g_atomic_ref_count_init(&code->ref_count);
    code->kind = kind;
    code->size = strlen(source);
    code->source = wrap(kind, source, line);
    if (kind == MCP_SCRIPT_EXPRESSION)
        code->form = form_of(source, &code->word);
    code->file = g_strdup(file != NULL ? file : "script");
    return code;
}

McpScriptCode *
mcp_script_code_ref(McpScriptCode *code)
{
    g_return_val_if_fail(code != NULL, NULL);
    g_atomic_ref_count_inc(&code->ref_count);
    return code;
}

void
mcp_script_code_unref(McpScriptCode *code)
{
    g_return_if_fail(code != NULL);
    if (!g_atomic_ref_count_dec(&code->ref_count))
        return;
    g_free(code->source);
    g_free(code->word);
    g_free(code->file);
    g_free(code);
}

gsize
mcp_script_code_size(const McpScriptCode *code)
{
    return code->size;
}

GHashTable *
mcp_script_compiled_table(void)
{
    return g_hash_table_new_full(NULL, NULL, (GDestroyNotify)mcp_script_code_unref, g_free);
}

void
mcp_script_forget_compiled(McpScript *script)
{
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, script->compiled);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        mcp_script_drop(script, *(JSValue *)value);
        g_hash_table_iter_remove(&iter);
    }
}

static JSValue
compile(McpScript *script, McpScriptCode *code)
{
    JSValue *known = g_hash_table_lookup(script->compiled, code);
    JSValue function = JS_UNDEFINED;

    if (known != NULL)
        return JS_DupValue(script->context, *known);
    if (g_hash_table_size(script->compiled) >= COMPILED_MAX)
        mcp_script_forget_compiled(script);
    function = JS_Eval(script->context, code->source, strlen(code->source), code->file,
                       JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(function))
        return function;
    known = g_new(JSValue, 1);
    *known = JS_DupValue(script->context, function);
    g_hash_table_insert(script->compiled, mcp_script_code_ref(code), known);
    return function;
}

/* Declarations of a program must be gone from the global object afterwards; only those of eval()
 * can be deleted. So a program is not kept compiled: it runs once a page or dialog. */
static JSValue
evaluate_program(McpScript *script, McpScriptCode *code)
{
    JSContext *context = script->context;
    JSValue source = JS_NewString(context, code->source);
    JSValue result = JS_UNDEFINED;

    g_clear_pointer(&script->program, mcp_script_code_unref);
    script->program = mcp_script_code_ref(code);
    if (JS_IsException(source))
        return source;
    result = JS_Call(context, script->eval, JS_UNDEFINED, 1, &source);
    JS_FreeValue(context, source);
    /* An eval() inside declares on the global object, too. */
    if (!JS_IsException(result) && mcp_script_hoist(script) < 0) {
        JS_FreeValue(context, result);
        result = JS_EXCEPTION;
    }
    return result;
}

/* The variable of that name; FALSE when it is none of ours, or the lookup failed: then the engine
 * is to say what it is. */
static gboolean
look_up(McpScript *script, const char *name, JSValue *out_value)
{
    JSAtom atom = JS_NewAtom(script->context, name);
    int has = script->depth > 0 ? JS_HasProperty(script->context, script->view, atom) : 0;

    if (has > 0)
        *out_value = JS_GetProperty(script->context, script->view, atom);
    else if (has < 0)
        JS_FreeValue(script->context, JS_GetException(script->context));
    JS_FreeAtom(script->context, atom);
    return has > 0;
}

static JSValue
evaluate(McpScript *script, McpScriptCode *code)
{
    JSValue function = JS_UNDEFINED;

    if (code->kind == MCP_SCRIPT_PROGRAM)
        return evaluate_program(script, code);
    if (code->form == FORM_TEXT && script->depth > 0)
        return JS_NewString(script->context, code->word);
    if (code->form == FORM_NAME && look_up(script, code->word, &function))
        return function;
    function = compile(script, code);
    if (JS_IsException(function))
        return function;
    return JS_EvalFunction(script->context, function);
}

typedef struct {
    McpScriptCode *code;
    JSValue value;
} Evaluation;

static int
evaluate_body(McpScript *script, gpointer data)
{
    Evaluation *evaluation = data;

    evaluation->value = evaluate(script, evaluation->code);
    return 0;
}

JSValue
mcp_script_evaluate(McpScript *script, McpScriptCode *code)
{
    Evaluation evaluation = {code, JS_EXCEPTION};

    mcp_script_try(script, evaluate_body, &evaluation);
    return evaluation.value;
}

const char *
mcp_script_code_file(const McpScriptCode *code)
{
    return code->file;
}

/* A value, or its JSON, as the engine's text. */
typedef struct {
    JSValueConst from;
    gboolean as_json;
    const char *text; /* (nullable): JSON.stringify() gives nothing */
    size_t length;
} Reading;

static int
read_text(McpScript *script, gpointer data)
{
    Reading *reading = data;
    JSContext *context = script->context;
    JSValue value = reading->as_json
                        ? JS_JSONStringify(context, reading->from, JS_UNDEFINED, JS_UNDEFINED)
                        : JS_DupValue(context, reading->from);
    int result = JS_IsException(value) ? -1 : 0;

    if (result == 0 && (!reading->as_json || JS_IsString(value))) {
        reading->text = JS_ToCStringLen(context, &reading->length, value);
        result = reading->text != NULL ? 0 : -1;
    }
    JS_FreeValue(context, value);
    return result;
}

static void
copy_text(const Reading *reading, McpScriptValue *to)
{
    const char *text = reading->text;

    to->length = reading->length;
    if (!g_utf8_validate_len(text, to->length, NULL) && memchr(text, '\0', to->length) == NULL) {
        to->text = g_utf8_make_valid(text, (gssize)to->length);
        to->length = strlen(to->text);
    } else { /* validation stops at a zero character, which is a legal one here */
        to->text = g_malloc(to->length + 1);
        memcpy(to->text, text, to->length + 1);
    }
}

static gboolean
copy_string(McpScript *script, JSValueConst from, gboolean as_json, McpScriptValue *to)
{
    Reading reading = {.from = from, .as_json = as_json};

    if (mcp_script_try(script, read_text, &reading) < 0)
        return FALSE;
    if (reading.text != NULL) {
        copy_text(&reading, to);
        JS_FreeCString(script->context, reading.text);
    } else { /* a toJSON that gives nothing */
        to->text = g_strdup("null");
        to->length = 4;
    }
    return TRUE;
}

static gboolean
copy_object(McpScript *script, JSValueConst from, McpScriptValue *to)
{
    int is_array = JS_IsArray(script->context, from);

    if (is_array < 0)
        return FALSE;
    to->kind = is_array ? MCP_SCRIPT_ARRAY : MCP_SCRIPT_OBJECT;
    return copy_string(script, from, TRUE, to);
}

gboolean
mcp_script_to_value(McpScript *script, JSValueConst from, McpScriptValue *out_value)
{
    JSContext *context = script->context;

    memset(out_value, 0, sizeof *out_value);
    if (JS_IsUndefined(from)) {
        out_value->kind = MCP_SCRIPT_UNDEFINED;
    } else if (JS_IsNull(from)) {
        out_value->kind = MCP_SCRIPT_NULL;
    } else if (JS_IsBool(from)) {
        out_value->kind = MCP_SCRIPT_BOOLEAN;
        out_value->boolean = JS_ToBool(context, from) > 0;
    } else if (JS_IsNumber(from)) {
        out_value->kind = MCP_SCRIPT_NUMBER;
        return JS_ToFloat64(context, &out_value->number, from) >= 0;
    } else if (JS_IsFunction(context, from)) {
        out_value->kind = MCP_SCRIPT_FUNCTION;
    } else if (JS_IsObject(from)) {
        return copy_object(script, from, out_value);
    } else { /* also a BigInt, as its digits */
        out_value->kind = MCP_SCRIPT_STRING;
        return copy_string(script, from, FALSE, out_value);
    }
    return TRUE;
}

void
mcp_script_value_clear(McpScriptValue *value)
{
    g_clear_pointer(&value->text, g_free);
    value->kind = MCP_SCRIPT_UNDEFINED;
}

static gboolean
take_value(McpScript *script, JSValueConst from, gpointer out)
{
    return mcp_script_to_value(script, from, out);
}

static gboolean
take_boolean(McpScript *script, JSValueConst from, gpointer out)
{
    int result = JS_ToBool(script->context, from);

    *(gboolean *)out = result > 0;
    return result >= 0;
}

typedef struct {
    JSValueConst from;
    double number;
} Conversion;

static int
convert(McpScript *script, gpointer data)
{
    Conversion *conversion = data;

    return JS_ToFloat64(script->context, &conversion->number, conversion->from);
}

static gboolean
take_number(McpScript *script, JSValueConst from, gpointer out)
{
    Conversion conversion = {.from = from};
    int result = mcp_script_try(script, convert, &conversion);

    *(double *)out = conversion.number;
    return result >= 0;
}

static gboolean
take_string(McpScript *script, JSValueConst from, gpointer out)
{
    return copy_string(script, from, FALSE, out);
}

static gboolean
take_nothing(McpScript *script, JSValueConst from, gpointer out)
{
    return TRUE;
}

typedef gboolean (*Taker)(McpScript *script, JSValueConst from, gpointer out);

static gboolean
run_code(McpScript *script, McpScriptCode *code, Taker take, gpointer out, GError **error)
{
    JSValue value = JS_UNDEFINED;
    gboolean done = FALSE;

    if (!mcp_script_enter(script, error))
        return FALSE;
    value = mcp_script_evaluate(script, code);
    done = !JS_IsException(value) && take(script, value, out);
    if (!done)
        mcp_script_take_exception(script, error);
    mcp_script_drop(script, value);
    return mcp_script_leave(script, !done, error) && done;
}

gboolean
mcp_script_eval(McpScript *script, McpScriptCode *code, McpScriptValue *out_value, GError **error)
{
    g_auto(McpScriptValue) value = {.kind = MCP_SCRIPT_UNDEFINED};

    if (!run_code(script, code, take_value, &value, error))
        return FALSE;
    *out_value = value;
    value.text = NULL;
    return TRUE;
}

gboolean
mcp_script_run(McpScript *script, McpScriptCode *code, GError **error)
{
    return run_code(script, code, take_nothing, NULL, error);
}

gboolean
mcp_script_eval_boolean(McpScript *script, McpScriptCode *code, gboolean *out_value, GError **error)
{
    gboolean value = FALSE;

    if (!run_code(script, code, take_boolean, &value, error))
        return FALSE;
    *out_value = value;
    return TRUE;
}

char *
mcp_script_eval_string(McpScript *script, McpScriptCode *code, GError **error)
{
    g_auto(McpScriptValue) value = {.kind = MCP_SCRIPT_UNDEFINED};

    if (!run_code(script, code, take_string, &value, error))
        return NULL;
    return g_steal_pointer(&value.text);
}

gboolean
mcp_script_eval_number(McpScript *script, McpScriptCode *code, double *out_value, GError **error)
{
    double value = NAN;

    if (!run_code(script, code, take_number, &value, error))
        return FALSE;
    *out_value = value;
    return TRUE;
}
