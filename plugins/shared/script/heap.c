/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's heap: blocks of the C library, counted and chained, so that a session ends by
 * freeing them all, whatever the engine has lost on the way. Much of the engine that never looks at
 * the clock allocates as it goes on, so the clock is looked at here, too. Owner thread.
 */
#include <malloc.h>
#include <stdlib.h>

#include "engine.h"

/* Between two looks; a look costs a system call. */
#define ALLOCATIONS_A_LOOK 128
#define LARGE 65536
/* After a refusal the engine still gets small blocks, to make its error and end in order: there is
 * enough for all that it can take until it asks whether to go on. */
#define RESERVE (2 * 1024 * 1024)
#define RESERVE_BLOCK 4096

/* In front of each block; keeps the alignment of malloc. */
typedef struct _Block Block;
struct _Block {
    Block *next;
    Block *previous;
};

static Block *
block_of(void *memory)
{
    return (Block *)memory - 1;
}

static size_t
size_of(Block *block)
{
    return malloc_usable_size(block) + sizeof(gpointer);
}

static void
link_block(McpScript *script, Block *block)
{
    block->previous = NULL;
    block->next = script->blocks;
    if (block->next != NULL)
        block->next->previous = block;
    script->blocks = block;
}

static void
unlink_block(McpScript *script, Block *block)
{
    if (block->next != NULL)
        block->next->previous = block->previous;
    if (block->previous != NULL)
        block->previous->next = block->next;
    else
        script->blocks = block->next;
}

static gboolean
fits(const JSMallocState *state, size_t more, size_t limit)
{
    return state->malloc_size <= limit && more <= limit - state->malloc_size;
}

/* Outside of a run there is nothing to stop: the host itself asks. */
static gboolean
is_granted(const JSMallocState *state, size_t more)
{
    McpScript *script = state->opaque;
    size_t limit = script->limits.memory;

    if (more > G_MAXSIZE / 2)
        return FALSE;
    if (script->nesting == 0)
        return fits(state, more, limit + RESERVE);
    if (more >= LARGE || ++script->allocations % ALLOCATIONS_A_LOOK == 0)
        mcp_script_look_at_clock(script);
    if (!script->interrupted && fits(state, more, limit))
        return TRUE;
    if (!script->interrupted)
        script->starved = script->interrupted = TRUE;
    if (!script->refused || more > RESERVE_BLOCK) {
        script->refused = TRUE;
        return FALSE;
    }
    return fits(state, more, limit + RESERVE);
}

static void *
heap_malloc(JSMallocState *state, size_t size)
{
    Block *block = NULL;

    if (!is_granted(state, size))
        return NULL;
    block = malloc(size + sizeof *block);
    if (block == NULL)
        return NULL;
    link_block(state->opaque, block);
    state->malloc_count++;
    state->malloc_size += size_of(block);
    return block + 1;
}

static void
heap_free(JSMallocState *state, void *memory)
{
    Block *block = NULL;

    if (memory == NULL)
        return;
    block = block_of(memory);
    unlink_block(state->opaque, block);
    state->malloc_count--;
    state->malloc_size -= size_of(block);
    free(block);
}

static void *
heap_realloc(JSMallocState *state, void *memory, size_t size)
{
    Block *block = NULL;
    Block *moved = NULL;
    size_t old_size = 0;

    if (memory == NULL)
        return size > 0 ? heap_malloc(state, size) : NULL;
    if (size == 0) {
        heap_free(state, memory);
        return NULL;
    }
    block = block_of(memory);
    old_size = size_of(block);
    if (size > old_size && !is_granted(state, size - old_size))
        return NULL;
    unlink_block(state->opaque, block);
    moved = realloc(block, size + sizeof *block);
    link_block(state->opaque, moved != NULL ? moved : block);
    if (moved == NULL)
        return NULL;
    state->malloc_size += size_of(moved);
    state->malloc_size -= old_size;
    return moved + 1;
}

static size_t
heap_usable_size(const void *memory)
{
    return memory != NULL ? malloc_usable_size(block_of((void *)memory)) - sizeof(Block) : 0;
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
    Block *block = script->blocks;

    script->blocks = NULL;
    while (block != NULL) {
        Block *next = block->next;

        free(block);
        block = next;
    }
}
