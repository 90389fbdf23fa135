/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents as scripts see them: the reading half of DOM Level 2 Core, as VoiceXML 2.1 Appendix D
 * asks for <data>. The nodes are made when they are looked at; the tree behind them is plain data.
 * What would change a document throws NO_MODIFICATION_ALLOWED_ERR. Owner thread.
 */
#include <string.h>

#include "engine.h"

static const char dom_errors[] =
    "(function () {"
    "'use strict';"
    "const S = Symbol('node');"
    "const define = (target, names) => { for (const name of Object.keys(names))"
    "  Object.defineProperty(target, name, {value: names[name], enumerable: true}); };"
    "class DOMException extends Error {"
    "  constructor(code, message) { super(message); define(this, {code: code}); }"
    "  get name() { return 'DOMException'; }"
    "}"
    "const codes = {INDEX_SIZE_ERR: 1, DOMSTRING_SIZE_ERR: 2, HIERARCHY_REQUEST_ERR: 3,"
    "  WRONG_DOCUMENT_ERR: 4, INVALID_CHARACTER_ERR: 5, NO_DATA_ALLOWED_ERR: 6,"
    "  NO_MODIFICATION_ALLOWED_ERR: 7, NOT_FOUND_ERR: 8, NOT_SUPPORTED_ERR: 9,"
    "  INUSE_ATTRIBUTE_ERR: 10, INVALID_STATE_ERR: 11, SYNTAX_ERR: 12,"
    "  INVALID_MODIFICATION_ERR: 13, NAMESPACE_ERR: 14, INVALID_ACCESS_ERR: 15};"
    "define(DOMException, codes);"
    "define(DOMException.prototype, codes);"
    "Object.defineProperty(globalThis, 'DOMException',"
    "  {value: DOMException, configurable: true, writable: true});"
    "const refuse = () => { throw new DOMException(7, 'the document is read-only'); };";

static const char dom_nodes[] =
    "const list = items => Object.freeze(Object.defineProperty(items, 'item',"
    "  {value: i => i >= 0 && i < items.length ? items[i] : null}));"
    "const qualified = raw => raw[1] !== '' ? raw[1] + ':' + raw[0] : raw[0];"
    "const fits = (raw, ns, local) => (local === '*' || raw[0] === local) &&"
    "  (ns === '*' || raw[2] === (ns === null || ns === undefined ? '' : String(ns)));"
    "class Node {"
    "  constructor(state) { Object.defineProperty(this, S, {value: state}); }"
    "  get nodeType() { return this[S].type; }"
    "  get nodeName() { return '#document'; }"
    "  get nodeValue() { return null; }"
    "  set nodeValue(value) { refuse(); }"
    "  get parentNode() { return this[S].parent; }"
    "  get ownerDocument() { return this[S].document; }"
    "  get childNodes() { return list([]); }"
    "  get firstChild() { return this.childNodes.item(0); }"
    "  get lastChild() { return this.childNodes.item(this.childNodes.length - 1); }"
    "  get previousSibling() { return this[S].parent === null ? null :"
    "    this[S].parent.childNodes.item(this[S].index - 1); }"
    "  get nextSibling() { return this[S].parent === null ? null :"
    "    this[S].parent.childNodes.item(this[S].index + 1); }"
    "  get attributes() { return null; }"
    "  get namespaceURI() { return null; }"
    "  get localName() { return null; }"
    "  get prefix() { return null; }"
    "  set prefix(value) { refuse(); }"
    "  hasChildNodes() { return this.childNodes.length > 0; }"
    "  hasAttributes() { return false; }"
    "  isSupported(feature, version) { return implementation.hasFeature(feature, version); }"
    "}"
    "define(Node.prototype, {ELEMENT_NODE: 1, ATTRIBUTE_NODE: 2, TEXT_NODE: 3,"
    "  CDATA_SECTION_NODE: 4, ENTITY_REFERENCE_NODE: 5, ENTITY_NODE: 6,"
    "  PROCESSING_INSTRUCTION_NODE: 7, COMMENT_NODE: 8, DOCUMENT_NODE: 9,"
    "  DOCUMENT_TYPE_NODE: 10, DOCUMENT_FRAGMENT_NODE: 11, NOTATION_NODE: 12});"
    "for (const name of ['appendChild', 'insertBefore', 'removeChild', 'replaceChild',"
    "  'normalize', 'setAttribute', 'setAttributeNS', 'setAttributeNode', 'setAttributeNodeNS',"
    "  'removeAttribute', 'removeAttributeNS', 'removeAttributeNode', 'appendData',"
    "  'insertData', 'deleteData', 'replaceData', 'splitText'])"
    "  Object.defineProperty(Node.prototype, name, {value: refuse});"
    "const implementation = Object.freeze({hasFeature: (feature, version) =>"
    "  /^(core|xml)$/i.test(feature) &&"
    "  (version === undefined || version === null || version === '' || version === '1.0' ||"
    "   version === '2.0')});";

static const char dom_leaves[] =
    "class CharacterData extends Node {"
    "  get nodeValue() { return this[S].raw; }"
    "  set nodeValue(value) { refuse(); }"
    "  get data() { return this[S].raw; }"
    "  set data(value) { refuse(); }"
    "  get length() { return this[S].raw.length; }"
    "  substringData(offset, count) {"
    "    if (!(offset >= 0 && offset <= this.length && count >= 0))"
    "      throw new DOMException(1, 'there is no such part');"
    "    return this[S].raw.substring(offset, offset + count);"
    "  }"
    "}"
    "class Text extends CharacterData { get nodeName() { return '#text'; } }"
    "class CDATASection extends Text { get nodeName() { return '#cdata-section'; } }"
    "class Comment extends CharacterData { get nodeName() { return '#comment'; } }"
    "class ProcessingInstruction extends Node {"
    "  get nodeName() { return this[S].target; }"
    "  get nodeValue() { return this[S].raw; }"
    "  set nodeValue(value) { refuse(); }"
    "  get target() { return this[S].target; }"
    "  get data() { return this[S].raw; }"
    "  set data(value) { refuse(); }"
    "}"
    "class Attr extends Node {"
    "  get nodeName() { return qualified(this[S].raw); }"
    "  get nodeValue() { return this[S].raw[3]; }"
    "  set nodeValue(value) { refuse(); }"
    "  get name() { return qualified(this[S].raw); }"
    "  get value() { return this[S].raw[3]; }"
    "  set value(value) { refuse(); }"
    "  get specified() { return true; }"
    "  get ownerElement() { return this[S].owner; }"
    "  get namespaceURI() { return this[S].raw[2] || null; }"
    "  get localName() { return this[S].raw[0]; }"
    "  get prefix() { return this[S].raw[1] || null; }"
    "  set prefix(value) { refuse(); }"
    "  get childNodes() { const state = this[S];"
    "    if (state.kids === undefined)"
    "      state.kids = list([Object.freeze(new Text({type: 3, parent: this, index: 0,"
    "        document: state.document, raw: state.raw[3]}))]);"
    "    return state.kids; }"
    "}"
    "const find = (element, test, out) => {"
    "  for (const kid of element.childNodes)"
    "    if (kid.nodeType === 1) { if (test(kid[S].raw)) out.push(kid); find(kid, test, out); }"
    "  return out;"
    "};";

static const char dom_elements[] =
    "class Parent extends Node {"
    "  getElementsByTagName(name) { return list(find(this,"
    "    raw => name === '*' || qualified(raw) === String(name), [])); }"
    "  getElementsByTagNameNS(ns, local) { return list(find(this,"
    "    raw => fits(raw, ns, local), [])); }"
    "}"
    "class Element extends Parent {"
    "  get nodeName() { return qualified(this[S].raw); }"
    "  get tagName() { return qualified(this[S].raw); }"
    "  get namespaceURI() { return this[S].raw[2] || null; }"
    "  get localName() { return this[S].raw[0]; }"
    "  get prefix() { return this[S].raw[1] || null; }"
    "  set prefix(value) { refuse(); }"
    "  get childNodes() { const state = this[S];"
    "    if (state.kids === undefined)"
    "      state.kids = list(state.raw[4].map((raw, index) => make(raw, this, index)));"
    "    return state.kids; }"
    "  get attributes() { const state = this[S];"
    "    if (state.map === undefined) {"
    "      const map = state.raw[3].map(raw => Object.freeze(new Attr({type: 2, parent: null,"
    "        document: state.document, owner: this, raw: raw})));"
    "      for (const name of ['setNamedItem', 'removeNamedItem', 'setNamedItemNS',"
    "        'removeNamedItemNS']) Object.defineProperty(map, name, {value: refuse});"
    "      Object.defineProperty(map, 'getNamedItem', {value: name => "
    "this.getAttributeNode(name)});"
    "      Object.defineProperty(map, 'getNamedItemNS',"
    "        {value: (ns, local) => this.getAttributeNodeNS(ns, local)});"
    "      state.map = list(map);"
    "    }"
    "    return state.map; }"
    "  hasAttributes() { return this[S].raw[3].length > 0; }"
    "  getAttributeNode(name) {"
    "    return this.attributes.find(attr => attr.name === String(name)) || null; }"
    "  getAttributeNodeNS(ns, local) {"
    "    return this.attributes.find(attr => fits(attr[S].raw, ns, local)) || null; }"
    "  getAttribute(name) { const attr = this.getAttributeNode(name);"
    "    return attr === null ? '' : attr.value; }"
    "  getAttributeNS(ns, local) { const attr = this.getAttributeNodeNS(ns, local);"
    "    return attr === null ? '' : attr.value; }"
    "  hasAttribute(name) { return this.getAttributeNode(name) !== null; }"
    "  hasAttributeNS(ns, local) { return this.getAttributeNodeNS(ns, local) !== null; }"
    "}";

static const char dom_document[] =
    "const XML = 'http://www.w3.org/XML/1998/namespace';"
    "class Document extends Parent {"
    "  get ownerDocument() { return null; }"
    "  get doctype() { return null; }"
    "  get implementation() { return implementation; }"
    "  get documentElement() {"
    "    return this.childNodes.find(kid => kid.nodeType === 1); }"
    "  get childNodes() { const state = this[S];"
    "    if (state.kids === undefined)"
    "      state.kids = list(state.raw.map((raw, index) => make(raw, this, index)));"
    "    return state.kids; }"
    "  getElementById(id) { return find(this, raw => raw[3].some(attr => attr[3] === String(id) &&"
    "    attr[0] === 'id' && (attr[2] === '' || attr[2] === XML)), [])[0] || null; }"
    "}"
    "const leaves = {__proto__: null,"
    "  3: Text, 4: CDATASection, 7: ProcessingInstruction, 8: Comment};"
    "const make = (raw, parent, index) => {"
    "  if (typeof raw === 'string') raw = [3, raw];"
    "  const leaf = leaves[raw[0]];"
    "  const state = {parent: parent, index: index, document: parent[S].document || parent,"
    "    type: leaf ? raw[0] : 1, raw: leaf ? raw[1] : raw, target: leaf && raw[2]};"
    "  return Object.freeze(leaf ? new leaf(state) : new Element(state));"
    "};"
    "return tree => Object.freeze(new Document({type: 9, parent: null, index: 0, document: null,"
    "  raw: tree}));"
    "})()";

/* The whole of it; a run that the heap leaves must hold nothing. */
static const char *
dom_source(void)
{
    static char *source = NULL;

    if (g_once_init_enter(&source))
        g_once_init_leave(&source, g_strconcat(dom_errors, dom_nodes, dom_leaves, dom_elements,
                                               dom_document, NULL));
    return source;
}

static JSValue
make_document(JSContext *context, gconstpointer data)
{
    const char *source = dom_source();
    JSValue factory = JS_Eval(context, source, strlen(source), "dom", JS_EVAL_TYPE_GLOBAL);
    JSValue tree = JS_UNDEFINED;
    JSValue document = JS_EXCEPTION;

    if (JS_IsException(factory))
        return factory;
    tree = JS_ParseJSON(context, data, strlen(data), "document");
    if (!JS_IsException(tree))
        document = JS_Call(context, factory, JS_UNDEFINED, 1, &tree);
    JS_FreeValue(context, tree);
    JS_FreeValue(context, factory);
    return document;
}

gboolean
mcp_script_set_document(McpScript *script, const char *scope, const char *path, const char *tree,
                        GError **error)
{
    return mcp_script_set_made(script, scope, path, make_document, tree, error);
}
