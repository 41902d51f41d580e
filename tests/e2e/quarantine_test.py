# SPDX-License-Identifier: Apache-2.0
"""Mail that is held: listed, searched, shown, released with its signatures intact, deleted, learnt from, forwarded."""
import base64
import json
import os
import subprocess

from control import Control
from harness import Case, binary, wait_for

POLICY = '''
[policy.office]
like = "lenient"
keep-refused = true
quarantine = 8.0
reject = 30.0
[policy.office.action]
"keyword.hold" = "quarantine"
"keyword.refuse" = "reject"
[[checks.keyword.rule]]
name = "hold"
match = "hold this"
weight = 1.0
[[checks.keyword.rule]]
name = "heavy"
match = "heavy"
weight = 9.0
[[checks.keyword.rule]]
name = "refuse"
match = "refuse this"
weight = 1.0
'''

ZONE = '''
sender.example. 300 MX 10 mx.sender.example.
sender.example. 300 TXT "v=spf1 ip4:127.0.0.1 -all"
mx.sender.example. 300 A 127.0.0.1
'''


def message(subject, body="hello", sender="s@sender.example"):
    return (f"From: Sam Sender <{sender}>\r\nTo: <anna@example.org>\r\nSubject: {subject}\r\n"
            f"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{abs(hash(subject))}@sender.example>\r\n\r\n{body}\r\n").encode()


class Quarantine(Case):
    def setUp(self):
        super().setUp()
        self.start()

    def start(self, more=""):
        self.server = self.gateway(self.people("anna@example.org", "bert@example.org", "analyst@example.org") +
                                   self.to_maildir(more='policy = "office"\n') + POLICY + more,
                                   zone=ZONE)
        self.control = Control(self.server)

    def send(self, subject, recipients=("anna@example.org",), text=None, **keywords):
        with self.server.client() as client:
            return client.mail("s@sender.example", list(recipients), text or message(subject, **keywords))

    def quarantine(self, *arguments, check=True):
        return self.server.command("quarantine", *arguments, "--config", self.server.config, check=check)

    def listed(self, *filters):
        return json.loads(self.quarantine("list", "--json", *filters).stdout)["items"]

    def held(self, subject, **keywords):
        """Sends it, and answers its id in the quarantine."""
        self.assertTrue(self.send(subject, **keywords).startswith("250"))
        return next(item["id"] for item in self.listed() if item["subject"] == subject)

    def states(self, message_id):
        shown = json.loads(self.quarantine("show", message_id, "--json").stdout)
        return {recipient["address"]: recipient["state"] for recipient in shown["recipients"]}

    def arrived(self, count, user="anna"):
        wait_for(lambda: len(self.maildir(user)) >= count, f"{count} messages for {user}")
        self.assertEqual(len(self.maildir(user)), count)

    def test_what_is_held_is_found_and_shown(self):
        first = self.held("hold this: invoice")
        second = self.held("hold this: casino", body="jackpot")
        self.assertTrue(self.send("plain").startswith("250"))
        self.arrived(1)
        ids = lambda *filters: [item["id"] for item in self.listed(*filters)]
        self.assertEqual(ids(), [second, first])
        self.assertEqual(ids("--subject", "invoice"), [first])
        self.assertEqual(ids("--text", "jackpot"), [second])
        self.assertEqual(ids("--sender", "s@sender.example", "--limit", "1"), [second])
        self.assertEqual(ids("--finding", "keyword.hold"), [second, first])
        self.assertEqual(ids("--finding", "keyword.other"), [])
        self.assertEqual(ids("--recipient", "bert@example.org"), [])
        self.assertEqual(ids("--kind", "refused"), [])
        self.assertEqual(ids("--since", "1h"), [second, first])
        self.assertEqual(ids("--until", "2020-01-01"), [])
        table = self.quarantine("list").stdout
        self.assertIn("hold this: casino", table)
        self.assertIn("keyword.hold", table)
        shown = self.quarantine("show", first).stdout
        for word in ("Sam Sender", "hold this: invoice", "keyword.hold", "anna@example.org: waiting", "policy office"):
            self.assertIn(word, shown)
        raw = subprocess.run([binary(), "quarantine", "show", first, "--raw", "--config", self.server.config],
                             capture_output=True, check=True).stdout
        self.assertTrue(raw.endswith(message("hold this: invoice")))
        story = self.server.command("history", "show", first, "--config", self.server.config).stdout
        self.assertIn(f"mailreeve quarantine show {first}", story)
        self.assertNotEqual(self.quarantine("show", "01ARZ3NDEKTSV4RRFFQ69G5FAV", check=False).returncode, 0)

    def test_a_release_delivers_once_with_its_signature_intact(self):
        key, zone = os.path.join(self.directory, "key.pem"), os.path.join(self.directory, "dkim.zone")
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        plain, signed = os.path.join(self.directory, "plain.eml"), os.path.join(self.directory, "signed.eml")
        with open(plain, "wb") as file:
            file.write(message("hold this: signed"))
        with open(signed, "wb") as file:
            file.write(subprocess.run([binary(), "dkim", "sign", "--domain", "sender.example", "--selector", "s", "--key", key, plain],
                                      check=True, capture_output=True).stdout)

        with open(zone, "w", encoding="ascii") as file:
            text = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()
            parts = " ".join(f'"{text[i:i + 200]}"' for i in range(0, len(text), 200))
            file.write(f"s._domainkey.sender.example. 300 TXT {parts}\n")
        with open(signed, "rb") as file:
            self.assertTrue(self.send("", text=file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")).startswith("250"))
        held = self.listed()[0]["id"]
        self.assertEqual(self.maildir("anna"), [])
        self.quarantine("release", held, "--reason", "known")
        self.quarantine("release", held)
        self.arrived(1)
        got = os.path.join(self.directory, "got.eml")
        with open(got, "wb") as file:
            file.write(self.maildir("anna")[0])
        verified = json.loads(self.server.command("dkim", "verify", got, "--zone", zone, "--json").stdout)
        self.assertEqual(verified["result"], "pass")
        self.assertEqual(self.states(held), {"anna@example.org": "released"})
        self.assertEqual(self.listed(), [])
        self.assertEqual(len(self.listed("--state", "released")), 1)
        audit = json.loads(self.server.command("audit", "--json", "--object", held, "--config", self.server.config).stdout)["entries"]
        self.assertEqual([entry["action"] for entry in audit], ["quarantine.release"], "what changed nothing is not noted")
        self.assertIn("known", audit[-1]["detail"])
        self.assertIn("quarantine.release", self.server.command("audit", "--config", self.server.config).stdout)
        self.server.stop()
        self.server.start()
        self.quarantine("release", held)
        self.arrived(1)

    def test_one_recipient_is_released_and_the_other_deleted(self):
        held = self.held("heavy words", recipients=("anna@example.org", "bert@example.org"))
        self.quarantine("release", held, "--recipient", "anna@example.org", "--allow")
        self.arrived(1)
        self.assertEqual(self.states(held), {"anna@example.org": "released", "bert@example.org": "waiting"})
        self.quarantine("delete", held)
        self.assertEqual(self.states(held), {"anna@example.org": "released", "bert@example.org": "deleted"})
        self.quarantine("release", held)
        self.assertEqual(self.maildir("bert"), [])
        self.assertTrue(self.send("heavy words, but allowed").startswith("250"))
        self.arrived(2)

    def test_many_need_to_be_meant(self):
        for number in range(5):
            self.held(f"hold this: {number}")
        refused = self.quarantine("release", "--sender", "s@sender.example", check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("5 messages match", refused.stderr)
        self.assertEqual(self.quarantine("delete", check=False).returncode, 2)
        self.assertEqual(len(self.listed()), 5)
        self.quarantine("release", "--subject", "3", "--all")
        self.arrived(1)
        answer = json.loads(self.quarantine("delete", "--all", "--json").stdout)
        self.assertEqual(len(answer["results"]), 4)
        self.assertEqual(self.listed(), [])
        self.assertIn("empty", self.quarantine("list").stdout)

    def test_a_refused_copy_is_kept_and_may_be_released(self):
        self.assertTrue(self.send("refuse this: please").startswith("55"))
        item = self.listed()[0]
        self.assertEqual((item["kind"], item["decided_by"]), ("refused", "keyword.refuse"))
        self.quarantine("release", item["id"])
        self.arrived(1)

    def test_spam_and_ham_are_learnt_and_forwarding_attaches(self):
        spam, ham = self.held("hold this: casino jackpot"), self.held("hold this: minutes")
        self.quarantine("learn", "spam", spam)
        self.quarantine("learn", "ham", ham)
        learnt = json.loads(self.server.command("learn", "show", "--json", "--config", self.server.config).stdout)
        self.assertEqual((learnt["spam"], learnt["ham"]), (1, 1))
        self.assertEqual(self.states(spam), {"anna@example.org": "deleted"})
        self.assertEqual(self.states(ham), {"anna@example.org": "waiting"})
        self.quarantine("forward", ham, "--to", "analyst@example.org", "--reason", "odd")
        self.arrived(1, "analyst")
        self.assertIn(b"application/zip", self.maildir("analyst")[0])
        self.assertEqual(self.states(ham), {"anna@example.org": "waiting"})

    def test_it_can_be_read_while_no_gateway_runs(self):
        held = self.held("hold this: asleep")
        self.server.stop()
        self.assertEqual([item["id"] for item in self.listed()], [held])
        self.assertIn("asleep", self.quarantine("show", held).stdout)
        refused = self.quarantine("release", held, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("no gateway is running", refused.stderr)
        self.server.start()
        self.quarantine("release", held)
        self.arrived(1)

    def test_without_room_to_hold_it_nobody_gets_what_its_sender_sends_again(self):
        self.server.stop()
        self.start('[policy.open]\ntag = 900.0\n[[recipient]]\naddress = "bert@example.org"\npolicy = "open"\n'
                   '[quarantine]\nmax-size = "16MiB"\n')
        text = message("too much", body="hold this\r\n" + "x" * 70 + ("\r\n" + "x" * 70) * 250_000)
        reply = self.send("too much", recipients=("anna@example.org", "bert@example.org"), text=text)
        self.assertTrue(reply.startswith("452"), reply)
        self.assertEqual(self.maildir("bert"), [], "he would get it again with every try")
        self.assertEqual(self.server.states(), [])

    def test_a_queue_holds_nothing_but_what_an_operator_held(self):
        self.held("hold this: here")
        self.assertEqual(self.server.queue_list(), [])
        self.assertEqual(self.control.get("/overview")["quarantine"]["held"], 1)
        self.assertEqual(self.control.get("/overview")["queue"]["held"], 0)
