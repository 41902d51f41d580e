# SPDX-License-Identifier: Apache-2.0
"""Signatures, chains and call-outs through SMTP: what is proven, and what only looks so."""
import base64
import json
import os
import subprocess
import unittest

from harness import SUITES, Client, Sink, binary, free_port, wait_for
from judge_test import GOOD, OBSERVING, ZONE, Judged, message


def zone_texts(text):
    """A text as the character-strings of a TXT record in a zone file."""
    return " ".join('"' + text[i:i + 200] + '"' for i in range(0, len(text), 200))


class Signed(Judged):
    def key(self, name, bits=2048, ed25519=False):
        """-> (file of the private key, p= of the public one)"""
        path = os.path.join(self.directory, name + ".pem")
        kind = ["genpkey", "-algorithm", "ed25519"] if ed25519 else ["genpkey", "-algorithm", "rsa", "-pkeyopt", f"rsa_keygen_bits:{bits}"]
        subprocess.run(["openssl", *kind, "-out", path], check=True, capture_output=True)
        done = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], check=True, capture_output=True)
        octets = done.stdout[-32:] if ed25519 else done.stdout
        return path, base64.b64encode(octets).decode()

    def sign(self, text, key, selector, domain="good.example"):
        path = os.path.join(self.directory, "message.eml")
        with open(path, "wb") as file:
            file.write(text)
        return subprocess.run([binary(), "dkim", "sign", "--domain", domain, "--selector", selector, "--key", key, path],
                              check=True, capture_output=True).stdout

    def found(self, text, sender=GOOD[2]):
        self.send(GOOD[0], GOOD[1], sender, text)
        return self.last()["findings"]

    def start_with_keys(self):
        keys = {"s2048": self.key("s2048"), "weak": self.key("weak", 1024), "tiny": self.key("tiny", 768),
                "ed": self.key("ed", ed25519=True), "test": self.key("test")}
        kinds = {"ed": "k=ed25519; ", "test": "t=y; "}
        records = "".join(f"{name}._domainkey.good.example. TXT {zone_texts('v=DKIM1; ' + kinds.get(name, '') + 'p=' + public)}\n"
                          for name, (_, public) in keys.items())
        records += 'revoked._domainkey.good.example. TXT "v=DKIM1; p="\nslow._domainkey.good.example. TIMEOUT\n'
        self.start('policy = "watch"', OBSERVING, checks="")
        self.server.stop()
        with open(os.path.join(self.directory, "zone"), "a", encoding="utf-8") as file:
            file.write(records)
        self.server.start()
        return {name: key for name, (key, _) in keys.items()}

    def test_signatures(self):
        keys = self.start_with_keys()
        plain = message()
        good = self.found(self.sign(plain, keys["s2048"], "s2048"))
        self.assertIn("dkim.pass", good)
        self.assertNotIn("dkim.not-oversigned", good)
        self.assertIn("dkim.pass", self.found(self.sign(plain, keys["ed"], "ed")))
        self.assertIn("dkim.weak-key", self.found(self.sign(plain, keys["weak"], "weak")))
        self.assertIn("dkim.policy", self.found(self.sign(plain, keys["tiny"], "tiny")))
        self.assertIn("dkim.testing", self.found(self.sign(plain, keys["test"], "test")))
        self.assertIn("dkim.permerror", self.found(self.sign(plain, keys["s2048"], "revoked")))
        self.assertIn("dkim.permerror", self.found(self.sign(plain, keys["s2048"], "missing")))
        self.assertIn("dkim.temperror", self.found(self.sign(plain, keys["s2048"], "slow")))
        self.assertIn("dkim.fail", self.found(self.sign(plain, keys["s2048"], "s2048") + b"more\r\n"))
        self.assertIn("dkim.fail", self.found(self.sign(plain, keys["s2048"], "weak")))
        signed = self.sign(plain, keys["s2048"], "s2048")
        old = signed.replace(b"; bh=", b"; x=1000000000; bh=", 1) if b"; bh=" in signed else signed.replace(b"bh=", b"x=1000000000; bh=", 1)
        stamped = [line for line in old.split(b"\r\n") if b"t=" in line][0]
        old = old.replace(stamped, stamped.replace(b"t=", b"t=99; z", 1) if b"t=" in stamped else stamped)
        self.assertTrue({"dkim.expired", "dkim.permerror", "dkim.policy"} & set(self.found(old)))
        # a forged second author stands above what is signed
        self.assertIn("from.multiple", self.found(b"From: boss@bank.example\r\n" + signed))

    def test_a_signature_alone_proves_the_author(self):
        keys = self.start_with_keys()
        signed = self.sign(message(), keys["s2048"], "s2048")
        self.send("198.51.100.99", "mx.good.example", "x@plain.example", signed)
        self.assertIn("dmarc.pass", self.last()["findings"], "forwarded mail lives by its signature")
        body = self.inside.wait(1)[0]["body"].decode()
        self.assertIn("dkim=pass", body)
        self.assertIn("header.d=good.example", body.replace("\r\n\t", " "))

    def test_a_chain_of_a_trusted_sealer_overrides_dmarc(self):
        path = os.path.join(SUITES, "arc", "cases.jsonl")
        if not os.path.exists(path):
            self.skipTest("no suite arc")
        with open(path, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        texts = [(row, base64.b64decode(row["input"]["message_b64"])) for row in rows if row["expected"] == ["pass"]]
        row, text = next((row, text) for row, text in texts if text.count(b"ARC-Seal:") == 1 and b"dmarc=pass" in text)
        records = "".join(f"{r['name']}. TXT " + " ".join(f'"{piece}"' for piece in r["value"]) + "\n" for r in row["zone"])
        author = text.split(b"From:")[1].split(b"@")[1].split(b">")[0].decode()
        records += f'_dmarc.{author}. TXT "v=DMARC1; p=reject"\n'
        sealer = text.split(b"ARC-Seal:")[1].replace(b"\r\n", b"").split(b"d=")[1].split(b";")[0].strip().decode()
        for trusted, expected in ((f'trusted = ["{sealer}"]', "dmarc.arc-override"), ("trusted = []", "dmarc.reject")):
            self.start('policy = "watch"', OBSERVING, checks=f"[checks.arc]\n{trusted}\n")
            self.server.stop()
            with open(os.path.join(self.directory, "zone"), "w", encoding="utf-8") as file:
                file.write(ZONE + records)
            self.server.start()
            found = self.found(text, sender="x@plain.example")
            self.assertIn("arc.pass", found)
            self.assertIn(expected, found)
            broken = text.replace(b"\r\n\r\n", b"\r\n\r\nchanged ", 1)
            self.assertIn("arc.fail", self.found(broken, sender="x@plain.example"))
            self.server.stop()

    def test_recipients_that_do_not_exist_count(self):
        self.start('policy = "watch"', OBSERVING, checks="")
        connection = self.connect(GOOD[0])
        connection.envelope(GOOD[2], ["n1@example.org", "n2@example.org", "n3@example.org", "a@example.org"], hello="EHLO mx.good.example")
        connection.data(message())
        self.assertIn("recipients.unknown", self.last()["findings"])


class CallOut(Judged):
    def start_asking(self, more=""):
        self.theirs = self.sink(answers={"rcpt:nobody@asked.example": "550 5.1.1 no such person"})
        self.start('policy = "watch"', OBSERVING,
                   checks=f'[checks.callout]\nenabled = true\nconnect-back = true\nlimit = "2/h per domain"\nport = {self.theirs.port}\n{more}')
        self.server.stop()
        with open(os.path.join(self.directory, "zone"), "a", encoding="utf-8") as file:
            file.write("asked.example. MX 10 mx.asked.example.\nmx.asked.example. A 127.0.0.1\n"
                       "gone.example. MX 10 mx.gone.example.\nmx.gone.example. A 127.0.0.77\n")
        self.server.start()

    def test_the_senders_server_is_asked_within_limits(self):
        self.start_asking()
        self.send("198.51.100.9", "mx.good.example", "anna@asked.example")
        self.assertIn("callout.accepted", self.last()["findings"])
        self.send("198.51.100.9", "mx.good.example", "anna@gone.example")
        self.assertIn("callout.temperror", self.last()["findings"])
        self.send(*GOOD)
        self.assertFalse([c for c in self.last()["findings"] if c.startswith("callout")], "SPF proves it: nobody is asked")
        for sender in ("", "list-bounces@asked.example", "owner-x@asked.example"):
            self.send("198.51.100.9", "mx.good.example", sender)
            self.assertFalse([c for c in self.last()["findings"] if c.startswith("callout")], sender)
        self.send("198.51.100.9", "mx.good.example", "nobody@asked.example")
        self.assertIn("callout.refused", self.last()["findings"])
        self.send("198.51.100.9", "mx.good.example", "carl@asked.example")
        self.assertFalse([c for c in self.last()["findings"] if c.startswith("callout")], "the limit of the domain")

    def test_connect_back(self):
        self.start_asking()
        self.send("127.0.0.1", "mx.good.example", "anna@plain.example")
        self.assertIn("connect-back.accepted", self.last()["findings"])
        self.send("127.0.0.78", "mx.good.example", "anna@plain.example")
        self.assertIn("connect-back.none", self.last()["findings"])


if __name__ == "__main__":
    unittest.main()
