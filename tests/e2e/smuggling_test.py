# SPDX-License-Identifier: Apache-2.0
"""Sequences that some servers take for the end of a message, and ours must not (SMTP smuggling)."""
import base64
import collections
import concurrent.futures
import json
import os
import unittest

from harness import SUITES, Case, Client, wait_for

MESSAGE = b"Subject: x\r\n\r\nx\r\n"


class Smuggling(Case):
    """Only <CRLF>.<CRLF> ends a message: whatever else is tried, the inside never sees two messages for one."""

    def cases(self):
        path = os.path.join(SUITES, "smtp-smuggling", "cases.jsonl")
        if not os.path.exists(path):
            self.skipTest(f"the suite is not there: {path}")
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def attempt(self, port, case, recipient, pieces):
        """Returns everything the server said after DATA's 354."""
        data = base64.b64decode(case["input"]["data_b64"]).replace(b"{rcpt}", recipient.encode())
        with Client(port) as client:
            for command in case["input"]["commands"]:
                answer = client.ask(command.replace("{rcpt}", recipient))
            self.assertTrue(answer.startswith("354"), answer)
            try:
                for i in range(0, len(data), pieces or len(data)):
                    client.send(data[i:i + (pieces or len(data))])
                client.send(b"QUIT\r\n")
            except OSError:
                pass
            return client.rest()

    def check(self, case, said):
        if case["contains_true_eod"]:
            return
        lines = [line[:3] for line in said.splitlines() if line]
        self.assertNotIn("354", lines, (case["id"], said))
        finals = [code for code in lines if code not in ("221", "421")]
        self.assertLessEqual(len(finals), 1, (case["id"], said))
        if "one-message" not in case["strict_expected"]:  # a bare CR, a bare LF or a NUL
            self.assertNotIn("250", lines, (case["id"], said))

    def test_no_case_makes_two_messages_at_a_sink(self):
        cases = self.cases()
        self.assertGreater(len(cases), 100)
        inside = self.sink()
        server = self.gateway(self.domain(f"smtp://127.0.0.1:{inside.port}", recipients="any") +
                              "[limits]\nconnections-per-address = 1000\n")

        def one(job):
            number, case, pieces = job
            self.check(case, self.attempt(server.port, case, f"case{number}x{pieces}@example.org", pieces))

        jobs = [(number, case, pieces) for number, case in enumerate(cases)
                for pieces in ((0, 1, 7) if number % 20 == 0 else (0,))]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(one, jobs))
        self.assertEqual(server.queue_list(), [])
        seen = collections.Counter(message["recipients"][0] for message in inside.messages)
        for recipient, count in seen.items():
            case = cases[int(recipient.split("@")[0][4:].split("x")[0])]
            if not case["contains_true_eod"]:
                self.assertIn("one-message", case["strict_expected"], case["id"])
                self.assertEqual(count, 1, case["id"])
        for raw in inside.raw.values():
            self.assertNotRegex(raw, rb"[^\r]\n|\r[^\n]")

    def test_bare_line_ends_in_a_bdat_chunk_do_not_reach_the_inside(self):
        cases = self.cases()
        inside = self.sink()
        server = self.gateway(self.domain(f"smtp://127.0.0.1:{inside.port}", recipients="any") +
                              "[limits]\nconnections-per-address = 1000\n")
        for case in cases[::6]:
            if case["contains_true_eod"]:
                continue
            data = base64.b64decode(case["input"]["data_b64"]).replace(b"{rcpt}", b"r@example.org")
            data = data[:-3] if data.endswith(b".\r\n") else data
            with server.client() as client:
                client.envelope("a@example.com", ["r@example.org"])
                client.send(b"BDAT %d LAST\r\n" % len(data) + data)
                said = client.reply()
                self.assertNotIn(said[:1], "23" if case["has_bare_cr_or_lf"] or case["has_nul"] else "3",
                                 (case["id"], said))
        for raw in inside.raw.values():
            self.assertNotRegex(raw, rb"[^\r]\n|\r[^\n]")

    def test_no_case_makes_two_messages_at_a_postfix(self):
        cases = self.cases()
        postfix = self.postfix()
        server = self.gateway(self.domain(f"smtp://127.0.0.1:{postfix.port}", recipients="any") +
                              "[limits]\nconnections-per-address = 1000\n")
        for number, case in enumerate(cases[::4]):
            self.check(case, self.attempt(server.port, case, f"case{number}@example.org", 0))
        with server.client() as client:  # one honest message behind them
            self.assertTrue(client.mail("a@example.com", ["honest@example.org"], MESSAGE).startswith("250"))
        wait_for(lambda: postfix.delivered("honest"), "the honest message")
        for number, case in enumerate(cases[::4]):
            if not case["contains_true_eod"]:
                most = 1 if "one-message" in case["strict_expected"] else 0
                self.assertLessEqual(len(postfix.delivered(f"case{number}")), most, case["id"])


if __name__ == "__main__":
    unittest.main()
