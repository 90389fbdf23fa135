/* SPDX-License-Identifier: Apache-2.0 */
/* The vxml plugin with pages from files, as a provider of the dialog suite. */
#include "dialog_suite.h"

#include <glib/gstdio.h>

#define VXML(body) "<vxml version='2.1' xmlns='http://www.w3.org/2001/vxml'>" body "</vxml>"

static char *folder;

static const struct {
    const char *name;
    const char *text;
} pages[] = {
    [DIALOG_SHORT] = {"short.vxml", VXML("<form><block><exit expr=\"'done'\"/></block></form>")},
    [DIALOG_LASTING] = {"lasting.vxml",
                        VXML("<form><field name='f' type='digits'></field></form>")},
    [DIALOG_BROKEN] = {"broken.vxml", "<vxml"},
};

static char *
path_of(DialogKind kind)
{
    return g_build_filename(folder, pages[kind].name, NULL);
}

static char *
open_pages(void)
{
    folder = g_dir_make_tmp("mcp-pages-XXXXXX", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *path = path_of(i);

        g_assert_true(g_file_set_contents(path, pages[i].text, -1, NULL));
    }
    return g_strdup_printf("[http]\nfile_root = %s\n", folder);
}

static void
close_pages(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *path = path_of(i);

        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

/* A call without a page cannot have a dialog. */
static gboolean
describe(DialogKind kind, GHashTable *parameters)
{
    g_autofree char *path = kind != DIALOG_FAULTY ? path_of(kind) : NULL;

    if (path != NULL)
        g_hash_table_insert(parameters, g_strdup("page"), g_strconcat("file://", path, NULL));
    return TRUE;
}

const DialogProvider dialog_provider = {
    .name = "vxml",
    .plugins = ", http, grammar, vxml",
    .open = open_pages,
    .close = close_pages,
    .describe = describe,
};
