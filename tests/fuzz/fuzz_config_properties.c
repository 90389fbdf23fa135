/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of a configuration server's answers: each setting that is read is one line within the
 * bounds, and was decrypted. libFuzzer calls from one thread.
 */
#include <properties.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) body = g_bytes_new_static(data, size);
    g_autoptr(GPtrArray) values = mcp_properties_read(body, "app", "mcp.", NULL);

    for (guint i = 0; values != NULL && i < values->len; i++) {
        const McpConfigValue *value = g_ptr_array_index(values, i);

        if (strlen(value->name) > MCP_PROPERTY_NAME_MAX || strchr(value->text, '\n') != NULL ||
            strlen(value->text) > MCP_PROPERTY_TEXT_MAX || strchr(value->origin, '\n') != NULL ||
            g_str_has_prefix(value->text, "{cipher}"))
            __builtin_trap();
    }
    return 0;
}
