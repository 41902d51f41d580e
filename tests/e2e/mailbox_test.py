# SPDX-License-Identifier: Apache-2.0
"""Mail arrives and lies in its mailbox, or is refused: what a new user tries first."""
import json
import os
import subprocess
import unittest

from harness import DEADLINE, SUITES, Case, Mailreeve, make_certificate, split_trace, wait_for


def swaks(port, *arguments):
    return subprocess.run(["swaks", "--server", f"127.0.0.1:{port}", "--helo", "client.test", *arguments],
                          capture_output=True, text=True, timeout=DEADLINE, check=False)


class Mailbox(Case):
    def start(self, more="", **keywords):
        return self.gateway(self.to_maildir() + self.people("alice@example.org", "bob@example.org") + more, **keywords)

    def test_a_mail_by_swaks_lies_in_the_maildir(self):
        server = self.start()
        done = swaks(server.port, "--from", "you@example.com", "--to", "alice@example.org", "--header",
                     "Subject: a first mail", "--body", "hello, reeve")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        [message] = self.maildir("alice")
        text = message.decode()
        self.assertIn("Return-Path: <you@example.com>", text)
        self.assertIn("Received: from client.test", text)
        self.assertIn("by mx.test", text)
        self.assertIn("with ESMTP", text)
        self.assertIn("for <alice@example.org>", text)
        self.assertIn("Subject: a first mail", text)
        self.assertIn("hello, reeve", text)
        self.assertEqual(server.queue_list(), [])

    def test_by_starttls_with_the_details_in_received(self):
        certificate, key = make_certificate(self.directory)
        server = self.start(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
        done = swaks(server.port, "--tls", "--from", "you@example.com", "--to", "alice@example.org")
        if "TLS not available" in done.stdout + done.stderr:
            self.skipTest("swaks lacks TLS: install libio-socket-ssl-perl")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        [message] = self.maildir("alice")
        self.assertIn(b"with ESMTPS", message)
        self.assertIn(b"TLSv1.3", message)
        [line] = server.log_lines("transaction")
        self.assertEqual(line["tls"], "TLSv1.3")

    def test_helo_instead_of_ehlo(self):
        server = self.start()
        with server.client() as client:
            answer = client.mail("you@example.com", ["alice@example.org"], b"Subject: old\r\n\r\nways\r\n",
                                 hello="HELO client.test")
            self.assertTrue(answer.startswith("250"), answer)
        [message] = self.maildir("alice")
        self.assertIn(b"with SMTP", message)

    def test_unknown_recipients_are_refused_at_rcpt(self):
        server = self.start()
        with server.client() as client:
            answers = client.envelope("you@example.com", ["nobody@example.org", "alice@example.org"])
            self.assertTrue(answers[2].startswith("550 5.1.1"), answers)
            self.assertTrue(answers[3].startswith("250"), answers)
            self.assertTrue(client.data(b"Subject: x\r\n\r\nx\r\n").startswith("250"))
        self.assertEqual(len(self.maildir("alice")), 1)

    def test_postmaster_and_abuse_always_have_a_mailbox(self):
        server = self.start()
        for address, user in (("postmaster@example.org", "postmaster"), ("ABUSE@Example.ORG", "abuse"),
                              ("Postmaster", "postmaster")):
            with server.client() as client:
                answer = client.mail("you@example.com", [address], b"Subject: x\r\n\r\nx\r\n")
                self.assertTrue(answer.startswith("250"), f"{address}: {answer}")
            self.assertTrue(self.maildir(user) or self.maildir(user.upper()), address)

    def test_tags_find_their_user(self):
        server = self.start()
        with server.client() as client:
            answer = client.mail("you@example.com", ["alice+shop@example.org"], b"Subject: x\r\n\r\nx\r\n")
        self.assertTrue(answer.startswith("250"), answer)
        folders = os.listdir(os.path.join(self.directory, "mail", "example.org"))
        self.assertEqual(sum(len(self.maildir(folder)) for folder in folders), 1, folders)

    def test_alias_domains_hold_the_same_people(self):
        server = self.gateway(self.to_maildir(more='aliases = ["example.net"]') + self.people("alice@example.org"))
        with server.client() as client:
            answers = client.envelope("you@example.com", ["alice@example.net", "bob@example.net"])
            self.assertTrue(answers[2].startswith("250"), answers)
            self.assertTrue(answers[3].startswith("550 5.1.1"), answers)
            self.assertTrue(client.data(b"Subject: x\r\n\r\nx\r\n").startswith("250"))
        self.assertEqual(len(self.maildir("alice")), 1)

    def test_one_message_to_two_people_lies_in_both_mailboxes(self):
        server = self.start()
        with server.client() as client:
            answer = client.mail("", ["alice@example.org", "bob@example.org"], b"Subject: x\r\n\r\nx\r\n")
        self.assertTrue(answer.startswith("250"), answer)
        for user in ("alice", "bob"):
            [message] = self.maildir(user)
            self.assertIn(b"Return-Path: <>", message)
            self.assertNotIn(b" for <", message)  # who else was addressed stays hidden

    def test_a_message_is_delivered_octet_by_octet(self):
        server = self.start()
        messages = [b"Subject: dots\r\n\r\n.\r\n..\r\n.leading\r\n\r\n.\r\n", b"\r\n", b"no header at all\r\n",
                    b"Subject: \xff\xfe 8-bit\r\n\r\n\xe4\xf6\xfc\r\n", b"Subject: long\r\n\r\n" + b"x" * 997 + b"\r\n"]
        with server.client() as client:
            client.ask("EHLO client.test")
            for message in messages:
                answer = client.mail("you@example.com", ["alice@example.org"], message, hello=None)
                self.assertTrue(answer.startswith("250"), (answer, message[:40]))
        stored = []
        for message in self.maildir("alice"):
            newline = b"\r\n" if b"\r\n" in message else b"\n"
            first, second, rest = message.replace(newline, b"\r\n").split(b"\r\n", 2)
            self.assertEqual((first, second), (b"Return-Path: <you@example.com>", b"Delivered-To: alice@example.org"))
            stored.append(split_trace(rest)[1])
        self.assertEqual(sorted(stored), sorted(messages))

    def test_the_recipient_list_is_read_again(self):
        server = self.start()
        self.people("alice@example.org", "dora@example.org")
        server.command("reload", "--config", server.config)
        with server.client() as client:
            answers = client.envelope("you@example.com", ["dora@example.org", "bob@example.org"])
        self.assertTrue(answers[2].startswith("250"), answers)
        self.assertTrue(answers[3].startswith("550 5.1.1"), answers)


class Relay(Case):
    def test_strangers_cannot_relay_in_any_form(self):
        path = os.path.join(SUITES, "smtp-protocol", "open-relay.jsonl")
        if not os.path.exists(path):
            self.skipTest(f"the suite is not there: {path}")
        sink = self.sink()
        server = self.gateway(self.domain(f"smtp://127.0.0.1:{sink.port}", recipients="any"))
        with open(path, encoding="utf-8") as file:
            cases = [json.loads(line) for line in file]
        self.assertGreater(len(cases), 10)
        for case in cases:
            names = dict(case["vars"], s="mx.test", ip="127.0.0.1")
            with self.subTest(case["id"]), server.client() as client:
                answers = [client.ask("EHLO client.test"),
                           client.ask("MAIL FROM:<" + case["mailfrom"].format(**names) + ">"),
                           client.ask("RCPT TO:<" + case["rcptto"].format(**names) + ">")]
                if all(answer.startswith("2") for answer in answers):
                    answers.append(client.data(b"Subject: relay\r\n\r\nx\r\n"))
                self.assertTrue(any(answer.startswith("5") for answer in answers), answers)
        self.assertEqual(server.queue_list(), [])
        self.assertEqual(sink.messages, [])

    def test_foreign_domains_get_5_7_1(self):
        server = self.gateway(self.to_maildir() + self.people("alice@example.org"))
        with server.client() as client:
            answers = client.envelope("alice@example.org", ["someone@elsewhere.example"])
        self.assertTrue(answers[2].startswith("550 5.7.1"), answers)

    def test_a_relay_network_may_send_to_our_domains_and_is_queued_for_others(self):
        server = self.gateway(self.to_maildir() + self.people("alice@example.org") +
                              '[relay]\nnetworks = ["127.0.0.0/8"]\n[dns]\nresolver = ["127.0.0.1:1"]\ntimeout = "1s"\n')
        with server.client() as client:
            answer = client.mail("alice@example.org", ["alice@example.org", "someone@[127.0.0.1]",
                                                       "someone@elsewhere.example"], b"Subject: x\r\n\r\nx\r\n")
            self.assertTrue(answer[0] in "25", answer)
            if answer.startswith("5"):  # an address literal need not be a destination
                client.ask("RSET")
                answer = client.mail("alice@example.org", ["alice@example.org", "someone@elsewhere.example"],
                                     b"Subject: x\r\n\r\nx\r\n")
            self.assertTrue(answer.startswith("250"), answer)
        self.assertEqual(len(self.maildir("alice")), 1)
        wait_for(lambda: ("someone@elsewhere.example", "queued") in server.states(), "queued for elsewhere")

    def test_settings_that_open_a_relay_are_refused(self):
        for network in ("0.0.0.0/0", "::/0", "8.0.0.0/7", "2000::/3"):
            settings = self.to_maildir(recipients="any") + f'[relay]\nnetworks = ["{network}"]\n'
            checked = Mailreeve(self.directory, settings)
            done = checked.command("config", "check", "--config", checked.config, check=False)
            self.assertNotEqual(done.returncode, 0, network)
            self.assertIn("relay", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
