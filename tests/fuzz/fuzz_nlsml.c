/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of recognizers' results: what is read is written in both forms, and must be read
 * again with as many interpretations, each of the same kind with the same words. libFuzzer calls
 * from one thread.
 */
#include <mrcp/nlsml.h>

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_again(McpMrcpVersion version, const GPtrArray *interpretations)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(McpMrcpInterpretation));
    g_autofree char *text = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GPtrArray) again = NULL;

    for (guint i = 0; i < interpretations->len; i++)
        g_array_append_vals(all, interpretations->pdata[i], 1);
    text =
        mcp_mrcp_nlsml_write(version, (const McpMrcpInterpretation *)(void *)all->data, all->len);
    bytes = g_bytes_new_static(text, strlen(text));
    again = mcp_mrcp_nlsml_parse(bytes, NULL);
    if (again == NULL || again->len != interpretations->len)
        __builtin_trap();
    for (guint i = 0; i < again->len; i++) {
        const McpMrcpInterpretation *before = interpretations->pdata[i];
        const McpMrcpInterpretation *after = again->pdata[i];

        if (before->input != after->input || !g_str_equal(before->text, after->text) ||
            after->confidence > 1.0)
            __builtin_trap();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    g_autoptr(GPtrArray) interpretations = mcp_mrcp_nlsml_parse(bytes, NULL);

    if (interpretations == NULL)
        return 0;
    write_again(MCP_MRCP_V1, interpretations);
    write_again(MCP_MRCP_V2, interpretations);
    return 0;
}
