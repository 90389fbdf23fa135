# SPDX-License-Identifier: Apache-2.0
"""Results of a recognizer (RFC 6787 §6.3.1, §9.6, schema §16.1): written by the server, read by the
client. `application/x-nlsml` is the older draft, without the namespace."""
import re
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

TYPE, OLD_TYPE = "application/nlsml+xml", "application/x-nlsml"
NAMESPACE = "urn:ietf:params:xml:ns:mrcpv2"


def markup(value):
    """The content of an instance: text, or elements named as the keys of an object."""
    if isinstance(value, dict):
        return "".join(f"<{key}>{markup(inner)}</{key}>" for key, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<item>{markup(inner)}</item>" for inner in value)
    return escape(str(value))


def write(interpretations, grammar, media_type=TYPE):
    """`interpretations`: objects with input, confidence, mode, instance (text, object, or "xml:"
    and markup as it is), grammar; without an instance there is only what was heard."""
    space = f' xmlns="{NAMESPACE}"' if media_type == TYPE else ""
    lines = ['<?xml version="1.0"?>', f"<result{space} grammar={quoteattr(grammar)}>"]
    for one in interpretations:
        own = f" grammar={quoteattr(one['grammar'])}" if "grammar" in one else ""
        lines.append(f'  <interpretation{own} confidence="{one.get("confidence", 1.0)}">')
        instance = one.get("instance")
        if isinstance(instance, str) and instance.startswith("xml:"):
            lines.append(f"    <instance>{instance[4:]}</instance>")
        elif instance is not None:
            lines.append(f"    <instance>{markup(instance)}</instance>")
        if one.get("nomatch"):
            lines.append("    <input><nomatch/></input>")
        else:
            lines.append(f'    <input mode="{one.get("mode", "speech")}">'
                         f'{escape(one.get("input", ""))}</input>')
        lines.append("  </interpretation>")
    return "\n".join([*lines, "</result>", ""])


def local(element):
    return element.tag.rpartition("}")[2]


def plain(element):
    """Text of an element, or an object of its children."""
    if len(element):
        return {local(child): plain(child) for child in element}
    return (element.text or "").strip()


def check_root(root, media_type, faults):
    if local(root) != "result":
        faults.add("nlsml", "RFC 6787 §9.6.3.1", f"root element {local(root)}")
    if media_type == TYPE and not root.tag.startswith("{" + NAMESPACE + "}"):
        faults.add("nlsml-namespace", "RFC 6787 §6.3.1", f"not in {NAMESPACE}")
    if media_type not in (TYPE, OLD_TYPE):
        faults.add("nlsml-type", "RFC 6787 §6.3", f"a result of type {media_type}")


def read_one(element, root, scale, faults):
    text = element.get("confidence", "1.0")
    number = float(text) if re.fullmatch(r"\d*\.?\d+|\d+\.", text) else -1.0
    if not 0 <= number <= scale:
        faults.add("nlsml-confidence", "RFC 6787 §9.6.3.2", f"confidence {text!r}")
    grammar = element.get("grammar", root.get("grammar"))
    if grammar is None:
        faults.add("nlsml-grammar", "RFC 6787 §9.6.3.2", "no grammar, here or in <result>")
    found = {"confidence": number, "grammar": grammar}
    for child in element:
        if local(child) == "instance":
            found["instance"] = plain(child)
        elif local(child) == "input":
            found["mode"] = child.get("mode", "speech")
            found["input"] = "".join(child.itertext()).strip()
            found.update({local(inner): True for inner in child
                          if local(inner) in ("nomatch", "noinput")})
    return found


def read(body, media_type, faults, scale=1.0):
    """The interpretations, best first. Drafts counted confidence up to 100 (`scale`)."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        faults.add("nlsml", "RFC 6787 §6.3", f"the result is no XML: {error}")
        return []
    check_root(root, media_type, faults)
    found = [read_one(element, root, scale, faults) for element in root
             if local(element) == "interpretation"]
    others = {local(element) for element in root} - {"interpretation"}
    if not found and not others & {"enrollment-result", "verification-result"}:
        faults.add("nlsml", "RFC 6787 §9.6.3.1", "no interpretation in the result")
    values = [one["confidence"] for one in found]
    if values != sorted(values, reverse=True):
        faults.add("nlsml-order", "RFC 6787 §9.6.3.2", f"not the best first: {values}")
    return found
