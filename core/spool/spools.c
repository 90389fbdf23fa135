/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spools of a core: their settings, who has one, and their records in words. Control context.
 */
#include "spool/spools.h"

#include "server/core.h"
#include "spool/record.h"

#include <mcp/host.h>
#include <string.h>

#define SECTION "spool"
#define FRAME 4
#define MAX_INFLATED (16 * 1024 * 1024)

struct _McpSpools {
    GPtrArray *spools; /* McpSpool, not owned */
};

const McpSettingDef mcp_spool_settings[] = {
    {SECTION, "directory", MCP_SETTING_PATH, "/var/lib/mcp/spool", NULL, MCP_SETTING_NONE, "0.1",
     "Folder of the spools, where records wait for those who take them."},
    {SECTION, "billing_size", MCP_SETTING_SIZE, "8G", "1M..1024G", MCP_SETTING_NONE, "0.1",
     "Call records are kept up to this size in a spool; none is dropped."},
    {SECTION, "events_size", MCP_SETTING_SIZE, "7G", "1M..1024G", MCP_SETTING_NONE, "0.1",
     "Events are kept up to this size in a spool; then the oldest are dropped."},
    {SECTION, "quality_size", MCP_SETTING_SIZE, "1G", "1M..1024G", MCP_SETTING_NONE, "0.1",
     "Operational and service quality records are kept up to this size in a spool; then the oldest "
     "are dropped."},
    {SECTION, "segment_size", MCP_SETTING_SIZE, "16M", "64K..128M", MCP_SETTING_NONE, "0.1",
     "Size of the files that a spool is cut into; a file goes when all in it has been taken."},
    {SECTION, "sync_interval", MCP_SETTING_DURATION, "200ms", "1ms..10s", MCP_SETTING_NONE, "0.1",
     "Records are on the disk itself after this time at the latest."},
    {SECTION, "sync_bytes", MCP_SETTING_SIZE, "256K", "4K..16M", MCP_SETTING_NONE, "0.1",
     "Records are brought to the disk itself at once when there are so many bytes of them."},
    {NULL},
};

const char *
mcp_spool_class_to_string(McpSpoolKind class_)
{
    static const char *const names[] = {"billing", "events", "quality"};

    return names[class_];
}

void
mcp_spool_options_read(McpSpoolOptions *options, McpSettings *settings, McpSpoolKind class_)
{
    static const char *const sizes[] = {"billing_size", "events_size", "quality_size"};

    options->class_ = class_;
    options->directory = mcp_settings_get_string(settings, SECTION, NULL, "directory");
    options->max_bytes = mcp_settings_get_int(settings, SECTION, NULL, sizes[class_]);
    options->segment_bytes = mcp_settings_get_int(settings, SECTION, NULL, "segment_size");
    options->sync_interval = mcp_settings_get_int(settings, SECTION, NULL, "sync_interval");
    options->sync_bytes = mcp_settings_get_int(settings, SECTION, NULL, "sync_bytes");
}

McpSpools *
mcp_spools_new(void)
{
    McpSpools *spools = g_new0(McpSpools, 1);

    spools->spools = g_ptr_array_new();
    return spools;
}

static void
on_spool_gone(gpointer data, GObject *spool)
{
    g_ptr_array_remove(((McpSpools *)data)->spools, spool);
}

void
mcp_spools_free(McpSpools *spools)
{
    for (guint i = 0; i < spools->spools->len; i++)
        g_object_weak_unref(spools->spools->pdata[i], on_spool_gone, spools);
    g_ptr_array_unref(spools->spools);
    g_free(spools);
}

void
mcp_spools_add(McpSpools *spools, McpSpool *spool)
{
    g_ptr_array_add(spools->spools, spool);
    g_object_weak_ref(G_OBJECT(spool), on_spool_gone, spools);
}

static gpointer
copy_ref(gconstpointer spool, gpointer user_data)
{
    return g_object_ref((gpointer)spool);
}

GPtrArray *
mcp_spools_list(McpSpools *spools)
{
    GPtrArray *list = g_ptr_array_copy(spools->spools, copy_ref, NULL);

    g_ptr_array_set_free_func(list, g_object_unref);
    return list;
}

/* (transfer full) (nullable): what a payload is; NULL when it is damaged, or is too much. */
static char *
inflate(GBytes *payload, gsize *out_length)
{
    g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize left = 0;
    const char *at = g_bytes_get_data(payload, &left);
    GConverterResult result = G_CONVERTER_CONVERTED;

    while (result != G_CONVERTER_FINISHED && out->len < MAX_INFLATED) {
        char part[16384];
        gsize took = 0;
        gsize gave = 0;

        result = g_converter_convert(G_CONVERTER(zlib), at, left, part, sizeof part,
                                     G_CONVERTER_INPUT_AT_END, &took, &gave, NULL);
        if (result == G_CONVERTER_ERROR)
            return NULL;
        g_byte_array_append(out, (const guint8 *)part, (guint)gave);
        at += took;
        left -= took;
    }
    if (result != G_CONVERTER_FINISHED)
        return NULL;
    *out_length = out->len;
    g_byte_array_append(out, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(g_steal_pointer(&out), FALSE);
}

static char *
payload_text(const McpSpoolRecord *record, gsize *out_length)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(record->payload, &length);

    if ((record->flags & MCP_SPOOL_DEFLATED) != 0)
        return inflate(record->payload, out_length);
    *out_length = length;
    return g_strndup(data != NULL ? data : "", length);
}

void
mcp_spool_record_describe(const McpSpoolRecord *record, McpJson *json)
{
    gsize length = 0;
    g_autofree char *payload = payload_text(record, &length);
    gsize head = (record->flags & MCP_SPOOL_FRAMED) != 0 && length >= FRAME ? FRAME : 0;
    const char *text = payload != NULL ? payload + head : NULL;

    mcp_json_int(json, "sequence", (gint64)record->sequence);
    mcp_json_string(json, "id", record->id);
    mcp_json_int(json, "kind", record->kind);
    mcp_json_time(json, "time", record->wall);
    if (*record->label != '\0')
        mcp_json_string(json, "label", record->label);
    if (*record->reason != '\0')
        mcp_json_string(json, "reason", record->reason);
    if (text != NULL && g_utf8_validate(text, (gssize)(length - head), NULL)) {
        mcp_json_string(json, "payload", text);
    } else {
        g_autofree char *base64 = g_base64_encode(g_bytes_get_data(record->payload, NULL),
                                                  g_bytes_get_size(record->payload));

        mcp_json_string(json, "payload_base64", base64);
    }
}
