/* SPDX-License-Identifier: Apache-2.0 */
/* Compares what a session did with what its test says. One thread. */
#include "expectations.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"

const char *
test_get(const Test *test, const char *key)
{
    const char *value = g_hash_table_lookup(test->said, key);

    return value != NULL ? value : "";
}

void
expectations_serve(SessionRun *run, const char *list)
{
    g_auto(GStrv) rows = g_strsplit(list, ";", -1);

    for (guint i = 0; rows[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(g_strstrip(rows[i]), " ", 2);
        gint64 delay;

        if (words[0] == NULL || words[1] == NULL)
            continue;
        if (strcmp(words[1], "silent") == 0)
            fake_fetcher_add_silence(run->fetcher, words[0]);
        else if (strcmp(words[1], "refused") == 0)
            fake_fetcher_add_refusal(run->fetcher, words[0]);
        else if (strcmp(words[1], "timeout") == 0)
            fake_fetcher_add_status(run->fetcher, words[0], 0);
        else if (mcp_vxml_time(words[1], &delay))
            fake_fetcher_add_delay(run->fetcher, words[0], run->clock, delay);
        else
            fake_fetcher_add_status(run->fetcher, words[0], (guint)atoi(words[1]));
    }
}

/* (transfer full): the words themselves; for "@FILE" what the audio of that file is called. */
static char *
wanted(const GPtrArray *folders, const char *words)
{
    if (*words != '@')
        return g_strdup(words);
    for (guint i = 0; i < folders->len; i++) {
        g_autofree char *path = g_build_filename(folders->pdata[i], words + 1, NULL);
        g_autoptr(GBytes) bytes = NULL;
        char *data;
        gsize length;

        if (!g_file_get_contents(path, &data, &length, NULL))
            continue;
        bytes = g_bytes_new_take(data, length);
        return fake_audio_name(bytes);
    }
    return g_strdup_printf("(no file %s)", words + 1);
}

static char *
join(const GPtrArray *lines)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(all, "%s\n", (char *)lines->pdata[i]);
    return g_string_free(all, FALSE);
}

/* Pieces that must be there in this order, separated by "|". */
static gboolean
in_order(const GPtrArray *folders, const char *text, const char *list)
{
    g_auto(GStrv) pieces = g_strsplit(list, "|", -1);

    for (guint i = 0; pieces[i] != NULL; i++) {
        g_autofree char *piece = wanted(folders, pieces[i]);

        text = strstr(text, piece);
        if (text == NULL)
            return FALSE;
        text += strlen(piece);
    }
    return TRUE;
}

static gboolean
none_of(const GPtrArray *folders, const char *text, const char *list)
{
    g_auto(GStrv) pieces = g_strsplit(list, "|", -1);

    for (guint i = 0; pieces[i] != NULL; i++) {
        g_autofree char *piece = wanted(folders, pieces[i]);

        if (*piece != '\0' && strstr(text, piece) != NULL)
            return FALSE;
    }
    return TRUE;
}

static char *
log_lines(const SessionRun *run)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < run->told->len; i++) {
        const char *line = run->told->pdata[i];
        const char *text = strstr(line, "\"text\":");

        if (strstr(line, "\"what\":\"log\"") != NULL && text != NULL)
            g_string_append_printf(all, "%s\n", text + strlen("\"text\":"));
    }
    return g_string_free(all, FALSE);
}

/* Compares @text with what the test says under @yes and @no; (nullable): the key that failed. */
static const char *
compare(const Test *test, const GPtrArray *folders, const char *text, const char *yes,
        const char *no)
{
    if (*test_get(test, yes) != '\0' && !in_order(folders, text, test_get(test, yes)))
        return yes;
    if (no != NULL && !none_of(folders, text, test_get(test, no)))
        return no;
    return NULL;
}

static gboolean
lasted(const SessionRun *run, const char *range)
{
    g_auto(GStrv) ends = g_strsplit(range, " ", 2);
    gint64 from;
    gint64 to;

    return ends[0] != NULL && ends[1] != NULL && mcp_vxml_time(ends[0], &from) &&
           mcp_vxml_time(ends[1], &to) && run->lasted >= from && run->lasted <= to;
}

/* What was done to others, all of it. */
static gboolean
all_done(const GPtrArray *log, const char *list)
{
    g_auto(GStrv) deeds = g_strsplit(list, "|", -1);

    if (g_strv_length(deeds) != log->len)
        return FALSE;
    for (guint i = 0; i < log->len; i++)
        if (strcmp(deeds[i], log->pdata[i]) != 0)
            return FALSE;
    return TRUE;
}

char *
expectations_failed(const Test *test, SessionRun *run, const GPtrArray *folders)
{
    g_autofree char *heard = join(fake_leg_get_heard(run->leg));
    g_autofree char *asked = join(fake_fetcher_get_requests(run->fetcher));
    g_autofree char *logged = log_lines(run);
    const char *result = *test_get(test, "result") != '\0' ? test_get(test, "result") : "\"pass\"";
    const char *failed = compare(test, folders, heard, "heard", "unheard");

    if (g_strcmp0(run->result != NULL ? run->result : "-", result) != 0)
        return g_strdup_printf("result %s, ended by %s", run->result, run->reason);
    if (failed == NULL)
        failed = compare(test, folders, asked, "asked", "unasked");
    if (failed == NULL)
        failed = compare(test, folders, logged, "logged", "unlogged");
    if (failed == NULL)
        failed = compare(test, folders, run->body != NULL ? run->body : "", "body", NULL);
    if (failed == NULL)
        failed = compare(test, folders, run->reason != NULL ? run->reason : "", "reason", NULL);
    if (failed == NULL && *test_get(test, "done") != '\0' &&
        !all_done(fake_dialler_get_log(run->dialler), test_get(test, "done")))
        failed = "done";
    if (failed == NULL && *test_get(test, "lasts") != '\0' && !lasted(run, test_get(test, "lasts")))
        return g_strdup_printf("lasted %d ms", (int)(run->lasted / 1000));
    return failed != NULL ? g_strdup_printf("%s is otherwise", failed) : NULL;
}
