/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings from the environment: MCP__SECTION__KEY and MCP__SECTION__INSTANCE__KEY, upper-cased,
 * with
 * ".", "-" and blanks as "_". What fits no row, or more than one, is a fault.
 */
#include "settings/private.h"

#include <string.h>

#define PREFIX "MCP__"

static char *
env_form(const char *name)
{
    char *form = g_ascii_strup(name, -1);

    for (char *p = form; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p))
            *p = '_';
    }
    return form;
}

/* The instance that a middle part names: an existing one, or a new one in lower case. */
static char *
find_instance(GPtrArray *assignments, const char *section, const char *middle)
{
    for (guint i = 0; i < assignments->len; i++) {
        const McpAssignment *assignment = g_ptr_array_index(assignments, i);
        g_autofree char *form =
            assignment->instance != NULL ? env_form(assignment->instance) : NULL;

        if (strcmp(assignment->section, section) == 0 && g_strcmp0(form, middle) == 0)
            return g_strdup(assignment->instance);
    }
    return g_ascii_strdown(middle, -1);
}

/* Whether @name (after the prefix) is this row; @out_middle is the instance part of named ones. */
static gboolean
row_fits(const McpSchemaSection *section, const McpSettingDef *row, const char *name,
         char **out_middle)
{
    g_autofree char *path = env_form(section->path);
    g_autofree char *key = env_form(row->key);
    g_autofree char *head = g_strconcat(path, "__", NULL);
    g_autofree char *tail = g_strconcat("__", key, NULL);
    gsize length = strlen(name);

    if (!section->named) {
        g_autofree char *whole = g_strconcat(path, tail, NULL);

        return strcmp(name, whole) == 0;
    }
    if (!g_str_has_prefix(name, head) || !g_str_has_suffix(name, tail) ||
        length <= strlen(head) + strlen(tail))
        return FALSE;
    *out_middle = g_strndup(name + strlen(head), length - strlen(head) - strlen(tail));
    return TRUE;
}

typedef struct {
    const McpSchemaSection *section;
    const McpSettingDef *row;
    char *middle;
    guint fits;
} Fit;

static void
find_row(const McpSchema *schema, const char *name, Fit *fit)
{
    for (guint i = 0; i < schema->sections->len; i++) {
        const McpSchemaSection *section = g_ptr_array_index(schema->sections, i);

        for (guint j = 0; j < section->rows->len; j++) {
            const McpSettingDef *row = g_ptr_array_index(section->rows, j);
            g_autofree char *middle = NULL;

            if (!row_fits(section, row, name, &middle))
                continue;
            fit->fits++;
            fit->section = section;
            fit->row = row;
            g_free(fit->middle);
            fit->middle = g_steal_pointer(&middle);
        }
    }
}

static void
read_variable(const McpSchema *schema, const char *name, const char *value, GPtrArray *assignments,
              GPtrArray *errors)
{
    Fit fit = {0};
    McpAssignment *assignment;

    find_row(schema, name + strlen(PREFIX), &fit);
    if (fit.fits != 1) {
        g_ptr_array_add(errors, g_strdup_printf("environment: %s fits %s setting", name,
                                                fit.fits == 0 ? "no" : "more than one"));
        g_free(fit.middle);
        return;
    }
    assignment = g_new0(McpAssignment, 1);
    assignment->section = g_strdup(fit.section->path);
    if (fit.section->named)
        assignment->instance = find_instance(assignments, fit.section->path, fit.middle);
    assignment->key = g_strdup(fit.row->key);
    assignment->text = g_strdup(value);
    assignment->file = g_strdup("environment");
    assignment->folder = g_get_current_dir();
    g_ptr_array_add(assignments, assignment);
    g_free(fit.middle);
}

void
mcp_environment_read(const McpSchema *schema, const char *const *environ, GPtrArray *assignments,
                     GPtrArray *errors)
{
    for (guint i = 0; environ != NULL && environ[i] != NULL; i++) {
        const char *equals = strchr(environ[i], '=');
        g_autofree char *name = NULL;

        if (equals == NULL || !g_str_has_prefix(environ[i], PREFIX))
            continue;
        name = g_strndup(environ[i], (gsize)(equals - environ[i]));
        read_variable(schema, name, equals + 1, assignments, errors);
    }
}
