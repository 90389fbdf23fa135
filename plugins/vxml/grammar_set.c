/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which grammars are active for a form item, in order of precedence (VoiceXML 2.0 §3.1.4): those of
 * the item, its form, the document, the application root; links along the way. On the machine's
 * thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"

static void
active_free(gpointer data)
{
    McpVxmlActiveGrammar *grammar = data;

    g_free(grammar->uri);
    g_free(grammar->text);
    mcp_vxml_fetch_clear(&grammar->fetch);
    g_free(grammar);
}

GPtrArray *
mcp_vxml_grammars_new(void)
{
    return g_ptr_array_new_with_free_func(active_free);
}

static McpVxmlActiveGrammar *
add_active(McpVxmlInterpreter *interpreter, const McpVxmlElement *owner,
           const McpVxmlElement *dialog)
{
    McpVxmlActiveGrammar *grammar = g_new0(McpVxmlActiveGrammar, 1);
    McpVxmlItem *item = interpreter->context->current;

    grammar->owner = owner;
    grammar->dialog = dialog;
    grammar->local =
        item != NULL && owner != NULL && (owner == item->element || owner->parent == item->element);
    if (owner != NULL)
        grammar->base = mcp_vxml_document_get_base(owner->document);
    grammar->mode = MCP_GRAMMAR_DTMF;
    grammar->fetch.max_age = -1;
    grammar->fetch.max_stale = -1;
    g_ptr_array_add(interpreter->grammars, grammar);
    return grammar;
}

/* Zero would be no weight at all to those who listen. */
#define LEAST_WEIGHT 1e-6

/* §3.1.1.4: digits with or without a point. */
static gboolean
read_weight(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, double *out_weight)
{
    const char *text = mcp_vxml_element_get(element, "weight");
    gsize whole;
    gsize part;

    if (text == NULL)
        return TRUE;
    whole = strspn(text, "0123456789");
    part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") + 1 : 0;
    if (text[whole + part] != '\0' || whole + part < (whole > 0 ? 1 : 2))
        return mcp_vxml_throw(interpreter, "error.badfetch",
                              "weight \"%s\" of the grammar in line %u is no positive number", text,
                              element->line);
    *out_weight = MAX(g_ascii_strtod(text, NULL), LEAST_WEIGHT);
    return TRUE;
}

static void
add_grammar(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
            const McpVxmlElement *owner, const McpVxmlElement *dialog)
{
    const char *mode = mcp_vxml_element_get(element, "mode");
    McpVxmlActiveGrammar *grammar;
    g_autofree char *uri = NULL;
    double weight = 1;

    if (!read_weight(interpreter, element, &weight) ||
        (element->text == NULL &&
         !mcp_vxml_attribute_or_expr(interpreter, element, "src", "srcexpr", &uri)))
        return;
    grammar = add_active(interpreter, owner, dialog);
    grammar->weight = weight;
    grammar->uri = g_steal_pointer(&uri);
    grammar->text = g_strdup(element->text);
    grammar->content_type = mcp_vxml_element_get(element, "type");
    grammar->language = mcp_vxml_language(interpreter, element);
    grammar->mode = g_strcmp0(mode, "dtmf") == 0 ? MCP_GRAMMAR_DTMF : MCP_GRAMMAR_VOICE;
    mcp_vxml_fill_fetch(interpreter, element, "grammar", &grammar->fetch);
}

/* A key sequence as a grammar, so that all input is matched in one place. */
static void
add_keys(McpVxmlInterpreter *interpreter, const char *keys, const McpVxmlElement *owner,
         const McpVxmlElement *dialog)
{
    GString *text = g_string_new("<grammar xmlns=\"http://www.w3.org/2001/06/grammar\" "
                                 "version=\"1.0\" mode=\"dtmf\" root=\"keys\">"
                                 "<rule id=\"keys\" scope=\"public\">");

    for (const char *key = keys; *key != '\0'; key++) {
        if (g_ascii_isspace(*key))
            continue;
        if (strchr("0123456789*#ABCDabcd", *key) == NULL) {
            mcp_vxml_throw(interpreter, "error.badfetch", "dtmf \"%s\" in line %u", keys,
                           owner->line);
            break;
        }
        g_string_append_printf(text, "%c ", *key);
    }
    g_string_append(text, "</rule></grammar>");
    if (interpreter->event == NULL) {
        McpVxmlActiveGrammar *grammar = add_active(interpreter, owner, dialog);

        grammar->content_type = "application/srgs+xml";
        grammar->text = g_string_free(g_steal_pointer(&text), FALSE);
    }
    if (text != NULL)
        g_string_free(text, TRUE);
}

static void
add_words(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
          const McpVxmlElement *dialog)
{
    const char *accept = mcp_vxml_element_get(element, "accept");
    const char *language = mcp_vxml_language(interpreter, element);
    g_autofree char *text = mcp_vxml_plain_text(element);
    g_autofree char *words = NULL;
    McpVxmlActiveGrammar *grammar;

    if (!interpreter->setup.speech)
        return;
    if (accept == NULL && element->kind == MCP_VXML_CHOICE)
        accept = mcp_vxml_element_get(element->parent, "accept");
    words = mcp_vxml_spoken_grammar(text, language, g_strcmp0(accept, "approximate") == 0);
    if (words == NULL)
        return;
    grammar = add_active(interpreter, element, dialog);
    grammar->text = g_steal_pointer(&words);
    grammar->content_type = "application/srgs+xml";
    grammar->language = language;
    grammar->mode = MCP_GRAMMAR_VOICE;
}

/* §6.3.6: they are below all grammars of the page. */
static void
add_universals(McpVxmlInterpreter *interpreter)
{
    g_auto(GStrv) names = NULL;

    if (!interpreter->setup.speech)
        return;
    names = mcp_vxml_universals(interpreter);
    for (guint i = 0; names[i] != NULL; i++) {
        const char *language = mcp_vxml_property(interpreter, "mcp.language");
        char *words = mcp_vxml_spoken_grammar(names[i], language, FALSE);
        McpVxmlActiveGrammar *grammar;

        if (words == NULL)
            continue;
        grammar = add_active(interpreter, NULL, NULL);
        grammar->event = g_intern_string(names[i]);
        grammar->text = words;
        grammar->content_type = "application/srgs+xml";
        grammar->language = language;
        grammar->mode = MCP_GRAMMAR_VOICE;
    }
}

/* §2.2.1: with dtmf="true" the first nine choices without a key of their own get 1 to 9. */
char *
mcp_vxml_choice_dtmf(const McpVxmlElement *choice)
{
    const char *given = mcp_vxml_element_get(choice, "dtmf");
    const McpVxmlElement *menu = choice->parent;
    guint number = 1;

    if (given != NULL)
        return g_strdup(given);
    if (menu->kind != MCP_VXML_MENU || !mcp_vxml_element_get_bool(menu, "dtmf", FALSE))
        return NULL;
    for (const McpVxmlElement *other = menu->first; other != choice; other = other->next)
        if (other->kind == MCP_VXML_CHOICE && mcp_vxml_element_get(other, "dtmf") == NULL)
            number++;
    return number <= 9 ? g_strdup_printf("%u", number) : NULL;
}

static void
add_children(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
             const McpVxmlElement *owner, const McpVxmlElement *dialog)
{
    for (const McpVxmlElement *child = element->first; child != NULL; child = child->next)
        if (child->kind == MCP_VXML_GRAMMAR)
            add_grammar(interpreter, child, owner, dialog);
}

static void
add_selectable(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
               const McpVxmlElement *dialog)
{
    g_autofree char *keys = mcp_vxml_choice_dtmf(element);

    gboolean own = FALSE;

    for (const McpVxmlElement *child = element->first; child != NULL; child = child->next)
        own |= child->kind == MCP_VXML_GRAMMAR &&
               g_strcmp0(mcp_vxml_element_get(child, "mode"), "dtmf") != 0;
    add_children(interpreter, element, element, dialog);
    if (keys != NULL)
        add_keys(interpreter, keys, element, dialog);
    /* §2.2.5: a grammar takes the place of the words. */
    if (!own && element->kind != MCP_VXML_LINK)
        add_words(interpreter, element, dialog);
}

static void
add_links(McpVxmlInterpreter *interpreter, const McpVxmlElement *scope)
{
    for (const McpVxmlElement *child = scope->first; child != NULL; child = child->next)
        if (child->kind == MCP_VXML_LINK)
            add_selectable(interpreter, child, NULL);
}

static void
add_choices(McpVxmlInterpreter *interpreter, const McpVxmlElement *menu)
{
    for (const McpVxmlElement *child = menu->first; child != NULL; child = child->next)
        if (child->kind == MCP_VXML_CHOICE)
            add_selectable(interpreter, child, menu);
}

static void
add_field(McpVxmlInterpreter *interpreter, const McpVxmlElement *field,
          const McpVxmlElement *dialog)
{
    const char *type = mcp_vxml_element_get(field, "type");

    add_children(interpreter, field, field, dialog);
    for (const McpVxmlElement *child = field->first; child != NULL; child = child->next)
        if (child->kind == MCP_VXML_OPTION)
            add_selectable(interpreter, child, dialog);
    if (type != NULL) {
        McpVxmlActiveGrammar *grammar = add_active(interpreter, field, dialog);

        grammar->uri = g_strdup_printf("builtin:dtmf/%s", type);
        grammar->language = mcp_vxml_language(interpreter, field);
    }
    if (type != NULL && interpreter->setup.speech) {
        McpVxmlActiveGrammar *grammar = add_active(interpreter, field, dialog);

        grammar->uri = g_strdup_printf("builtin:grammar/%s", type);
        grammar->language = mcp_vxml_language(interpreter, field);
        grammar->mode = MCP_GRAMMAR_VOICE;
    }
}

/* §3.1.3: forms and menus of scope "document" listen while others of the document are visited. */
static void
add_document(McpVxmlInterpreter *interpreter, McpVxmlDocument *document)
{
    const McpVxmlElement *root = mcp_vxml_document_get_root(document);
    const McpVxmlElement *dialog;

    add_links(interpreter, root);
    for (dialog = root->first; dialog != NULL; dialog = dialog->next) {
        gboolean wide = g_strcmp0(mcp_vxml_element_get(dialog, "scope"), "document") == 0;

        if (dialog == interpreter->context->dialog)
            continue;
        if (dialog->kind == MCP_VXML_MENU && wide)
            add_choices(interpreter, dialog);
        if (dialog->kind != MCP_VXML_FORM)
            continue;
        for (const McpVxmlElement *child = dialog->first; child != NULL; child = child->next) {
            const char *scope = mcp_vxml_element_get(child, "scope");

            if (child->kind == MCP_VXML_GRAMMAR &&
                (scope != NULL ? strcmp(scope, "document") == 0 : wide))
                add_grammar(interpreter, child, dialog, dialog);
        }
    }
}

/* Each is compiled before the caller is listened to. */
#define MAX_ACTIVE 512

static gboolean
check_count(McpVxmlInterpreter *interpreter)
{
    if (interpreter->event == NULL && interpreter->grammars->len > MAX_ACTIVE)
        mcp_vxml_throw(interpreter, "error.semantic", "more than %d grammars are active",
                       MAX_ACTIVE);
    return interpreter->event == NULL;
}

gboolean
mcp_vxml_activate_grammars(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    const McpVxmlElement *item = context->current->element;

    g_clear_pointer(&interpreter->grammars, g_ptr_array_unref);
    interpreter->grammars = mcp_vxml_grammars_new();
    if (item->kind == MCP_VXML_MENU)
        add_choices(interpreter, item);
    else if (item->kind == MCP_VXML_FIELD)
        add_field(interpreter, item, context->dialog);
    /* §2.3.7: none but its own may end a transfer. */
    if (item->kind == MCP_VXML_TRANSFER) {
        add_children(interpreter, item, item, context->dialog);
        return interpreter->event == NULL;
    }
    if (item->kind == MCP_VXML_RECORD)
        add_children(interpreter, item, item, context->dialog);
    add_links(interpreter, item);
    /* §2.3.6: a record is modal unless it says otherwise. */
    if (mcp_vxml_element_get_bool(item, "modal", item->kind == MCP_VXML_RECORD))
        return check_count(interpreter);
    if (item != context->dialog) {
        add_children(interpreter, context->dialog, context->dialog, context->dialog);
        add_links(interpreter, context->dialog);
    }
    add_document(interpreter, context->document);
    if (context->root != NULL)
        add_document(interpreter, context->root);
    if (interpreter->setup.defaults != NULL)
        add_links(interpreter, mcp_vxml_document_get_root(interpreter->setup.defaults));
    add_universals(interpreter);
    return check_count(interpreter);
}
