# SPDX-License-Identifier: Apache-2.0
"""Asks an API everything that its description lets think of, and much that it does not: valid, nearly valid and hostile
requests, from a seed. Whatever comes, the answer must be one that is described."""
import base64
import collections
import http.client
import json
import random
import socket
import urllib.parse

TEXTS = ["", " ", "a", "anna@example.org", "@", "<>", "x" * 5000, "\u0000", "\u202egnp.exe", "J\u00f6rg \U0001f4a9", "%", "%00",
         "' OR 1=1 --", "\"", "NEAR(a b", "*", "a* OR b", "../../etc/passwd", "<script>alert(1)</script>", "\ud800",
         "1e400", "-1", "9" * 40, "null", "true", "any", "spam", "release", "2026-11-21T10:00:00Z", "\r\nX: y", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]
VALUES = TEXTS + [None, True, False, 0, -1, 1, 2**31, 2**63, -2**63, 2**64, 1e308, 0.5, [], {}, [[]], [None], {"a": {}}]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"]
COSTLY = {"signIn", "addUser", "changeUser", "setUp", "changePassword", "redeemLink", "sendDigest", "reload"}
SPARED = {"makeSetUpLink", "listen"}


def deep(levels):
    return ("[" * levels + "]" * levels).encode()


class Fuzzer:
    """`token`: of somebody who may do everything but what recipients do; `session`: header fields of a recipient's."""

    def __init__(self, api, port, token, session, known_ids, seed):
        self.api, self.port, self.token, self.session, self.known = api, port, token, session, known_ids
        self.chance = random.Random(seed)
        self.counts = collections.Counter()

    # ---- making
    def valid(self, schema, depth=0):
        schema = self.api.resolve(schema)
        if "anyOf" in schema:
            return self.valid(self.chance.choice(schema["anyOf"]), depth)
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = self.chance.choice(kind)
        if kind == "object":
            required = schema.get("required", [])
            return {name: self.valid(one, depth + 1) for name, one in schema.get("properties", {}).items()
                    if name in required or self.chance.random() < 0.4}
        if kind == "array":
            return [self.valid(schema["items"], depth + 1) for _ in range(self.chance.randint(schema.get("minItems", 0), 3))]
        if kind == "integer":
            return self.chance.randint(schema.get("minimum", 0), min(schema.get("maximum", 10**9), 10**9))
        if kind == "number":
            return self.chance.uniform(0, 10)
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "null":
            return None
        if schema.get("format") == "date-time":
            return "2030-01-01T00:00:00Z"
        return self.chance.choice([*self.known, "anna@example.org", "hold", "victim", "example.org"])

    def mutate(self, value):
        """One thing in it is something else."""
        if isinstance(value, dict) and value and self.chance.random() < 0.8:
            key = self.chance.choice(sorted(value))
            what = self.chance.random()
            if what < 0.2:
                return {k: v for k, v in value.items() if k != key}
            if what < 0.35:
                return {**value, self.chance.choice(TEXTS): self.chance.choice(VALUES)}
            return {**value, key: self.mutate(value[key])}
        if isinstance(value, list) and value and self.chance.random() < 0.5:
            if self.chance.random() < 0.2:
                return value * self.chance.choice([2, 400])
            at = self.chance.randrange(len(value))
            return [*value[:at], self.mutate(value[at]), *value[at + 1:]]
        return self.chance.choice(VALUES)

    def body(self, schema):
        what = self.chance.random()
        if what < 0.45:
            return self.json(self.valid(schema))
        if what < 0.85:
            return self.json(self.mutate(self.valid(schema)))
        if what < 0.87:
            return b'{"a":"' + b"x" * (2 << 20) + b'"}'
        return self.chance.choice([b"", b"{", b"[]", b"null", b"\xff\xfe", deep(100), deep(100_000), b'{"a":' * 5000, b'{"ids":[' + b"1," * 9000,
                                   b"\x00" * 100, b"name=a&password=b", b'{"name":"a","name":"b"}', b'"\\ud800"'])

    @staticmethod
    def json(value):
        return json.dumps(value).encode("utf-8", "replace")

    def path_value(self, parameter):
        what = self.chance.random()
        schema = parameter["schema"]
        if what < 0.5:
            return str(self.valid(schema))
        return self.chance.choice([text for text in TEXTS if text]) if what < 0.95 else "x" * 7000

    def target(self, operation):
        path = operation.path
        query = []
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", self.quote(self.path_value(parameter)))
            elif self.chance.random() < 0.25:
                good = self.chance.random() < 0.7
                value = self.valid(parameter["schema"]) if good else self.chance.choice(VALUES)
                query.append((parameter["name"], value if isinstance(value, str) else json.dumps(value)))
        if self.chance.random() < 0.05:
            query.append((self.chance.choice(["cursor", "limit", "x", "since", ""]), self.chance.choice(TEXTS)))
        if not query:
            return path
        return path + "?" + "&".join(f"{self.quote(k)}={self.quote(v)}" for k, v in query)

    @staticmethod
    def quote(text):
        return urllib.parse.quote(text.encode("utf-8", "surrogatepass"), safe="")

    # ---- asking
    def run(self, rounds):
        operations = [o for o in self.api.operations if o.name not in SPARED]
        for number in range(rounds):
            operation = operations[number % len(operations)]
            if operation.name in COSTLY and self.chance.random() < 0.8:
                continue
            try:
                self.one(operation)
            except (AssertionError, ValueError) as wrong:
                raise AssertionError(f"round {number}: {wrong}") from wrong
            if number % 50 == 0:
                self.raw()

    def one(self, operation):
        method = operation.method
        asked_otherwise = self.chance.random() < 0.04
        if asked_otherwise:
            method = self.chance.choice([m for m in METHODS if m != operation.method])
        headers = {}
        is_admin = self.chance.random() < 0.8
        if is_admin and operation.needs in ("own", "signed in", "anyone") and operation.name != "signOut":
            headers.update(self.session)
        elif is_admin:
            headers["Authorization"] = "Bearer " + self.token
        elif self.chance.random() < 0.5:
            headers["Authorization"] = self.chance.choice(["Bearer mrv_x", "Bearer", "Basic " + base64.b64encode(b"a:b").decode(), "x" * 3000])
        target = self.target(operation)
        if is_admin and method == "DELETE" and "fuzzer" in target:
            return
        body = None
        schema = operation.body_schema()
        if schema or self.chance.random() < 0.03:
            body = self.body(schema or {"type": "object"})
            headers["Content-Type"] = "application/json"
            if self.chance.random() < 0.05:
                headers["Content-Type"] = self.chance.choice(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "x", ""])
        elif method != "GET":
            headers["Content-Type"] = "application/json"
        status, answer_headers, data = self.ask(method, target, body, headers)
        self.counts[status] += 1
        what = f"{method} {target[:300]} {(body or b'')[:300]!r} {'signed in' if is_admin else 'as nobody'} -> {status} {data[:300]!r}"
        if status == 500:
            raise AssertionError(f"our own bug: {what}")
        if status >= 400 and method != "HEAD":
            kind = answer_headers.get("Content-Type", "")
            if not kind.startswith("application/problem+json"):
                raise AssertionError(f"{kind} is no problem+json: {what}")
            self.api.validate(json.loads(data), {"$ref": "#/components/schemas/Problem"}, what)
        if asked_otherwise or method == "HEAD":
            return
        # A value that is empty, or holds a slash, makes it another address; one that is no UTF-8 none at all.
        if status in (400, 404, 405) and "{" in operation.path:
            return
        if status not in operation.statuses and not (status == 400 and "?" in target) and status != 413:
            raise AssertionError(f"not described: {what}")
        if status < 300:
            self.api.check(operation, status, answer_headers, data)

    def ask(self, method, target, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            try:
                if body:
                    connection.send(body)
            except OSError:
                pass  # it answered before it had heard all
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def raw(self):
        """What no client library would send."""
        lines = self.chance.choice([b"GET / HTTP/1.1\r\n\r\n", b"GET  /api/v1/users HTTP/9.9\r\nHost: x\r\n\r\n", b"\x16\x03\x01" + b"\0" * 50,
                                    b"GET /api/v1/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                                    b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nffffffffffffffff\r\n", b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
                                    b"GET /api/v1/session HTTP/1.1\r\nHost: x\r\nCookie: mailreeve=\xff; mailreeve=a\r\nCookie: b\r\n\r\n"])
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            try:
                connection.sendall(lines)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(65536)
            except OSError:
                return
        if answer.startswith(b"HTTP/1.1 500"):
            raise AssertionError(f"our own bug: {lines[:100]!r} -> {answer[:300]!r}")
