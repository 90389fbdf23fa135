/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

/** McpMediaLink: first member of whatever travels through an McpMediaStack. */
typedef struct _McpMediaLink {
    struct _McpMediaLink *next;
} McpMediaLink;

/**
 * McpMediaStack: hand-over between threads without a lock: any thread pushes, one thread takes all
 * at once. Taking all leaves no place for the ABA problem.
 */
typedef struct {
    _Atomic(McpMediaLink *) head;
} McpMediaStack;

/**
 * mcp_media_stack_push_chain: several at once, @newest linked down to @oldest. TRUE when the stack
 * was empty, so that its reader may have to be woken.
 */
static inline gboolean
mcp_media_stack_push_chain(McpMediaStack *stack, McpMediaLink *newest, McpMediaLink *oldest)
{
    McpMediaLink *head = atomic_load_explicit(&stack->head, memory_order_relaxed);

    do
        oldest->next = head;
    while (!atomic_compare_exchange_weak(&stack->head, &head, newest));
    return head == NULL;
}

/** mcp_media_stack_push: one; as mcp_media_stack_push_chain(). */
static inline gboolean
mcp_media_stack_push(McpMediaStack *stack, McpMediaLink *link)
{
    return mcp_media_stack_push_chain(stack, link, link);
}

/** mcp_media_stack_take: all links, the oldest first; NULL when there is none. */
static inline McpMediaLink *
mcp_media_stack_take(McpMediaStack *stack)
{
    McpMediaLink *link = atomic_exchange(&stack->head, NULL);
    McpMediaLink *first = NULL;

    while (link != NULL) {
        McpMediaLink *next = link->next;

        link->next = first;
        first = link;
        link = next;
    }
    return first;
}

/** mcp_media_stack_is_empty: a hint, true at the moment of the call. */
static inline gboolean
mcp_media_stack_is_empty(McpMediaStack *stack)
{
    return atomic_load(&stack->head) == NULL;
}

G_END_DECLS
