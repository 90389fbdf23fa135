/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that a thread holds back until all that belong together are there. Of each thread its
 * own; no media worker.
 */
#include "batch.h"

/* Two legs of a bridge and the home of their room. */
#define WORKERS 3

typedef struct {
    McpMediaWorker *worker; /* a reference */
    McpMediaLink *newest;
    McpMediaLink *oldest;
} Chain;

typedef struct {
    guint depth;
    guint n;
    Chain chains[WORKERS];
} Batch;

static _Thread_local Batch batch;

void
mcp_media_batch_begin(void)
{
    batch.depth++;
}

void
mcp_media_batch_end(void)
{
    guint n = batch.n;

    if (--batch.depth > 0)
        return;
    batch.n = 0;
    for (guint i = 0; i < n; i++) {
        Chain *chain = &batch.chains[i];

        mcp_media_worker_post_chain(chain->worker, chain->newest, chain->oldest);
        mcp_media_worker_unref(chain->worker);
    }
}

gboolean
mcp_media_batch_keep(McpMediaWorker *worker, McpMediaCommand *command)
{
    Chain *chain = batch.chains;

    if (batch.depth == 0)
        return FALSE;
    while (chain < batch.chains + batch.n && chain->worker != worker)
        chain++;
    if (chain == batch.chains + WORKERS)
        return FALSE;
    if (chain == batch.chains + batch.n) {
        *chain = (Chain){.worker = mcp_media_worker_ref(worker), .oldest = &command->link};
        batch.n++;
    }
    command->link.next = chain->newest;
    chain->newest = &command->link;
    return TRUE;
}
