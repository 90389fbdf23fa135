/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/audio.h>

G_BEGIN_DECLS

/**
 * McpPromptFolder: prompts as files, bounded in bytes: the ones not asked for the longest go first.
 * Files are written aside and renamed, and carry a checksum: what is not whole is no prompt.
 * Functions block (disk pool) but where it is said; any thread.
 */
typedef struct _McpPromptFolder McpPromptFolder;

/** McpPromptFolderFigures: of this moment. */
typedef struct {
    guint entries;
    guint64 bytes;
    guint64 failures; /* reads and writes that went wrong */
} McpPromptFolderFigures;

/** mcp_prompt_folder_new: (transfer full): does not block. */
McpPromptFolder *mcp_prompt_folder_new(const char *path, guint64 limit);
/** mcp_prompt_folder_free: does not block; the files stay. */
void mcp_prompt_folder_free(McpPromptFolder *folder);
/** mcp_prompt_folder_set_limit: what is too much goes with the next file; does not block. */
void mcp_prompt_folder_set_limit(McpPromptFolder *folder, guint64 limit);
/** mcp_prompt_folder_open: makes the folder and takes over what is in it. */
gboolean mcp_prompt_folder_open(McpPromptFolder *folder, GError **error);
/** mcp_prompt_folder_has: whether to look for @key; does not block. */
gboolean mcp_prompt_folder_has(McpPromptFolder *folder, const char *key);
/** mcp_prompt_folder_read: (transfer full) (nullable): a file that is not whole is removed. */
McpAudio *mcp_prompt_folder_read(McpPromptFolder *folder, const char *key, GError **error);
/** mcp_prompt_folder_write: @audio, which is at its end, as @key: [0-9a-f]… */
gboolean mcp_prompt_folder_write(McpPromptFolder *folder, const char *key, McpAudio *audio,
                                 GError **error);
/** mcp_prompt_folder_flush: removes all files. */
void mcp_prompt_folder_flush(McpPromptFolder *folder);
/** mcp_prompt_folder_get_figures: does not block. */
void mcp_prompt_folder_get_figures(McpPromptFolder *folder, McpPromptFolderFigures *out_figures);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPromptFolder, mcp_prompt_folder_free)

G_END_DECLS
