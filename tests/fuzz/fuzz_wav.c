/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the audio containers: what is found lies within the file and can be played, and
 * the type of raw audio comes from outside too.
 */
#include "player/container.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the content type, what follows is the file. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = memchr(data, '\n', size);
    size_t length = line != NULL ? (size_t)(line - data) : 0;
    g_autofree char *type = g_strndup((const char *)data, length);
    McpMediaContent content;

    if (line != NULL) {
        data = line + 1;
        size -= length + 1;
    }
    if (!mcp_media_container_parse(data, size, type, &content, NULL))
        return 0;
    if (content.data < data || content.data + content.length > data + size ||
        content.format.rate < 8000 || content.format.rate > 48000 || content.format.channels < 1 ||
        content.format.channels > 2)
        __builtin_trap();
    return 0;
}
