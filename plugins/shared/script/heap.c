/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's heap: counted blocks, so that a session ends by freeing them all, whatever the
 * engine has lost on the way. Much of the engine that never looks at the clock allocates as it goes
 * on, so the clock is looked at here, too. Owner thread.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* Between two looks. */
#define ALLOCATIONS_A_LOOK 128
#define LARGE 65536
/* A run that is to end is lent this much to do so in order. The compiler and the makers of errors
 * do not bear to be refused small blocks, or larger ones for those they have: past the loan the run
 * is left (escape.c). */
#define LOAN (8 * 1024 * 1024)
#define LOAN_BLOCKS 20000
#define LOAN_NEW_BLOCK 4096
/* Where no jump is possible: what the host itself asks for is bounded. */
#define LOAN_OF_HOST (64 * 1024 * 1024)

/* Small blocks are cells of 16 bytes cut from slabs and kept in a list a size when they are free;
 * what is larger comes from the C library, but for what came with the engine (template.c), which
 * lies in the first slab. Slabs go as a whole: a session ends in a few free(). */
#define CELL 16
#define SMALL_CELLS MCP_SCRIPT_SMALL_CELLS
#define SLAB (16 * 1024 - 64)
#define KEPT_MAX 32

/* In front of the memory of every block: its number of cells, 0 for a large one. */
typedef guint64 Header;

/* A large block begins with this; the header is the last member, right before the memory. */
typedef struct _McpScriptLarge Large;
struct _McpScriptLarge {
    Large *next;
    Large *previous;
    size_t size; /* of the memory */
    Header header;
};

typedef struct _McpScriptSlab Slab;
struct _McpScriptSlab {
    Slab *next;
    size_t size;
    guint64 padding; /* so that what follows the header is aligned as by malloc() */
    Header header;   /* of what is cut first */
};
G_STATIC_ASSERT(sizeof(Slab) % CELL == 0);

static guint
cells_of(const void *memory)
{
    return (guint)((const Header *)memory)[-1];
}

static Large *
large_of(void *memory)
{
    return (Large *)((char *)memory - sizeof(Large));
}

static size_t
usable_size(void *memory)
{
    guint cells = cells_of(memory);

    return cells > 0 ? cells * CELL - sizeof(Header) : large_of(memory)->size;
}

/* What a block costs, headers included. */
static size_t
cost_of(void *memory)
{
    return usable_size(memory) + (cells_of(memory) > 0 ? sizeof(Header) : sizeof(Large));
}

static void
link_large(McpScript *script, Large *large)
{
    large->previous = NULL;
    large->next = script->large;
    if (large->next != NULL)
        large->next->previous = large;
    script->large = large;
}

static void
unlink_large(McpScript *script, Large *large)
{
    if (large->next != NULL)
        large->next->previous = large->previous;
    if (large->previous != NULL)
        large->previous->next = large->next;
    else
        script->large = large->next;
}

/* First slabs of sessions that are over, for the next ones: the C library tidies up its whole arena
 * for each block of this size. */
static GMutex kept_lock;
static Slab *kept[KEPT_MAX]; /* under kept_lock, as the rest; all of one size */
static guint n_kept;
static size_t kept_size;

static Slab *
take_kept(size_t size)
{
    Slab *slab = NULL;

    g_mutex_lock(&kept_lock);
    if (n_kept > 0 && size == kept_size)
        slab = kept[--n_kept];
    g_mutex_unlock(&kept_lock);
    return slab;
}

static void
keep(Slab *slab, size_t size)
{
    g_mutex_lock(&kept_lock);
    if (n_kept == 0)
        kept_size = size;
    if (n_kept < KEPT_MAX && size == kept_size)
        kept[n_kept++] = g_steal_pointer(&slab);
    g_mutex_unlock(&kept_lock);
    free(slab);
}

static gboolean
add_slab(McpScript *script, size_t size)
{
    Slab *slab = size > SLAB ? take_kept(size) : NULL;

    if (slab == NULL)
        slab = malloc(size);
    if (slab == NULL)
        return FALSE;
    slab->next = script->slabs;
    slab->size = size;
    script->slabs = slab;
    script->slab_free = (char *)&slab->header;
    script->slab_end = (char *)slab + size;
    return TRUE;
}

void *
mcp_script_heap_reserve(McpScript *script, gsize size)
{
    return add_slab(script, sizeof(Slab) + size) ? script->slab_free : NULL;
}

static void *
cut(char **start, guint cells)
{
    Header *header = (Header *)(gpointer)*start;

    *start += cells * CELL;
    *header = cells;
    return header + 1;
}

static void *
take_small(McpScript *script, guint cells)
{
    void *memory = cells < SMALL_CELLS ? script->free_small[cells] : NULL;
    ptrdiff_t size = (ptrdiff_t)cells * CELL;

    if (memory != NULL) {
        script->free_small[cells] = *(void **)memory;
        return memory;
    }
    if (script->spare_end - script->spare >= size)
        return cut(&script->spare, cells);
    if (script->slab_end - script->slab_free < size && !add_slab(script, SLAB))
        return NULL;
    return cut(&script->slab_free, cells);
}

/* A block of the first slab that is too large for the lists is cut up in its turn. */
static void
give_spare(McpScript *script, void *memory, guint cells)
{
    if (script->spare_end - script->spare >= (ptrdiff_t)cells * CELL)
        return;
    script->spare = (char *)memory - sizeof(Header);
    script->spare_end = script->spare + (gsize)cells * CELL;
}

static void *
take_large(McpScript *script, size_t size)
{
    Large *large = malloc(size + sizeof *large);

    if (large == NULL)
        return NULL;
    large->size = size;
    large->header = 0;
    link_large(script, large);
    return large + 1;
}

/* Cells for @size bytes, 0 when it is to be a large block. */
static guint
cells_for(const McpScript *script, size_t size)
{
    size_t cells = (size + sizeof(Header) + CELL - 1) / CELL;

    return cells < SMALL_CELLS || script->in_one_piece ? (guint)cells : 0;
}

static gboolean
fits(const JSMallocState *state, size_t more, size_t limit)
{
    return state->malloc_size <= limit && more <= limit - state->malloc_size;
}

/* @more: bytes, for a block that is there already (@grows) or a new one. */
static gboolean
is_lent(const JSMallocState *state, size_t more, gboolean grows)
{
    McpScript *script = state->opaque;
    size_t limit = script->limits.memory;

    if (!grows && more > LOAN_NEW_BLOCK)
        return FALSE;
    if (++script->n_lent <= LOAN_BLOCKS && fits(state, more, limit + LOAN))
        return TRUE;
    if (!mcp_script_can_escape(script))
        return fits(state, more, limit + LOAN_OF_HOST);
    script->buried_size = state->malloc_size;
    mcp_script_escape(script);
}

/* Outside of a run there is nothing to stop: the host itself asks. */
static gboolean
is_granted(const JSMallocState *state, size_t more, gboolean grows)
{
    McpScript *script = state->opaque;
    size_t limit = script->limits.memory;

    if (more > G_MAXSIZE / 2)
        return FALSE;
    if (script->nesting == 0)
        return fits(state, more, limit + LOAN);
    if (more >= LARGE || ++script->allocations % ALLOCATIONS_A_LOOK == 0)
        mcp_script_look_at_clock(script);
    if (!script->interrupted && fits(state, more, limit))
        return TRUE;
    if (!script->interrupted)
        script->starved = script->interrupted = TRUE;
    return is_lent(state, more, grows);
}

static void *
take(JSMallocState *state, size_t size)
{
    McpScript *script = state->opaque;
    guint cells = cells_for(script, size);
    void *memory = cells > 0 ? take_small(script, cells) : take_large(script, size);
    if (memory == NULL)
        return NULL;
    state->malloc_count++;
    state->malloc_size += cost_of(memory);
    return memory;
}

static void *
heap_malloc(JSMallocState *state, size_t size)
{
    return is_granted(state, size, FALSE) ? take(state, size) : NULL;
}

static void
heap_free(JSMallocState *state, void *memory)
{
    McpScript *script = state->opaque;
    guint cells = 0;

    if (memory == NULL)
        return;
    cells = cells_of(memory);
    state->malloc_count--;
    state->malloc_size -= cost_of(memory);
    if (cells >= SMALL_CELLS) {
        give_spare(script, memory, cells);
        return;
    }
    if (cells > 0) {
        *(void **)memory = script->free_small[cells];
        script->free_small[cells] = memory;
        return;
    }
    unlink_large(script, large_of(memory));
    free(large_of(memory));
}

static void *
resize_large(JSMallocState *state, void *memory, size_t size)
{
    McpScript *script = state->opaque;
    Large *large = large_of(memory);
    size_t old_size = large->size;
    Large *moved;

    unlink_large(script, large);
    moved = realloc(large, size + sizeof *large);
    link_large(script, moved != NULL ? moved : large);
    if (moved == NULL)
        return NULL;
    moved->size = size;
    state->malloc_size += size;
    state->malloc_size -= old_size;
    return moved + 1;
}

static void *
heap_realloc(JSMallocState *state, void *memory, size_t size)
{
    McpScript *script = state->opaque;
    size_t old_size = 0;
    void *moved = NULL;

    if (memory == NULL)
        return size > 0 && is_granted(state, size, TRUE) ? take(state, size) : NULL;
    if (size == 0) {
        heap_free(state, memory);
        return NULL;
    }
    old_size = usable_size(memory);
    if (cells_of(memory) > 0 && cells_for(script, size) == cells_of(memory))
        return memory;
    if (cells_of(memory) == 0 && cells_for(script, size) == 0) {
        if (size > old_size && !is_granted(state, size - old_size, TRUE))
            return NULL;
        return resize_large(state, memory, size);
    }
    moved = is_granted(state, size, TRUE) ? take(state, size) : NULL;
    if (moved == NULL)
        return NULL;
    memcpy(moved, memory, MIN(old_size, size));
    heap_free(state, memory);
    return moved;
}

static size_t
heap_usable_size(const void *memory)
{
    return memory != NULL ? usable_size((void *)memory) : 0;
}

const JSMallocFunctions mcp_script_heap = {
    .js_malloc = heap_malloc,
    .js_free = heap_free,
    .js_realloc = heap_realloc,
    .js_malloc_usable_size = heap_usable_size,
};

void
mcp_script_heap_release(McpScript *script)
{
    Large *large = g_steal_pointer(&script->large);
    Slab *slab = g_steal_pointer(&script->slabs);

    while (large != NULL) {
        Large *next = large->next;

        free(large);
        large = next;
    }
    while (slab != NULL) {
        Slab *next = slab->next;

        if (slab->size > SLAB && !script->in_one_piece)
            keep(slab, slab->size);
        else
            free(slab);
        slab = next;
    }
    script->slab_free = script->slab_end = NULL;
    script->spare = script->spare_end = NULL;
    memset(script->free_small, 0, sizeof script->free_small);
}
