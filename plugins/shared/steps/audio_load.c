/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audio that an operator names, from a file as scripts read theirs, or by a URL. Control context.
 */
#include "audio_load.h"

#include <mcp/contract/fetcher.h>
#include <mcp/error.h>

#include "audio_files.h"

typedef struct {
    McpHost *host;
    char *where;
    McpSteps *steps; /* nullable: a script of one step, whose file is read */
    McpAudio *audio; /* nullable: until it is read */
} Load;

static void
load_free(gpointer data)
{
    Load *load = data;

    g_object_unref(load->host);
    g_free(load->where);
    g_clear_pointer(&load->steps, mcp_steps_free);
    g_clear_pointer(&load->audio, mcp_audio_unref);
    g_free(load);
}

static void
on_prepared(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    Load *load = g_task_get_task_data(task);
    GError *error = NULL;

    if (mcp_media_prepare_finish(MCP_MEDIA(source), result, NULL, &error)) {
        g_task_return_pointer(task, mcp_audio_ref(load->audio), (GDestroyNotify)mcp_audio_unref);
        return;
    }
    g_prefix_error(&error, "%s: ", load->where);
    g_task_return_error(task, error);
}

/* What cannot be played is told to whoever asked, not to a room that stays silent. */
static void
prepare(GTask *task)
{
    Load *load = g_task_get_task_data(task);
    g_autoptr(McpMedia) media = mcp_host_lookup(load->host, MCP_CONTRACT_MEDIA, NULL);

    if (media == NULL)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_CLOSED, "no media service is running");
    else
        mcp_media_prepare_async(media, NULL, load->audio, NULL, on_prepared, g_object_ref(task));
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    Load *load = g_task_get_task_data(task);
    const McpStep *step = g_ptr_array_index(load->steps->steps, 0);
    GError *error = NULL;

    if (!mcp_audio_files_finish(result, &error)) {
        g_task_return_error(task, error);
        return;
    }
    load->audio = mcp_audio_ref(step->audio);
    prepare(task);
}

static void
read_file(GTask *task)
{
    Load *load = g_task_get_task_data(task);
    McpJson *json = mcp_json_new();
    g_autofree char *script = NULL;
    GError *error = NULL;

    mcp_json_begin_array(json, NULL);
    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "play", load->where);
    mcp_json_end_object(json);
    mcp_json_end_array(json);
    script = mcp_json_finish(json);
    load->steps = mcp_steps_parse(script, &error);
    if (load->steps == NULL)
        g_task_return_error(task, error);
    else
        mcp_audio_files_read_async(mcp_host_get_pool(load->host, MCP_POOL_DISK), load->steps, NULL,
                                   on_read, g_object_ref(task));
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    Load *load = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts = NULL;

    if (response == NULL) {
        g_prefix_error(&error, "%s: ", load->where);
        g_task_return_error(task, error);
        return;
    }
    facts = mcp_fetch_response_get_facts(response);
    if (facts->status != 200) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_NOT_FOUND, "%s: HTTP status %u",
                                load->where, facts->status);
        return;
    }
    load->audio = mcp_audio_new(facts->body, facts->content_type, facts->content_id);
    prepare(task);
}

static void
fetch(GTask *task)
{
    Load *load = g_task_get_task_data(task);
    g_autoptr(McpFetcher) fetcher = mcp_host_lookup(load->host, MCP_CONTRACT_FETCHER, NULL);
    const McpFetchRequest request = {
        .url = load->where, .method = "GET", .max_age = -1, .max_stale = -1};

    if (fetcher == NULL)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_CLOSED, "no fetcher is running");
    else
        mcp_fetcher_fetch_async(fetcher, &request, NULL, on_fetched, g_object_ref(task));
}

void
mcp_audio_load_async(McpHost *host, const char *where, GAsyncReadyCallback callback,
                     gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    Load *load = g_new0(Load, 1);

    load->host = g_object_ref(host);
    load->where = g_strdup(where);
    g_task_set_task_data(task, load, load_free);
    if (g_path_is_absolute(where))
        read_file(task);
    else
        fetch(task);
}

McpAudio *
mcp_audio_load_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
