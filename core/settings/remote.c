/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings from elsewhere: "SECTION.KEY" and "SECTION.INSTANCE.KEY" become assignments that files
 * and environment override. Every name must be that of a setting.
 */
#include "settings/private.h"

#include <string.h>

/* What decides which plugins there are is read before anybody else can be asked. */
static const char *const local[] = {"core.plugins", "core.plugin_path", NULL};

typedef struct {
    const McpSchemaSection *section;
    char *instance;
    char *key;
} Place;

static void
place_clear(Place *place)
{
    g_clear_pointer(&place->instance, g_free);
    g_clear_pointer(&place->key, g_free);
}

/* "NAME" or "[NAME]", in which dots need no thought. */
static char *
read_instance(const char *text, gsize length)
{
    if (length > 0 && text[0] == '[')
        return length > 2 && text[length - 1] == ']' ? g_strndup(text + 1, length - 2) : NULL;
    return length > 0 ? g_strndup(text, length) : NULL;
}

/* Whether @name is a row of @section. */
static gboolean
fits(const McpSchemaSection *section, const char *name, Place *out_place)
{
    gsize path = strlen(section->path);
    const char *rest = name + path;
    const char *last = strrchr(name, '.');
    Place place = {.section = section};

    if (strncmp(name, section->path, path) != 0 || (*rest != '.' && *rest != '['))
        return FALSE;
    if (*rest == '.')
        rest++;
    if (last == NULL || last + 1 < rest || mcp_schema_section_find(section, last + 1) == NULL)
        return FALSE;
    if (section->named != (last > rest))
        return FALSE;
    if (section->named) {
        place.instance = read_instance(rest, (gsize)(last - rest));
        if (place.instance == NULL)
            return FALSE;
    }
    place.key = g_strdup(last + 1);
    *out_place = place;
    return TRUE;
}

/* The section with the longest path that fits. */
static gboolean
find_place(const McpSchema *schema, const char *name, Place *out_place)
{
    Place best = {0};

    for (guint i = 0; i < schema->sections->len; i++) {
        const McpSchemaSection *section = g_ptr_array_index(schema->sections, i);
        Place place = {0};

        if (!fits(section, name, &place))
            continue;
        if (best.section == NULL || strlen(section->path) > strlen(best.section->path)) {
            place_clear(&best);
            best = place;
        } else {
            place_clear(&place);
        }
    }
    *out_place = best;
    return best.section != NULL;
}

static McpAssignment *
find_before(const GPtrArray *assignments, const Place *place)
{
    for (guint i = assignments->len; i > 0; i--) {
        McpAssignment *assignment = g_ptr_array_index(assignments, i - 1);

        if (strcmp(assignment->section, place->section->path) == 0 &&
            g_strcmp0(assignment->instance, place->instance) == 0 &&
            strcmp(assignment->key, place->key) == 0)
            return assignment;
    }
    return NULL;
}

static void
add(GPtrArray *assignments, const Place *place, const McpConfigValue *value)
{
    McpAssignment *assignment = g_new0(McpAssignment, 1);

    assignment->section = g_strdup(place->section->path);
    assignment->instance = g_strdup(place->instance);
    assignment->key = g_strdup(place->key);
    assignment->text = g_strdup(value->text);
    assignment->file = g_strdup(value->origin);
    assignment->folder = g_strdup("/");
    g_ptr_array_add(assignments, assignment);
}

/* "key[0]" → "key"; FALSE when there is no such end. */
static gboolean
cut_index(char *name)
{
    char *open = strrchr(name, '[');
    gsize digits = open != NULL ? strspn(open + 1, "0123456789") : 0;

    if (digits == 0 || strcmp(open + 1 + digits, "]") != 0)
        return FALSE;
    *open = '\0';
    return TRUE;
}

static void
read_value(const McpSchema *schema, const McpConfigValue *value, GPtrArray *assignments,
           GPtrArray *errors)
{
    g_autofree char *name = g_strdup(value->name);
    gboolean part = cut_index(name);
    McpAssignment *before = NULL;
    Place place = {0};

    if (g_strv_contains(local, name)) {
        g_ptr_array_add(errors, g_strdup_printf("%s: %s can only be set on the host itself",
                                                value->origin, value->name));
        return;
    }
    if (!find_place(schema, name, &place)) {
        g_ptr_array_add(errors,
                        g_strdup_printf("%s: unknown setting %s", value->origin, value->name));
        return;
    }
    before = part ? find_before(assignments, &place) : NULL;
    if (before != NULL) {
        g_autofree char *first = before->text;

        before->text = g_strdup_printf("%s, %s", first, value->text);
    } else {
        add(assignments, &place, value);
    }
    place_clear(&place);
}

void
mcp_remote_read(const McpSchema *schema, const GPtrArray *values, GPtrArray *assignments,
                GPtrArray *errors)
{
    for (guint i = 0; values != NULL && i < values->len; i++)
        read_value(schema, g_ptr_array_index(values, i), assignments, errors);
}
