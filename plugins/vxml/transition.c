/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaving one dialog for another: <goto>, <submit>, choices and links, and what becomes of the
 * variables of root and leaf documents (VoiceXML 2.0 §1.5.2). On the machine's thread.
 */
#include <string.h>

#include "interpreter_scopes.h"
#include "trace_notes.h"

void
mcp_vxml_fetch_clear(McpVxmlFetch *fetch)
{
    g_clear_pointer(&fetch->url, g_free);
    g_clear_pointer(&fetch->method, g_free);
    g_clear_pointer(&fetch->content_type, g_free);
    g_clear_pointer(&fetch->submission, mcp_vxml_submission_free);
}

static gint64
age(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *kind,
    const char *name)
{
    g_autofree char *property = g_strconcat(kind, name, NULL);
    const char *value = mcp_vxml_element_get(element, name);
    gint64 seconds;

    if (value == NULL)
        value = mcp_vxml_property(interpreter, property);
    return value != NULL && mcp_vxml_number(value, &seconds) ? seconds : -1;
}

void
mcp_vxml_fill_fetch(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                    const char *kind, McpVxmlFetch *fetch)
{
    const char *timeout = mcp_vxml_element_get(element, "fetchtimeout");

    if (timeout == NULL || !mcp_vxml_time(timeout, &fetch->timeout))
        fetch->timeout = mcp_vxml_property_time(interpreter, "fetchtimeout", 0);
    fetch->max_age = age(interpreter, element, kind, "maxage");
    fetch->max_stale = age(interpreter, element, kind, "maxstale");
}

static char *
add_query(const char *url, McpVxmlSubmission *submission)
{
    g_autofree char *query = mcp_vxml_submission_to_urlencoded(submission);
    gsize length = strcspn(url, "#");
    g_autofree char *plain = g_strndup(url, length);

    if (*query == '\0')
        return g_steal_pointer(&plain);
    return g_strdup_printf("%s%s%s", plain, strchr(plain, '?') != NULL ? "&" : "?", query);
}

static gboolean
set_body(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, McpVxmlFetch *fetch,
         McpVxmlSubmission *submission)
{
    const char *method = mcp_vxml_element_get(element, "method");
    const char *enctype = mcp_vxml_element_get(element, "enctype");
    gboolean post = method != NULL && g_ascii_strcasecmp(method, "post") == 0;
    gboolean multipart = enctype != NULL && strcmp(enctype, "multipart/form-data") == 0;

    if (enctype != NULL && !multipart && strcmp(enctype, "application/x-www-form-urlencoded") != 0)
        return mcp_vxml_throw(interpreter, "error.unsupported.format", "enctype \"%s\"", enctype);
    if (mcp_vxml_submission_has_recording(submission) && !(post && multipart))
        return mcp_vxml_throw(interpreter, "error.semantic",
                              "a recording needs method post and enctype multipart/form-data");
    if (!post) {
        char *url = add_query(fetch->url, submission);

        g_free(fetch->url);
        fetch->url = url;
        return TRUE;
    }
    g_free(fetch->method);
    fetch->method = g_strdup("POST");
    fetch->content_type =
        g_strdup(multipart ? "multipart/form-data" : "application/x-www-form-urlencoded");
    return TRUE;
}

gboolean
mcp_vxml_set_request(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                     const char *url, McpVxmlSubmission *submission)
{
    g_autoptr(McpVxmlSubmission) form = submission;
    const char *base = mcp_vxml_document_get_base(interpreter->context->document);
    McpVxmlFetch *fetch = &interpreter->action.fetch;
    g_autoptr(GError) error = NULL;
    g_autofree char *absolute = g_uri_resolve_relative(base, url, G_URI_FLAGS_ENCODED, &error);

    if (absolute == NULL)
        return mcp_vxml_throw(interpreter, "error.badfetch", "\"%s\" is not a URL", url);
    g_free(fetch->url);
    fetch->url = g_strndup(absolute, strcspn(absolute, "#"));
    mcp_vxml_trace_transition(interpreter, element, fetch->url);
    g_free(fetch->method);
    fetch->method = g_strdup("GET");
    if (form == NULL)
        return TRUE;
    if (!set_body(interpreter, element, fetch, form))
        return FALSE;
    if (strcmp(fetch->method, "POST") == 0)
        fetch->submission = g_steal_pointer(&form);
    return TRUE;
}

static gboolean
add_variable(McpVxmlInterpreter *interpreter, McpVxmlSubmission *form, const char *name,
             gboolean optional)
{
    g_auto(McpScriptValue) value = {0};
    g_autofree char *text = NULL;
    const char *object;
    GError *error = NULL;

    if (!mcp_vxml_check(interpreter,
                        mcp_script_get(interpreter->context->script, NULL, name, &value, &error),
                        &error))
        return FALSE;
    if (optional && value.kind == MCP_SCRIPT_UNDEFINED)
        return TRUE;
    text = mcp_vxml_value_to_text(&value);
    object = g_hash_table_lookup(interpreter->recordings, text);
    if (object != NULL)
        mcp_vxml_submission_add_recording(
            form, name, object, g_hash_table_lookup(interpreter->recording_types, object));
    else
        mcp_vxml_submission_add(form, name, text);
    return mcp_vxml_check_size(interpreter, mcp_vxml_submission_get_size(form));
}

gboolean
mcp_vxml_build_submission(McpVxmlInterpreter *interpreter, const char *names,
                          McpVxmlSubmission **out_submission)
{
    McpVxmlContext *context = interpreter->context;
    g_autoptr(McpVxmlSubmission) form = mcp_vxml_submission_new();
    g_auto(GStrv) list = NULL;

    /* §5.3.8: without a namelist all named input items go. */
    for (guint i = 0; names == NULL && i < context->items->len; i++) {
        McpVxmlItem *item = context->items->pdata[i];

        if (mcp_vxml_element_is_input(item->element) &&
            mcp_vxml_element_get(item->element, "name") != NULL &&
            !add_variable(interpreter, form, item->name, TRUE))
            return FALSE;
    }
    list = g_strsplit_set(names != NULL ? names : "", " \t\r\n", -1);
    for (guint i = 0; list[i] != NULL; i++)
        if (*list[i] != '\0' && !add_variable(interpreter, form, list[i], FALSE))
            return FALSE;
    *out_submission = g_steal_pointer(&form);
    return TRUE;
}

static void
set_target(McpVxmlInterpreter *interpreter, const char *url, gboolean submitted)
{
    const char *fragment = strchr(url, '#');

    g_free(interpreter->target.fragment);
    interpreter->target.fragment =
        fragment != NULL ? g_uri_unescape_string(fragment + 1, NULL) : NULL;
    interpreter->target.subdialog = FALSE;
    interpreter->target.submitted = submitted;
}

static const char *
current_root(McpVxmlContext *context)
{
    return mcp_vxml_document_get_url(context->root != NULL ? context->root : context->document);
}

static void
load_page(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *url,
          McpVxmlSubmission *submission)
{
    set_target(interpreter, url, submission != NULL);
    mcp_vxml_fill_fetch(interpreter, element, "document", &interpreter->action.fetch);
    if (!mcp_vxml_set_request(interpreter, element, url, submission))
        return;
    mcp_vxml_fill_fetch_audio(interpreter, element);
    interpreter->action.current_root = current_root(interpreter->context);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_PAGE);
}

static void
go_to_dialog(McpVxmlInterpreter *interpreter, const char *id)
{
    const McpVxmlElement *dialog =
        mcp_vxml_document_find_dialog(interpreter->context->document, *id != '\0' ? id : NULL);

    if (dialog == NULL) {
        mcp_vxml_throw(interpreter, "error.badfetch", "there is no dialog \"%s\"", id);
        return;
    }
    mcp_vxml_clear_frames(interpreter);
    mcp_vxml_enter_dialog(interpreter, dialog);
}

static void
go_to_url(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *url)
{
    if (*url == '#' || *url == '\0') {
        g_autofree char *id = g_uri_unescape_string(*url == '#' ? url + 1 : url, NULL);

        go_to_dialog(interpreter, id != NULL ? id : url + 1);
    } else {
        load_page(interpreter, element, url, NULL);
    }
}

static void
go_to_item(McpVxmlInterpreter *interpreter, const char *name)
{
    McpVxmlContext *context = interpreter->context;
    McpVxmlItem *item = mcp_vxml_context_find_item(context, name);

    if (item == NULL) {
        mcp_vxml_throw(interpreter, "error.badfetch", "there is no form item \"%s\"", name);
        return;
    }
    mcp_vxml_clear_frames(interpreter);
    context->chosen = item;
    context->phase = MCP_VXML_PHASE_SELECT;
}

void
mcp_vxml_goto(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    static const char *const items[] = {"nextitem", "expritem", NULL};
    g_autofree char *target = NULL;

    if (mcp_vxml_element_count(element, items) == 1) {
        if (mcp_vxml_attribute_or_expr(interpreter, element, "nextitem", "expritem", &target))
            go_to_item(interpreter, target);
    } else if (mcp_vxml_attribute_or_expr(interpreter, element, "next", "expr", &target)) {
        go_to_url(interpreter, element, target);
    }
}

void
mcp_vxml_submit(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlSubmission *form = NULL;
    g_autofree char *url = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "next", "expr", &url) ||
        !mcp_vxml_build_submission(interpreter, mcp_vxml_element_get(element, "namelist"), &form))
        return;
    load_page(interpreter, element, url, form);
}

void
mcp_vxml_follow(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    static const char *const pages[] = {"next", "expr", NULL};
    g_autofree char *url = NULL;

    if (mcp_vxml_element_count(element, pages) == 0)
        mcp_vxml_throw_element(interpreter, element);
    else if (mcp_vxml_attribute_or_expr(interpreter, element, "next", "expr", &url))
        go_to_url(interpreter, element, url);
}

/* ---- a page has come ---- */

static void
take_documents(McpVxmlContext *context, McpVxmlDocument *document, McpVxmlDocument *root)
{
    McpVxmlDocument *old_document = context->document;
    McpVxmlDocument *old_root = context->root;

    context->document = mcp_vxml_document_ref(document);
    context->root = root != NULL ? mcp_vxml_document_ref(root) : NULL;
    mcp_vxml_document_unref(old_document);
    if (old_root != NULL)
        mcp_vxml_document_unref(old_root);
}

static void
switch_documents(McpVxmlInterpreter *interpreter, McpVxmlDocument *document, McpVxmlDocument *root)
{
    McpVxmlContext *context = interpreter->context;
    McpVxmlDocument *present = context->root != NULL ? context->root : context->document;
    const char *present_url = mcp_vxml_document_get_url(present);
    const char *application = mcp_vxml_document_get_application(document);
    gboolean to_own_root = application == NULL && context->root != NULL &&
                           !interpreter->target.submitted &&
                           strcmp(mcp_vxml_document_get_url(document), present_url) == 0;
    gboolean same_root = application != NULL && strcmp(application, present_url) == 0;

    mcp_vxml_context_leave_dialog(context);
    if (to_own_root) {
        mcp_vxml_close_scopes(context, MCP_VXML_SCOPE_APPLICATION);
        take_documents(context, present, NULL);
    } else if (same_root) {
        mcp_vxml_close_scopes(context, MCP_VXML_SCOPE_APPLICATION);
        take_documents(context, document, present);
    } else {
        mcp_vxml_close_scopes(context, 0);
        take_documents(context, document, root);
    }
    context->phase = MCP_VXML_PHASE_ROOT;
}

void
mcp_vxml_page_ready(McpVxmlInterpreter *interpreter, McpVxmlDocument *document,
                    McpVxmlDocument *root)
{
    const McpVxmlElement *dialog =
        mcp_vxml_document_find_dialog(document, interpreter->target.fragment);

    if (dialog == NULL) {
        mcp_vxml_throw(interpreter, "error.badfetch", "%s has no dialog \"%s\"",
                       mcp_vxml_document_get_url(document),
                       interpreter->target.fragment != NULL ? interpreter->target.fragment : "");
        return;
    }
    if (root != NULL && mcp_vxml_document_get_application(root) != NULL) {
        mcp_vxml_throw(interpreter, "error.semantic", "the root %s has a root of its own",
                       mcp_vxml_document_get_url(root));
        return;
    }
    if (interpreter->target.subdialog) {
        mcp_vxml_enter_subdialog(interpreter, document, root, dialog);
        return;
    }
    mcp_vxml_clear_frames(interpreter);
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "page", NULL, mcp_vxml_document_get_url(document));
    switch_documents(interpreter, document, root);
    interpreter->prefetch_due = TRUE;
    mcp_vxml_count_transition(interpreter);
}
