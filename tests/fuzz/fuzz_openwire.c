/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of what a broker says: the input as a stream in pieces of a size that its length
 * chooses. libFuzzer calls from one thread.
 */
#include <openwire/openwire.h>

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look_at(const McpOpenwireCommand *command)
{
    gboolean failure = command->type == MCP_OPENWIRE_EXCEPTION_RESPONSE ||
                       command->type == MCP_OPENWIRE_CONNECTION_ERROR;

    if (failure != (command->error_class != NULL) || failure != (command->error_text != NULL))
        __builtin_trap();
    if (failure && (!g_utf8_validate(command->error_class, -1, NULL) ||
                    !g_utf8_validate(command->error_text, -1, NULL)))
        __builtin_trap();
    if (command->max_inactivity < 0 || command->max_frame < 0)
        __builtin_trap();
}

/* Text of any kind has its own length before it. */
static void
write_text(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) text = mcp_openwire_text((const char *)data, size);
    gsize length = 0;
    const guint8 *bytes = g_bytes_get_data(text, &length);
    guint32 said = 0;

    memcpy(&said, bytes, sizeof said);
    if (length < 4 || GUINT32_FROM_BE(said) != length - 4)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(McpOpenwireParser) parser = mcp_openwire_parser_new(4096);
    g_autoptr(GError) error = NULL;
    size_t piece = size % 7 * 40 + 1;

    write_text(data, size);
    for (size_t at = 0; at < size && error == NULL; at += piece) {
        McpOpenwireCommand *command = NULL;

        mcp_openwire_parser_push(parser, data + at, MIN(piece, size - at));
        while ((command = mcp_openwire_parser_next(parser, &error)) != NULL) {
            look_at(command);
            mcp_openwire_command_free(command);
        }
    }
    return 0;
}
