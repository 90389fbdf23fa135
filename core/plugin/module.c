/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding, checking and loading plugin files. Control context. Nothing of a file is executed before
 * owner, mode and identity are right; a loaded file is never unloaded.
 */
#include "plugin/module.h"

#include "plugin/note.h"

#include <errno.h>
#include <gmodule.h>
#include <mcp/error.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
mcp_plugin_find(const char *path, const char *name)
{
    g_auto(GStrv) folders = g_strsplit(path, G_SEARCHPATH_SEPARATOR_S, -1);
    g_autofree char *file_name = g_strconcat(name, ".so", NULL);

    for (guint i = 0; folders[i] != NULL; i++) {
        g_autofree char *flat = g_build_filename(folders[i], file_name, NULL);
        g_autofree char *nested = g_build_filename(folders[i], name, file_name, NULL);

        if (g_file_test(flat, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&flat);
        if (g_file_test(nested, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&nested);
    }
    return NULL;
}

static gboolean G_GNUC_PRINTF(3, 4)
    refuse(GError **error, const char *file, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: %s", file, text);
    return FALSE;
}

static gboolean
check_owner(const char *file, GError **error)
{
    struct stat info;

    if (stat(file, &info) != 0)
        return refuse(error, file, "%s", g_strerror(errno));
    if (info.st_uid != 0 && info.st_uid != geteuid())
        return refuse(error, file, "found owner %u, wanted root or %u", info.st_uid, geteuid());
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return refuse(error, file, "found mode %04o, wanted one that only the owner may write",
                      info.st_mode & 07777u);
    return TRUE;
}

static gboolean
check_place(const char *file, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(file);

    return check_owner(folder, error) && check_owner(file, error);
}

static gboolean
check_abi(const char *file, guint major, guint minor, GError **error)
{
    if (major == MCP_ABI_MAJOR && minor <= MCP_ABI_MINOR)
        return TRUE;
    return refuse(error, file, "found interface %u.%u, wanted %u.%u or an older %u.x", major, minor,
                  MCP_ABI_MAJOR, MCP_ABI_MINOR, MCP_ABI_MAJOR);
}

static gboolean
check_name(const char *file, const char *found, const char *wanted, GError **error)
{
    if (strcmp(found, wanted) == 0)
        return TRUE;
    return refuse(error, file, "found name \"%s\", wanted \"%s\" as the file is called", found,
                  wanted);
}

gboolean
mcp_plugin_check_desc(const McpPluginDesc *desc, const char *name, const char *file, GError **error)
{
    if (desc->magic != MCP_PLUGIN_MAGIC || desc->size != sizeof *desc)
        return refuse(error, file, "found a descriptor of %u bytes, wanted %" G_GSIZE_FORMAT,
                      desc->size, sizeof *desc);
    if (!check_abi(file, desc->abi_major, desc->abi_minor, error))
        return FALSE;
    if (desc->name == NULL || desc->version == NULL || desc->summary == NULL ||
        desc->get_type == NULL)
        return refuse(error, file, "descriptor lacks name, version, summary or type");
    if (!check_name(file, desc->name, name, error))
        return FALSE;
    if (!g_type_is_a(desc->get_type(), MCP_TYPE_PLUGIN))
        return refuse(error, file, "found type %s, wanted one that implements McpPlugin",
                      g_type_name(desc->get_type()));
    return TRUE;
}

static gboolean
check_note(const char *file, const char *name, GError **error)
{
    McpPluginNote note;

    return mcp_plugin_note_read(file, &note, error) &&
           check_abi(file, note.abi_major, note.abi_minor, error) &&
           check_name(file, note.name, name, error);
}

/* "…: undefined symbol: mcp_x" means that the plugin wants a newer core. */
static void
explain_open_failure(const char *file, GError **error)
{
    const char *text = g_module_error();
    const char *symbol = strstr(text, "undefined symbol: mcp_");

    if (symbol != NULL)
        refuse(error, file, "wanted function %s, which core %s does not have",
               symbol + strlen("undefined symbol: "), MCP_VERSION);
    else
        refuse(error, file, "cannot be loaded: %s", text);
}

const McpPluginDesc *
mcp_plugin_load(const char *file, GError **error)
{
    g_autofree char *base = g_path_get_basename(file);
    g_autofree char *name = g_strndup(base, strlen(base) - strlen(".so"));
    GModule *module;
    gpointer symbol = NULL;

    if (!check_place(file, error) || !check_note(file, name, error))
        return NULL;
    module = g_module_open(file, G_MODULE_BIND_LOCAL);
    if (module == NULL) {
        explain_open_failure(file, error);
        return NULL;
    }
    g_module_make_resident(module);
    if (!g_module_symbol(module, "mcp_plugin_desc", &symbol)) {
        refuse(error, file, "found no symbol mcp_plugin_desc");
        return NULL;
    }
    return mcp_plugin_check_desc(symbol, name, file, error) ? symbol : NULL;
}
