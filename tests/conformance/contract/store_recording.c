/* SPDX-License-Identifier: Apache-2.0 */
/* The recording plugin's store in a folder of its own, as a provider of the store suite. */
#include "store_suite.h"
#include "support.h"

static Fixture fixture;

static McpStore *
open_store(void)
{
    fixture_set_up(&fixture, NULL);
    return MCP_STORE(fixture.store);
}

static void
close_store(McpStore *store)
{
    fixture_tear_down(&fixture, NULL);
}

const StoreProvider store_provider = {
    .name = "recording", .open = open_store, .close = close_store, .buffer = 1 << 20};
