# SPDX-License-Identifier: Apache-2.0
"""Reads ui/src/api/types.ts, or what of TypeScript it uses, as JSON Schemas: so that the pages' types and the API's
description can be held against one another."""
import re

TOKEN = re.compile(r"""\s*(?:(//[^\n]*|/\*.*?\*/)|('[^']*')|([A-Za-z_][A-Za-z0-9_]*)|([{}\[\]();:|?<>,=]))""", re.S)


class Reader:
    def __init__(self, text):
        self.tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"not understood: {text[at:at + 40]!r}")
            at = match.end()
            if not match[1]:
                self.tokens.append(match[2] or match[3] or match[4])
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, wanted=None):
        token = self.peek()
        if wanted is not None and token != wanted:
            raise ValueError(f"{wanted!r} expected, not {token!r} ({' '.join(self.tokens[self.at - 8:self.at])})")
        self.at += 1
        return token

    def types(self):
        """Name -> schema."""
        found = {}
        while self.peek():
            self.take("export")
            kind, name = self.take(), self.take()
            if kind == "type":
                self.take("=")
                found[name] = self.union()
                self.take(";")
                continue
            base = None
            if self.peek() == "extends":
                self.take()
                base = self.take()
            schema = self.members()
            if base:
                parent = found[base]
                schema["properties"] = {**schema["properties"], **parent["properties"]}
                schema["required"] = schema["required"] + list(parent["required"])
            found[name] = schema
        return found

    def members(self):
        schema = {"type": "object", "required": [], "properties": {}, "additionalProperties": False}
        self.take("{")
        while self.peek() != "}":
            name = self.take()
            if self.peek() == "?":
                self.take()
            else:
                schema["required"].append(name)
            self.take(":")
            schema["properties"][name] = self.union()
            if self.peek() in (";", ","):
                self.take()
        self.take("}")
        return schema

    def union(self):
        if self.peek() == "|":
            self.take()
        parts = [self.postfix()]
        while self.peek() == "|":
            self.take()
            parts.append(self.postfix())
        words = [part["enum"][0] for part in parts if "enum" in part]
        others = [part for part in parts if "enum" not in part]
        if words:
            others.insert(0, {"type": "string", "enum": words})
        if len(others) == 1:
            return others[0]
        return {"anyOf": others}

    def postfix(self):
        schema = self.primary()
        while self.peek() == "[":
            self.take()
            self.take("]")
            schema = {"type": "array", "items": schema}
        return schema

    def primary(self):
        token = self.peek()
        if token == "{":
            return self.members()
        if token == "(":
            self.take()
            schema = self.union()
            self.take(")")
            return schema
        self.take()
        if token.startswith("'"):
            return {"type": "string", "enum": [token[1:-1]]}
        if token in ("string", "boolean", "number", "null"):
            return {"type": token}
        if token == "unknown":
            return {}
        if token == "Record":
            self.take("<")
            keys = self.take()
            self.take(",")
            value = self.union()
            self.take(">")
            schema = {"type": "object", "additionalProperties": value}
            if keys != "string":
                schema["x-of"] = keys
            return schema
        return {"$ref": "#/components/schemas/" + token}


def resolve_records(types):
    """Record<Name, T> of an enumeration is an object with all of its words."""
    def walk(schema):
        if isinstance(schema, list):
            return [walk(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "x-of" in schema:
            keys = types[schema["x-of"]]["enum"]
            return {"type": "object", "required": list(keys), "additionalProperties": False,
                    "properties": {key: walk(schema["additionalProperties"]) for key in keys}}
        return {key: walk(value) for key, value in schema.items()}
    return {name: walk(schema) for name, schema in types.items()}


def read_types(text):
    # Counts is a Record that Bucket extends: its keys are needed while reading.
    words = re.search(r"export type Verdict =([^;]*);", text)
    keys = re.findall(r"'([a-z]+)'", words[1]) if words else []
    text = re.sub(r"export type Counts = Record<Verdict, number>;",
                  "export interface Counts { " + " ".join(f"{key}: number;" for key in keys) + " }", text)
    types = Reader(text).types()
    types.pop("Time", None)
    types = resolve_records(types)

    def times(schema):
        if isinstance(schema, list):
            return [times(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if schema.get("$ref", "").endswith("/Time"):
            return {"type": "string", "format": "date-time"}
        return {key: times(value) for key, value in schema.items()}
    return {name: times(schema) for name, schema in types.items()}
