/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into an mcpd under test, it has one of its loops stand still: the beat of loop NAME
 * does not return while there is a file NAME in the folder $MCP_TEST_STALL. What is shipped has no
 * such hook. On the loop's own thread.
 */
#include "call/load.h"

#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

void
mcp_loop_load_beat(McpLoopLoad *load)
{
    static void (*real)(McpLoopLoad * load); /* the same whoever finds it first */
    const char *folder = g_getenv("MCP_TEST_STALL");
    g_autofree char *file = NULL;

    if (real == NULL)
        real = (void (*)(McpLoopLoad *))dlsym(RTLD_NEXT, "mcp_loop_load_beat");
    real(load);
    if (folder == NULL)
        return;
    file = g_build_filename(folder, mcp_loop_load_get_name(load), NULL);
    while (access(file, F_OK) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
}
