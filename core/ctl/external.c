/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that are programs of their own, as plugins bring them: "mcpctl vxml" becomes
 * mcpctl-vxml. mcpctl knows none of them by name. One thread.
 */
#include "ctl/external.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static gboolean
is_name(const char *name)
{
    return *name != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyz") == strlen(name);
}

char *
mcp_ctl_find_external(const char *name)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self != NULL ? g_path_get_dirname(self) : NULL;
    g_autofree char *program = g_strdup_printf("mcpctl-%s", name);
    char *candidates[3] = {NULL};
    char *found = NULL;

    /* A name from the command line is no path. */
    if (!is_name(name))
        return NULL;
    candidates[0] = g_build_filename(MCP_LIBEXEC_DIR, program, NULL);
    if (folder != NULL) {
        candidates[1] = g_build_filename(folder, program, NULL);
        candidates[2] =
            g_build_filename(folder, "..", "..", "plugins", name, "tool", program, NULL);
    }
    /* What stands nearer comes first: a tree that is worked in is not the one that is installed. */
    for (guint i = G_N_ELEMENTS(candidates); i > 0; i--) {
        char *candidate = candidates[i - 1];

        if (found == NULL && candidate != NULL && g_file_test(candidate, G_FILE_TEST_IS_EXECUTABLE))
            found = candidate;
        else
            g_free(candidate);
    }
    return found;
}

void
mcp_ctl_run_external(const char *path, char **arguments)
{
    execv(path, arguments);
    g_printerr("mcpctl: %s cannot be run: %s\n", path, g_strerror(errno));
}
