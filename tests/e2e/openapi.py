# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.yaml as the tests use it: operations, and whether an answer is what it describes."""
import json
import os
import re

import jsonschema
import yaml

from harness import ROOT

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Operation:
    def __init__(self, method, path, description):
        self.method, self.path, self.description = method.upper(), path, description
        self.name = description["operationId"]
        self.needs = description["x-scope"]
        self.parameters = description.get("parameters", [])
        self.statuses = {int(status) for status in description["responses"]}

    def body_schema(self):
        content = self.description.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")


class Api:
    def __init__(self):
        with open(os.path.join(ROOT, "docs", "openapi.yaml"), encoding="utf-8") as file:
            self.text = file.read()
        self.document = yaml.safe_load(self.text)
        self.schemas = self.document["components"]["schemas"]
        self.operations = [Operation(method, path, description) for path, methods in self.document["paths"].items()
                           for method, description in methods.items()]
        self.formats = jsonschema.FormatChecker(formats=())
        self.formats.checks("date-time")(lambda value: not isinstance(value, str) or bool(MOMENT.fullmatch(value)))

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def validate(self, value, schema, what):
        whole = {**schema, "components": {"schemas": self.schemas}}
        validator = jsonschema.Draft202012Validator(whole, format_checker=self.formats)
        wrong = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(value)]
        if wrong:
            raise AssertionError(f"{what} is not as described:\n  " + "\n  ".join(wrong[:10]))

    def check(self, operation, status, headers, data):
        """Is this answer one that the description knows?"""
        what = f"{operation.method} {operation.path}: {status}"
        response = operation.description["responses"].get(str(status))
        if response is None:
            raise AssertionError(f"{what} is not described: {data[:300]!r}")
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        kind = headers.get("Content-Type", "").split(";")[0]
        if "content" not in response:
            if data:
                raise AssertionError(f"{what} has a body: {data[:300]!r}")
            return
        if kind not in response["content"]:
            raise AssertionError(f"{what} is {kind}, not one of {sorted(response['content'])}: {data[:300]!r}")
        if kind.endswith("json"):
            self.validate(json.loads(data), response["content"][kind]["schema"], what)
