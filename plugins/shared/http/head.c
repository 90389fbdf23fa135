/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header fields of a response that outlive the exchange: plain strings, so that a stored
 * response can be read on any thread. Pure functions.
 */
#include "head.h"

#define N_FIELDS 12

/* The fields in one order, for all that is done to each of them. */
static void
list_fields(McpHttpHead *head, char **fields[N_FIELDS])
{
    char **all[N_FIELDS] = {&head->cache_control, &head->pragma,
                            &head->age,           &head->date,
                            &head->expires,       &head->etag,
                            &head->last_modified, &head->vary,
                            &head->location,      &head->content_location,
                            &head->content_type,  &head->charset};

    for (guint i = 0; i < N_FIELDS; i++)
        fields[i] = all[i];
}

void
mcp_http_head_copy(const McpHttpHead *from, McpHttpHead *to)
{
    char **fields[N_FIELDS];

    *to = *from;
    list_fields(to, fields);
    for (guint i = 0; i < N_FIELDS; i++)
        *fields[i] = g_strdup(*fields[i]);
}

void
mcp_http_head_update(McpHttpHead *head, const McpHttpHead *news)
{
    McpHttpHead fresh = *news;
    char **old_fields[N_FIELDS];
    char **new_fields[N_FIELDS];

    list_fields(head, old_fields);
    list_fields(&fresh, new_fields);
    for (guint i = 0; i < N_FIELDS; i++) {
        if (*new_fields[i] == NULL)
            continue;
        g_free(*old_fields[i]);
        *old_fields[i] = g_strdup(*new_fields[i]);
    }
    /* Age is of the answer that came last; an old one would count twice. */
    if (news->age == NULL)
        g_clear_pointer(&head->age, g_free);
}

void
mcp_http_head_clear(McpHttpHead *head)
{
    char **fields[N_FIELDS];

    list_fields(head, fields);
    for (guint i = 0; i < N_FIELDS; i++)
        g_clear_pointer(fields[i], g_free);
}
