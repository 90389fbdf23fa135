/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ELF note of a plugin. The file is read as hostile bytes: every offset is checked.
 */
#include "plugin/note.h"

#include <elf.h>
#include <mcp/error.h>
#include <string.h>

static gboolean
fits(gsize length, guint64 offset, guint64 size)
{
    return offset <= length && size <= length - offset;
}

static const Elf64_Shdr *
section_at(const char *file, gsize length, const Elf64_Ehdr *header, guint index)
{
    guint64 offset = header->e_shoff + (guint64)index * sizeof(Elf64_Shdr);

    if (header->e_shoff > length || !fits(length, offset, sizeof(Elf64_Shdr)) ||
        offset % G_ALIGNOF(Elf64_Shdr) != 0)
        return NULL;
    return (const Elf64_Shdr *)(gconstpointer)(file + offset);
}

static gboolean
has_name(const char *file, gsize length, const Elf64_Shdr *names, const Elf64_Shdr *section)
{
    static const char wanted[] = ".note.mcp";
    guint64 offset = names->sh_offset + section->sh_name;

    return names->sh_offset <= length && fits(length, offset, sizeof wanted) &&
           memcmp(file + offset, wanted, sizeof wanted) == 0;
}

static const McpPluginElfNote *
find_note(const char *file, gsize length)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)(gconstpointer)file;
    const Elf64_Shdr *names;

    if (length < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_shentsize != sizeof(Elf64_Shdr))
        return NULL;
    names = section_at(file, length, header, header->e_shstrndx);
    for (guint i = 0; names != NULL && i < header->e_shnum; i++) {
        const Elf64_Shdr *section = section_at(file, length, header, i);

        if (section == NULL)
            return NULL;
        if (has_name(file, length, names, section) &&
            section->sh_size >= sizeof(McpPluginElfNote) &&
            fits(length, section->sh_offset, section->sh_size) && section->sh_offset % 4 == 0)
            return (const McpPluginElfNote *)(gconstpointer)(file + section->sh_offset);
    }
    return NULL;
}

gboolean
mcp_plugin_note_read(const char *file, McpPluginNote *out_note, GError **error)
{
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(file, FALSE, error);
    const McpPluginElfNote *note;

    if (mapped == NULL)
        return FALSE;
    note = find_note(g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped));
    if (note == NULL || note->desc_size != sizeof(McpPluginNote) ||
        note->note.magic != MCP_PLUGIN_MAGIC) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "%s: found no plugin identity, wanted an ELF note \".note.mcp\"", file);
        return FALSE;
    }
    *out_note = note->note;
    out_note->name[sizeof out_note->name - 1] = '\0';
    out_note->version[sizeof out_note->version - 1] = '\0';
    return TRUE;
}
