# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.yaml says what the API does: its routes, what they ask of their callers, what they answer; and the types
of the pages say the same. Then the API is fuzzed by it."""
import contextlib
import http.client
import json
import os
import re
import subprocess
import unittest

from api_fuzz import Fuzzer
from control import Control
from harness import ROOT, Case, binary, wait_for
from openapi import Api
from typescript_types import read_types


class Described(unittest.TestCase):
    def test_routes_and_what_they_ask_are_those_of_the_program(self):
        routes = json.loads(subprocess.run([binary(), "api", "routes", "--json"], capture_output=True, check=True).stdout)
        real = {(r["method"], r["path"]): r["needs"] for r in routes
                if r["path"].startswith("/api/") or r["path"] in ("/healthz", "/metrics")}
        described = {(o.method, o.path): o.needs for o in Api().operations}
        self.assertEqual(described, real)
        # Where no cookie is looked at, none is promised.
        for operation in Api().operations:
            self.assertEqual("security" in operation.description, operation.needs in ("open", "anyone"), operation.name)

    def test_the_pages_types_say_the_same(self):
        with open(os.path.join(ROOT, "ui", "src", "api", "types.ts"), encoding="utf-8") as file:
            types = read_types(file.read())
        described = Api().schemas
        self.assertLessEqual(set(types), set(described))
        for name, schema in types.items():
            self.assertEqual(plain(schema), plain(described[name]), name)


def plain(schema):
    """What types can say: no integers, no bounds, no descriptions."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("type"), list):
        parts = [{**{k: v for k, v in schema.items() if k != "type"}, "type": one} for one in schema["type"]]
        return plain({"anyOf": parts})
    out = {}
    for key, value in schema.items():
        if key in ("description", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "pattern", "format"):
            continue
        if key == "properties":
            out[key] = {name: plain(one) for name, one in value.items()}
        elif key == "required":
            if value:
                out[key] = sorted(value)
        elif key == "anyOf":
            out[key] = sorted((plain(one) for one in value), key=json.dumps)
        elif key == "type" and value == "integer":
            out[key] = "number"
        else:
            out[key] = plain(value)
    return out


class Answers(Case):
    """Against a gateway that took mail of every fate."""

    def setUp(self):
        super().setUp()
        self.api = Api()
        sink = self.sink()
        nobody = sink.port
        sink.stop()
        self.server = self.gateway(
            self.people("anna@example.org", "bert@example.org", "dora@slow.example") +
            self.to_maildir(more='policy = "office"\nmay-choose = ["strict"]') +
            self.domain(f"smtp://127.0.0.1:{nobody}", name="slow.example", more='policy = "office"') + OFFICE,
            extra='[web]\nurl = "http://127.0.0.1"\n')
        self.control = Control(self.server)
        for subject in ("plain", "hold this", "refuse this", "wait for this"):
            self.send("anna@example.org", subject)
        self.send("dora@slow.example", "plain")
        self.send("nobody@example.org", "plain")
        with self.server.client() as client:
            client.ask("QUIT")
        wait_for(lambda: len(self.control.get("/history")["records"]) >= 6 and
                 self.control.get("/queue")["messages"] and len(self.control.get("/quarantine")["items"]) == 2, "mail")

    def send(self, recipient, subject):
        with self.server.client() as client:
            return client.mail("s@sender.example", [recipient], MESSAGE.replace(b"SUBJECT", subject.encode()))

    def ids(self):
        """What may stand for the {parameter} of a path."""
        return {"/api/v1/history/{id}": [r["id"] for r in self.control.get("/history")["records"]],
                "/api/v1/quarantine/{id}": [m["id"] for m in self.control.get("/quarantine")["items"]],
                "/api/v1/queue/{id}": [m["id"] for m in self.control.get("/queue")["messages"]]}

    def recipient(self):
        """Header fields of a session that anna began with a mailed link."""
        before = len(self.maildir("anna"))
        self.call("POST", "/api/v1/session/link", {"address": "anna@example.org"})
        wait_for(lambda: len(self.maildir("anna")) > before, "no link came")
        letters = [letter.replace(b"=\r\n", b"").replace(b"=\n", b"") for letter in self.maildir("anna")]
        token = next(match[1].decode() for match in map(re.compile(rb"/sign-in#([\w-]+)").search, letters) if match)
        status, headers, data = self.call("POST", "/api/v1/session/token", {"token": token})
        self.assertEqual(status, 200, data)
        cookie = headers["Set-Cookie"].split(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": json.loads(data)["csrf"]}

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.web_port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()

    def fill(self, path):
        """Every real path of a pattern."""
        if "{" not in path:
            return [path]
        for pattern, ids in self.ids().items():
            if path.startswith(pattern):
                return [path.replace("{id}", one) for one in ids]
        return []

    def test_every_answer_is_as_described(self):
        seen = set()
        for operation in self.api.operations:
            if operation.method != "GET" or operation.needs == "own" or operation.name == "listen":
                continue
            for path in self.fill(operation.path):
                for query in QUERIES.get(operation.name, [""]):
                    status, headers, data = self.control.call("GET", path + query)
                    self.assertEqual(status, 200, f"{path}{query} {data[:300]!r}")
                    self.api.check(operation, status, headers, data)
                    seen.add(operation.name)
        everything = {o.name for o in self.api.operations if o.method == "GET" and o.needs != "own"}
        self.assertEqual(everything - seen, {"listen"})
        session = self.recipient()
        for operation in self.api.operations:
            if operation.method == "GET" and operation.needs == "own":
                path = operation.path.replace("{id}", self.ids()["/api/v1/quarantine/{id}"][0])
                status, headers, data = self.call("GET", path, headers=session)
                self.assertEqual(status, 200, f"{path} {data[:300]!r}")
                self.api.check(operation, status, headers, data)
        with self.control.events() as events:
            self.api.validate(next(events), {"$ref": "#/components/schemas/Overview"}, "event")
        _, _, served = self.control.call("GET", "/api/v1/openapi.yaml")
        self.assertEqual(served.decode(), self.api.text)

    def test_nothing_that_is_sent_breaks_it(self):
        rounds = int(os.environ.get("MAILREEVE_FUZZ_ROUNDS", "25000" if os.environ.get("MAILREEVE_ALL") else "2500"))
        user = self.control.post("/users", {"name": "fuzzer", "role": "admin", "password": "correct horse battery"})
        self.assertEqual(user["name"], "fuzzer")
        token = self.control.post("/tokens", {"name": "fuzz", "owner": "fuzzer",
                                              "scopes": sorted({o.needs for o in self.api.operations} - NOT_SCOPES)})
        known = sorted({one for ids in self.ids().values() for one in ids})
        fuzzer = Fuzzer(self.api, self.server.web_port, token["secret"], self.recipient(), known,
                        seed=int(os.environ.get("MAILREEVE_SEED", "5")))
        fuzzer.run(rounds)
        self.assertIsNone(self.server.process.poll(), "it lives")
        self.assertEqual(self.server.get("/healthz")[0], 200)
        self.assertIn("fuzzer", [user["name"] for user in self.control.get("/users")["users"]])
        for name in ("showOverview", "searchHistory", "listHeld", "listQueue", "showSettings", "listTokens", "showAudit"):
            operation = next(o for o in self.api.operations if o.name == name)
            self.api.check(operation, *self.control.call("GET", operation.path))
        self.assertTrue(self.send("anna@example.org", "plain").startswith("250"))
        self.assertGreater(fuzzer.counts[200], rounds // 20, f"hardly anything was understood: {fuzzer.counts}")


NOT_SCOPES = {"open", "anyone", "signed in", "own", "overview.read or loopback"}
MESSAGE = (b"From: =?utf-8?q?J=C3=B6rg?= <s@sender.example>\r\nTo: <anna@example.org>\r\nSubject: SUBJECT\r\n"
           b"Message-ID: <1@sender.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
           b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
           b"<p>SUBJECT <a href=\"http://other.example/\">here</a><img src=\"http://other.example/x\"></p>\r\n"
           b"--b\r\nContent-Type: text/plain; name=\"a.txt\"\r\nContent-Disposition: attachment; filename=\"a.txt\"\r\n\r\n"
           b"hello\r\n--b--\r\n")
OFFICE = '''
[policy.office]
like = "lenient"
keep-refused = true
[policy.office.action]
"keyword.hold" = "quarantine"
"keyword.refuse" = "reject"
"keyword.wait" = "greylist"
[checks.greylist]
when = ["keyword.wait"]
[[checks.keyword.rule]]
name = "hold"
match = "hold this"
weight = 1.0
[[checks.keyword.rule]]
name = "refuse"
match = "refuse this"
weight = 1.0
[[checks.keyword.rule]]
name = "wait"
match = "wait for this"
weight = 1.0
'''
QUERIES = {
    "showOverview": ["", "?range=1h", "?range=24h", "?range=7d"],
    "searchHistory": ["", "?text=anna", "?from=sender", "?to=anna", "?ip=127.0.0.0/8", "?since=1&until=99999999999999",
                      "?verdict=reject", "?finding=keyword", "?limit=1"],
    "listHeld": ["", "?text=hold", "?sender=s@sender.example", "?recipient=anna@example.org", "?subject=hold",
                 "?finding=keyword", "?kind=held", "?kind=refused", "?state=any", "?limit=1", "?since=1"],
    "listQueue": ["", "?state=queued", "?destination=slow.example", "?limit=1"],
    "showAudit": ["", "?limit=1", "?action=quarantine.preview"],
    "listWaiting": ["", "?text=anna", "?limit=1"],
}
