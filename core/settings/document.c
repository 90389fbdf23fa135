/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line reader of configuration files: sections, "key = value", "key += item", comments. It
 * keeps
 * file, line and column of every key, collects all faults and refuses duplicates within a file.
 */
#include "settings/private.h"

#include <string.h>

#define MAX_FILE (4 * 1024 * 1024)

typedef struct {
    const char *file;
    char *folder;
    guint line;
    char *section; /* NULL before the first heading or after a broken one */
    char *instance;
    gboolean broken;
    GHashTable *seen; /* "section\ninstance[\nkey]" → line */
    GPtrArray *assignments;
    GPtrArray *errors;
} Reader;

void
mcp_assignment_free(McpAssignment *assignment)
{
    g_free(assignment->section);
    g_free(assignment->instance);
    g_free(assignment->key);
    g_free(assignment->text);
    g_free(assignment->file);
    g_free(assignment->folder);
    g_free(assignment);
}

static void G_GNUC_PRINTF(3, 4) fault(Reader *reader, guint column, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(reader->errors,
                    g_strdup_printf("%s:%u:%u: %s", reader->file, reader->line, column, text));
}

static void
add(Reader *reader, const char *key, const char *text, gboolean append, guint column)
{
    McpAssignment *assignment = g_new0(McpAssignment, 1);

    assignment->section = g_strdup(reader->section);
    assignment->instance = g_strdup(reader->instance);
    assignment->key = g_strdup(key);
    assignment->text = g_strdup(text);
    assignment->append = append;
    assignment->file = g_strdup(reader->file);
    assignment->folder = g_strdup(reader->folder);
    assignment->line = reader->line;
    assignment->column = column;
    g_ptr_array_add(reader->assignments, assignment);
}

/* FALSE, with a fault, when the name stands twice in this file. */
static gboolean
first_time(Reader *reader, const char *key, guint column)
{
    g_autofree char *name =
        g_strdup_printf("%s\n%s\n%s", reader->section,
                        reader->instance != NULL ? reader->instance : "", key != NULL ? key : "");
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(reader->seen, name));

    if (before == 0) {
        g_hash_table_insert(reader->seen, g_steal_pointer(&name), GUINT_TO_POINTER(reader->line));
        return TRUE;
    }
    if (key != NULL)
        fault(reader, column, "key \"%s\" stands already in line %u", key, before);
    else
        fault(reader, column, "section stands already in line %u", before);
    return FALSE;
}

static gboolean
is_name(const char *text)
{
    if (*text == '\0')
        return FALSE;
    for (const char *p = text; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && strchr("._-", *p) == NULL)
            return FALSE;
    }
    return TRUE;
}

/* [section] or [section "instance"]; @text begins at the bracket. */
static gboolean
parse_heading(Reader *reader, char *text)
{
    char *end = strrchr(text, ']');
    char *quote = strchr(text, '"');
    char *last = end;

    g_clear_pointer(&reader->section, g_free);
    g_clear_pointer(&reader->instance, g_free);
    if (end == NULL || *g_strstrip(end + 1) != '\0')
        return FALSE;
    *last = '\0';
    if (quote != NULL) {
        char *close = strrchr(quote + 1, '"');

        if (close == NULL || *g_strstrip(close + 1) != '\0' || close == quote + 1)
            return FALSE;
        *close = '\0';
        *quote = '\0';
        reader->instance = g_strdup(quote + 1);
    }
    g_strstrip(text + 1);
    if (!is_name(text + 1))
        return FALSE;
    reader->section = g_strdup(text + 1);
    return TRUE;
}

static void
read_heading(Reader *reader, char *text, guint column)
{
    reader->broken = !parse_heading(reader, text);
    if (reader->broken)
        fault(reader, column, "section heading is to be [name] or [name \"instance\"]");
    else if (first_time(reader, NULL, column))
        add(reader, NULL, NULL, FALSE, column);
}

static void
read_key(Reader *reader, char *text, guint column)
{
    char *equals = strchr(text, '=');
    gboolean append = FALSE;

    if (equals == NULL) {
        fault(reader, column, "expected \"key = value\"");
        return;
    }
    *equals = '\0';
    if (equals > text && equals[-1] == '+') {
        append = TRUE;
        equals[-1] = '\0';
    }
    g_strstrip(text);
    if (!is_name(text))
        fault(reader, column, "\"%s\" is not a key", text);
    else if (reader->section == NULL && !reader->broken)
        fault(reader, column, "key \"%s\" stands before the first section", text);
    else if (reader->section != NULL && (append || first_time(reader, text, column)))
        add(reader, text, g_strstrip(equals + 1), append, column);
}

static void
read_line(Reader *reader, char *line)
{
    char *text = line + strspn(line, " \t");
    guint column = (guint)(text - line) + 1;

    g_strchomp(text);
    if (*text == '\0' || *text == '#' || *text == ';')
        return;
    if (!g_utf8_validate(text, -1, NULL))
        fault(reader, column, "line is not UTF-8");
    else if (*text == '[')
        read_heading(reader, text, column);
    else
        read_key(reader, text, column);
}

void
mcp_document_read(const char *file, GPtrArray *assignments, GPtrArray *errors)
{
    g_autofree char *contents = NULL;
    g_autofree char *folder = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = NULL;
    gsize length;
    Reader reader = {.file = file, .assignments = assignments, .errors = errors};

    if (!g_file_get_contents(file, &contents, &length, &error)) {
        g_ptr_array_add(errors, g_strdup_printf("%s:0:0: %s", file, error->message));
        return;
    }
    if (length > MAX_FILE || strlen(contents) != length) {
        g_ptr_array_add(errors, g_strdup_printf("%s:0:0: not a text file of at most 4 MiB", file));
        return;
    }
    folder = g_path_get_dirname(file);
    reader.folder = g_canonicalize_filename(folder, NULL);
    reader.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    lines = g_strsplit(contents, "\n", -1);
    for (reader.line = 1; lines[reader.line - 1] != NULL; reader.line++)
        read_line(&reader, lines[reader.line - 1]);
    g_hash_table_unref(reader.seen);
    g_free(reader.section);
    g_free(reader.instance);
    g_free(reader.folder);
}
