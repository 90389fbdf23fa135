/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How words are said: the dictionary of the model, which stays in the file, with an index of its
 * lines; and rules of spelling for what it does not have. Recognizer's threads.
 */
#include "pronunciation.h"
#include <mcp/error.h>
#include <string.h>

#define WORD_MAX 64
#define VARIANTS_MAX 8
#define EDGES ".,!?;:\""

struct _McpPronunciations {
    GMappedFile *file;
    const char *text;
    gsize size;
    McpSpell spell;
    GArray *lines; /* guint32: where lines begin, in order of their words */
};

/* The word of a line ends at a blank, which sorts before all that words have. */
static int
compare_word(const char *line, const char *word)
{
    while (*word != '\0' && *line == *word) {
        line++;
        word++;
    }
    return (int)(*line == ' ' ? 0 : (guchar)*line) - (int)(guchar)*word;
}

static gint
compare_lines(gconstpointer a, gconstpointer b, gpointer user_data)
{
    const McpPronunciations *self = user_data;
    const char *left = self->text + *(const guint32 *)a;
    const char *right = self->text + *(const guint32 *)b;

    while (*left == *right && *left != ' ') {
        left++;
        right++;
    }
    return (*left == ' ' ? 0 : (guchar)*left) - (*right == ' ' ? 0 : (guchar)*right);
}

/* Only lines of a word, a blank and more, all within the file, are kept. */
static void
read_lines(McpPronunciations *self)
{
    gsize at = 0;

    while (at < self->size) {
        const char *line = self->text + at;
        const char *end = memchr(line, '\n', self->size - at);
        const char *blank = end != NULL ? memchr(line, ' ', (gsize)(end - line)) : NULL;
        guint32 begin = (guint32)at;

        if (blank != NULL && blank != line)
            g_array_append_val(self->lines, begin);
        if (end == NULL)
            return;
        at = (gsize)(end - self->text) + 1;
    }
}

McpPronunciations *
mcp_pronunciations_open(const char *path, McpSpell spell, GError **error)
{
    g_autoptr(McpPronunciations) self = g_new0(McpPronunciations, 1);

    self->lines = g_array_new(FALSE, FALSE, sizeof(guint32));
    self->spell = spell;
    self->file = g_mapped_file_new(path, FALSE, error);
    if (self->file == NULL)
        return NULL;
    self->text = g_mapped_file_get_contents(self->file);
    self->size = MIN(g_mapped_file_get_length(self->file), G_MAXUINT32);
    read_lines(self);
    g_array_sort_with_data(self->lines, compare_lines, self);
    return g_steal_pointer(&self);
}

void
mcp_pronunciations_free(McpPronunciations *self)
{
    g_clear_pointer(&self->file, g_mapped_file_unref);
    g_array_unref(self->lines);
    g_free(self);
}

static char *
find_line(const McpPronunciations *self, const char *word)
{
    guint low = 0;
    guint high = self->lines->len;

    while (low < high) {
        guint middle = (low + high) / 2;
        const char *line = self->text + g_array_index(self->lines, guint32, middle);
        int order = compare_word(line, word);

        if (order == 0) {
            line = strchr(line, ' ') + 1;
            return g_strstrip(g_strndup(line, (gsize)(strchr(line, '\n') - line)));
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* "a", "a(2)", "a(3)" … */
static gboolean
find_variants(const McpPronunciations *self, const char *word, GPtrArray *found)
{
    char *phones = find_line(self, word);

    for (guint i = 2; phones != NULL && i <= VARIANTS_MAX; i++) {
        g_autofree char *next = g_strdup_printf("%s(%u)", word, i);

        g_ptr_array_add(found, phones);
        phones = find_line(self, next);
    }
    g_free(phones);
    return found->len > 0;
}

static gboolean
is_word(const char *word)
{
    gsize letters = 0;

    for (const char *c = word; *c != '\0'; c++) {
        if (!g_ascii_islower(*c) && strchr("'.-", *c) == NULL)
            return FALSE;
        letters += g_ascii_islower(*c) ? 1 : 0;
    }
    return letters > 0;
}

/* In small letters and without what stands around it. */
static char *
bare_word(const char *word)
{
    const char *end = word + strlen(word);

    word += strspn(word, EDGES);
    while (end > word && strchr(EDGES, end[-1]) != NULL)
        end--;
    return g_ascii_strdown(word, end - word);
}

static char *
find_parts(const McpPronunciations *self, const char *word)
{
    g_auto(GStrv) parts = g_strsplit_set(word, "-.", -1);
    GString *all = g_string_new(NULL);

    for (guint i = 0; parts[i] != NULL; i++) {
        g_autofree char *phones = *parts[i] != '\0' ? find_line(self, parts[i]) : NULL;

        if (phones == NULL && *parts[i] != '\0')
            phones = self->spell(parts[i]);
        if (phones != NULL)
            g_string_append_printf(all, "%s%s", all->len > 0 ? " " : "", phones);
        else if (*parts[i] != '\0')
            return g_string_free(all, TRUE);
    }
    return g_string_free(all, all->len == 0);
}

char **
mcp_pronunciations_find(const McpPronunciations *self, const char *word, GError **error)
{
    static const char *const digits[] = {"zero", "one", "two",   "three", "four",
                                         "five", "six", "seven", "eight", "nine"};
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *bare = bare_word(word);
    char *phones = NULL;

    if (g_ascii_isdigit(*bare) && bare[1] == '\0') {
        const char *name = digits[*bare - '0'];

        g_free(bare);
        bare = g_strdup(name);
    }
    if (strlen(word) <= WORD_MAX && is_word(bare) && !find_variants(self, bare, found)) {
        phones = find_parts(self, bare);
        if (phones != NULL)
            g_ptr_array_add(found, phones);
    }
    if (found->len == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "no pronunciation of the word '%.80s' is known", word);
        return NULL;
    }
    g_ptr_array_add(found, NULL);
    return (char **)g_ptr_array_steal(found, NULL);
}
