/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engines by copy. To make one costs half a million instructions, and each is like the other: so
 * the first is made once in one piece of memory, and a session gets a copy of that piece in which
 * every pointer is moved along. The engine takes all its memory from heap.c and keeps pointers as
 * whole words, which is all that this rests on. Tables that it keeps by a pointer's value (shapes
 * by their prototype) miss what the template had in them, and then make it anew. The template is
 * any thread's to read; a copy is its owner's.
 */
#include <string.h>

#include "engine.h"

/* The template, the first piece of a session beyond it. */
#define TEMPLATE_SIZE (256 * 1024)
#define SESSION_SIZE (12 * 1024)
/* Garbage is looked for when the heap has grown by this much. */
#define GC_THRESHOLD (512 * 1024)
/* Engines that are made to find the pointers of one. */
#define IMAGES 4
/* Their places differ in the low halves of addresses, by which numbers and pointers are told. */
#define LOW_HALF 0xffffu
#define LOW_STEP ((LOW_HALF + 1) / IMAGES)

/* What is found in a template: its pointers, as indexes of words, and what the session keeps. */
typedef struct {
    McpScript script; /* the session that it was made for; its pointers are those of words */
    guintptr *words;  /* as they lay at base */
    gsize size;       /* bytes, of whole words */
    guintptr base;
    guint32 *inner; /* they point into the template itself */
    guint n_inner;
    guint32 *owner; /* they point to the session */
    guint n_owner;
} Template;

/* One engine as it was made: its memory, where it lay, and the session that it was made for. */
typedef struct {
    McpScript maker;
    guintptr *words;
    gsize size;
    guintptr base;
} Image;

/* Typed arrays, shared memory, weak references and proxies have no use on a page and stay out, as
 * does the normalization of strings, which takes time with the square of their length. */
static JSContext *
new_context(JSRuntime *runtime)
{
    JSContext *context = JS_NewContextRaw(runtime);

    if (context == NULL)
        return NULL;
    JS_AddIntrinsicBaseObjects(context);
    JS_AddIntrinsicDate(context);
    JS_AddIntrinsicEval(context);
    JS_AddIntrinsicRegExp(context);
    JS_AddIntrinsicJSON(context);
    JS_AddIntrinsicMapSet(context);
    JS_AddIntrinsicPromise(context);
    return context;
}

/* xorshift64*; 53 bits of it between 0 and 1. */
static JSValue
next_random(JSContext *context, JSValueConst self, int n, JSValueConst *arguments)
{
    McpScript *script = JS_GetRuntimeOpaque(JS_GetRuntime(context));
    guint64 x = script->random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    script->random = x;
    return JS_NewFloat64(context, (double)((x * G_GUINT64_CONSTANT(0x2545f4914f6cdd1d)) >> 11) /
                                      9007199254740992.0);
}

/* The engine's own series would be the same in all copies. */
static gboolean
replace_random(JSContext *context)
{
    JSValue global = JS_GetGlobalObject(context);
    JSValue math = JS_GetPropertyStr(context, global, "Math");
    JSValue function = JS_NewCFunction(context, next_random, "random", 0);
    int result = JS_DefinePropertyValueStr(context, math, "random", function,
                                           JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);

    JS_FreeValue(context, math);
    JS_FreeValue(context, global);
    return result >= 0;
}

static gboolean
make_engine(McpScript *script)
{
    script->runtime = JS_NewRuntime2(&mcp_script_heap, script);
    if (script->runtime == NULL)
        return FALSE;
    JS_SetRuntimeOpaque(script->runtime, script);
    JS_SetGCThreshold(script->runtime, GC_THRESHOLD);
    JS_SetMaxStackSize(script->runtime, script->limits.stack);
    JS_SetInterruptHandler(script->runtime, mcp_script_on_interrupt, script);
    JS_SetStripInfo(script->runtime, JS_STRIP_SOURCE);
    script->context = new_context(script->runtime);
    if (script->context == NULL || !mcp_script_install_guards(script->context) ||
        !mcp_script_scope_init(script) || !replace_random(script->context))
        return FALSE;
    /* The makers' garbage is no part of a session. */
    JS_RunGC(script->runtime);
    return TRUE;
}

/* FALSE when there is no memory for it. The engine lies where it was until it is released. */
static gboolean
make_image(Image *image, guint number)
{
    char *memory = NULL;

    image->maker = (McpScript){.limits = mcp_script_default_limits, .deadline_ns = G_MAXINT64};
    memory = mcp_script_heap_reserve(&image->maker, TEMPLATE_SIZE + LOW_HALF + 1);
    if (memory == NULL)
        return FALSE;
    memory += (number * LOW_STEP - (guintptr)memory) & LOW_HALF;
    image->maker.slab_free = memory;
    memset(memory, 0, TEMPLATE_SIZE);
    image->maker.in_one_piece = TRUE;
    image->maker.eval = JS_UNDEFINED;
    if (!make_engine(&image->maker) || image->maker.slab_free < memory ||
        image->maker.slab_free > memory + TEMPLATE_SIZE)
        return FALSE;
    image->base = (guintptr)memory;
    image->size = (gsize)(image->maker.slab_free - memory);
    image->words = g_memdup2(memory, image->size);
    return TRUE;
}

static void
image_clear(Image *image)
{
    g_free(image->words);
    mcp_script_heap_release(&image->maker);
}

static gboolean
is_inside(const Image *image, guintptr word)
{
    return word - image->base <= image->size;
}

/* What a word in engines that were made alike may be. */
typedef enum {
    WORD_PLAIN,
    WORD_INNER,
    WORD_OWNER,
} WordKind;

/* In how many of the others a word is, against that in the first ... */
typedef struct {
    guint same;     /* the same number */
    guint moved;    /* at the same place of its engine */
    guint low_half; /* alike in its lowest 16 bits */
    guint away;     /* somewhere outside of its engine */
} Comparison;

static Comparison
compare(const Image *images, gsize i)
{
    guintptr x = images[0].words[i];
    Comparison found = {0};

    for (guint n = 1; n < IMAGES; n++) {
        guintptr y = images[n].words[i];

        found.same += x == y;
        found.moved += x - images[0].base == y - images[n].base;
        found.low_half += (x & LOW_HALF) == (y & LOW_HALF);
        found.away += y != 0 && !is_inside(&images[n], y);
    }
    return found;
}

/*
 * A pointer is a word that points into each engine, or nowhere where a table is ordered by
 * addresses. A number that only looks like one does not move. Freed cells keep old pointers, of
 * which a short number may have overwritten the low half: that is alike in all of them, which at
 * these places it is in no pointer.
 */
static WordKind
kind_of(const Image *images, gsize i)
{
    const guint others = IMAGES - 1;
    guintptr x = images[0].words[i];
    Comparison found;

    if (x == (guintptr)&images[0].maker && images[1].words[i] == (guintptr)&images[1].maker)
        return WORD_OWNER;
    if (!is_inside(&images[0], x))
        return WORD_PLAIN;
    found = compare(images, i);
    if (found.moved == others)
        return WORD_INNER;
    return found.same == others || found.low_half == others || found.away > 0 ? WORD_PLAIN
                                                                              : WORD_INNER;
}

static void
find_pointers(Template *template, const Image *images)
{
    g_autoptr(GArray) inner = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_autoptr(GArray) owner = g_array_new(FALSE, FALSE, sizeof(guint32));

    for (guint32 i = 0; i < images[0].size / sizeof(guintptr); i++) {
        WordKind kind = kind_of(images, i);

        if (kind == WORD_INNER)
            g_array_append_val(inner, i);
        else if (kind == WORD_OWNER)
            g_array_append_val(owner, i);
    }
    template->n_inner = inner->len;
    template->inner = (guint32 *)(gpointer)g_array_free(g_steal_pointer(&inner), FALSE);
    template->n_owner = owner->len;
    template->owner = (guint32 *)(gpointer)g_array_free(g_steal_pointer(&owner), FALSE);
}

static gboolean
are_alike(const Image *images)
{
    for (guint n = 1; n < IMAGES; n++) {
        if (images[n].size != images[0].size)
            return FALSE;
    }
    return TRUE;
}

/* Returns: (nullable): NULL when engines made alike are not, so that none can be copied. */
static Template *
make_template(void)
{
    g_autofree Template *template = g_new0(Template, 1);
    Image images[IMAGES] = {0};
    guint made = 0;
    gboolean alike = FALSE;

    while (made < IMAGES && make_image(&images[made], made))
        made++;
    alike = made == IMAGES && are_alike(images);
    if (alike) {
        find_pointers(template, images);
        template->script = images[0].maker;
        template->base = images[0].base;
        template->size = images[0].size;
        template->words = g_steal_pointer(&images[0].words);
    }
    for (guint n = 0; n < IMAGES; n++)
        image_clear(&images[n]);
    return alike ? g_steal_pointer(&template) : NULL;
}

static gpointer
moved(gpointer pointer, guintptr by)
{
    return pointer != NULL ? (gpointer)((guintptr)pointer + by) : NULL;
}

/* Makes an engine by copying the template, where there is one. */
static gboolean
copy_engine(McpScript *script, const Template *template)
{
    guintptr *words = mcp_script_heap_reserve(script, template->size + SESSION_SIZE);
    guintptr by = (guintptr)words - template->base;

    if (words == NULL)
        return FALSE;
    memcpy(words, template->words, template->size);
    for (guint i = 0; i < template->n_inner; i++)
        words[template->inner[i]] += by;
    for (guint i = 0; i < template->n_owner; i++)
        words[template->owner[i]] = (guintptr)script;
    script->slab_free += template->size;
    for (guint i = 0; i < MCP_SCRIPT_SMALL_CELLS; i++)
        script->free_small[i] = moved(template->script.free_small[i], by);
    script->spare = moved(template->script.spare, by);
    script->spare_end = moved(template->script.spare_end, by);
    script->runtime = moved(template->script.runtime, by);
    script->context = moved(template->script.context, by);
    script->eval = JS_MKPTR(JS_TAG_OBJECT, moved(JS_VALUE_GET_PTR(template->script.eval), by));
    return TRUE;
}

/* (nullable) (transfer none): made once. */
static const Template *
get_template(void)
{
    static gsize once = 0;
    static Template *template = NULL; /* written before once is */

    if (g_once_init_enter(&once)) {
        template = make_template();
        g_once_init_leave(&once, 1);
    }
    return template;
}

gboolean
mcp_script_has_template(void)
{
    return get_template() != NULL;
}

gboolean
mcp_script_copy_engine(McpScript *script)
{
    const Template *template = get_template();

    if (template != NULL ? !copy_engine(script, template) : !make_engine(script))
        return FALSE;
    script->random = ((guint64)g_random_int() << 32 | g_random_int()) | 1;
    JS_SetMaxStackSize(script->runtime, script->limits.stack);
    JS_UpdateStackTop(script->runtime);
    return TRUE;
}
