# SPDX-License-Identifier: Apache-2.0
"""OpenDKIM and Mailreeve verify what the other has signed."""
import json
import os
import re
import shutil
import subprocess

from harness import DEADLINE, Case, Client, binary, free_port, wait_for

MESSAGE = (b"From: Joe SixPack <joe@example.org>\r\nTo: Suzie Q <suzie@shopping.example>\r\n"
           b"Subject: Is dinner\r\n  ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n"
           b"Message-ID: <20030712040037@example.org>\r\nMIME-Version: 1.0\r\n"
           b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
           b"Hi. \t\r\n\r\nWe lost the  game.  \xc3\x84rgerlich.\r\n.\r\n\r\n\r\nJoe.\r\n\r\n\r\n")
CANONICALIZATIONS = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]


class OpenDkim(Case):
    def setUp(self):
        super().setUp()
        for program in ("opendkim", "opendkim-genkey"):
            if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin") is None:
                self.skipTest(f"{program} is not installed")
        self.make_rsa_key()
        self.make_ed25519_key()

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def make_rsa_key(self):
        """The record as opendkim-genkey writes it, parentheses, strings and comment, is the zone file."""
        subprocess.run(["/usr/sbin/opendkim-genkey", "-b", "2048", "-d", "example.org", "-s", "rsa", "-D", self.directory],
                       check=True, capture_output=True, timeout=DEADLINE)
        with open(self.path("rsa.txt"), encoding="ascii") as file:
            self.rsa_record = file.read()

    def make_ed25519_key(self):
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.path("ed.private")], check=True,
                       timeout=DEADLINE)
        os.chmod(self.path("ed.private"), 0o600)
        der = subprocess.run(["openssl", "pkey", "-in", self.path("ed.private"), "-pubout", "-outform", "DER"],
                             check=True, capture_output=True, timeout=DEADLINE).stdout
        base64 = subprocess.run(["openssl", "base64", "-A"], input=der[-32:], check=True, capture_output=True,
                                timeout=DEADLINE).stdout.decode()
        self.ed_record = f'v=DKIM1; k=ed25519; p={base64}'
        self.zone = self.write("zone", f'$ORIGIN example.org.\n{self.rsa_record}\n'
                                       f'ed._domainkey IN TXT "{self.ed_record}"\n')
        rsa = "".join(re.findall(r'"([^"]*)"', self.rsa_record))
        self.keys = self.write("keys", f"rsa._domainkey.example.org {rsa}\ned._domainkey.example.org {self.ed_record}\n")

    def verify(self, message):
        """What `mailreeve dkim verify` says of the bytes."""
        path = self.write("to-verify", message)
        done = subprocess.run([binary(), "dkim", "verify", path, "--zone", self.zone, "--json"], capture_output=True,
                              text=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.stderr, "")
        answer = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if answer["result"] in ("pass", "none") else 1, answer)
        return answer

    def opendkim_signs(self, message, selector, canonicalization, more=""):
        algorithm = "rsa-sha256" if selector == "rsa" else "ed25519-sha256"
        config = self.write("sign.conf", f"""Mode s
Domain example.org
Selector {selector}
KeyFile {self.path(selector)}.private
Canonicalization {canonicalization}
SignatureAlgorithm {algorithm}
RequireSafeKeys no
{more}""")
        path = self.write("to-sign", message.replace(b"\r\n", b"\n"))
        done = subprocess.run(["/usr/sbin/opendkim", "-x", config, "-t", path, "-v"], capture_output=True,
                              timeout=DEADLINE, check=True)
        found = re.search(rb"^DKIM-Signature: .*(?:\n[ \t].*)*\n", done.stdout, re.MULTILINE)
        self.assertIsNotNone(found, done.stdout + done.stderr)
        return found.group(0).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + message

    def opendkim_verifies(self, message):
        """What OpenDKIM prints of it."""
        config = self.write("verify.conf", f"Mode v\nTestPublicKeys {self.keys}\nRequireSafeKeys no\n")
        path = self.write("signed", message.replace(b"\r\n", b"\n"))
        done = subprocess.run(["/usr/sbin/opendkim", "-x", config, "-t", path, "-v"], capture_output=True, text=True,
                              timeout=DEADLINE, check=True)
        return done.stdout

    def mailreeve_signs(self, message, selector, *more):
        path = self.write("plain", message)
        done = subprocess.run([binary(), "dkim", "sign", "--domain", "example.org", "--selector", selector, "--key",
                               f"{self.path(selector)}.private", *more, path], capture_output=True, timeout=DEADLINE,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.endswith(message))
        return done.stdout

    def test_what_opendkim_signs_holds(self):
        held = 0
        for selector, algorithm in (("rsa", "rsa-sha256"), ("ed", "ed25519-sha256")):
            for canonicalization in CANONICALIZATIONS:
                with self.subTest(selector=selector, canonicalization=canonicalization):
                    message = self.opendkim_signs(MESSAGE, selector, canonicalization)
                    if selector == "ed" and "failed" in self.opendkim_verifies(message):
                        continue  # OpenDKIM 2.11.0 refuses its own Ed25519 signatures over simple headers
                    answer = self.verify(message)
                    self.assertEqual(answer["result"], "pass", answer)
                    held += 1
                    (one,) = answer["signatures"]
                    self.assertEqual((one["domain"], one["selector"], one["algorithm"], one["result"]),
                                     ("example.org", selector, algorithm, "pass"))
                    self.assertFalse(one["oversigned"])
                    # Lines that end in LF alone are a file's, not the message's.
                    self.assertEqual(self.verify(message.replace(b"\r\n", b"\n"))["result"], "pass")
                    self.assertEqual(self.verify(message.replace(b"lost", b"won!"))["result"], "fail")
                    self.assertEqual(self.verify(message.replace(b"dinner", b"supper"))["result"], "fail")

        self.assertGreaterEqual(held, 6)

    def test_oversigning_and_length_limits_of_opendkim_are_understood(self):
        message = self.opendkim_signs(MESSAGE, "rsa", "relaxed/relaxed", "OversignHeaders From\n")
        self.assertTrue(self.verify(message)["signatures"][0]["oversigned"])
        self.assertEqual(self.verify(b"From: mallory@example.net\r\n" + message)["result"], "fail")
        message = self.opendkim_signs(MESSAGE, "rsa", "simple/simple", "BodyLengthDB refile:"
                                      + self.write("lengths", "*\n") + "\n")
        if b"l=" in message.split(b"\r\n\r\n")[0]:
            self.assertFalse(self.verify(message)["signatures"][0]["partial_body"])
            self.assertTrue(self.verify(message + b"more\r\n")["signatures"][0]["partial_body"])

    def test_opendkim_takes_what_mailreeve_signs(self):
        for selector in ("rsa", "ed"):
            for canonicalization in CANONICALIZATIONS:
                with self.subTest(selector=selector, canonicalization=canonicalization):
                    message = self.mailreeve_signs(MESSAGE, selector, "--canonicalization", canonicalization)
                    self.assertEqual(self.verify(message)["result"], "pass")
                    results = self.opendkim_verifies(message)
                    self.assertRegex(results, rf"verification \(s={selector}, d=example.org, .*\) succeeded")
                    self.assertIn("failed", self.opendkim_verifies(message.replace(b"lost", b"won!")))

    def test_both_see_the_same_in_odd_messages(self):
        odd = {
            "no body": MESSAGE.split(b"\r\n\r\n")[0] + b"\r\n\r\n",
            "empty lines only": MESSAGE.split(b"\r\n\r\n")[0] + b"\r\n\r\n\r\n\r\n\r\n",
            "white space only": MESSAGE.split(b"\r\n\r\n")[0] + b"\r\n\r\n \t \r\n\t\r\n",
            "a long line": MESSAGE + b"x" * 100_000 + b" \r\n",
            "many lines": MESSAGE + b"line with \t white  space \r\n\r\n" * 20_000,
            "repeated fields": b"Comments: one\r\nComments:\r\n\ttwo \r\nX-Empty:\r\n" + MESSAGE,
        }
        for what, message in odd.items():
            for canonicalization in CANONICALIZATIONS:
                with self.subTest(what=what, canonicalization=canonicalization):
                    theirs = self.opendkim_signs(message, "rsa", canonicalization)
                    self.assertEqual(self.verify(theirs)["result"], "pass")
                    ours = self.mailreeve_signs(message, "rsa", "--canonicalization", canonicalization)
                    self.assertIn("succeeded", self.opendkim_verifies(ours))

    def test_mail_through_postfix_with_opendkim_as_milter_holds(self):
        port = free_port()
        config = self.write("milter.conf", f"""Mode s
Domain example.org
Selector rsa
KeyFile {self.path("rsa")}.private
Canonicalization relaxed/simple
RequireSafeKeys no
Socket inet:{port}@127.0.0.1
Background no
InternalHosts 127.0.0.1
""")
        postfix = self.postfix({"smtpd_milters": f"inet:127.0.0.1:{port}", "milter_default_action": "tempfail"})
        milter = subprocess.Popen(["/usr/sbin/opendkim", "-f", "-x", config], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(milter.wait)
        self.addCleanup(milter.kill)
        wait_for(lambda: self.listens(port), "OpenDKIM does not listen")
        with Client(postfix.port) as client:
            self.assertTrue(client.mail("joe@example.org", ["suzie@example.org"], MESSAGE).startswith("250"))
        wait_for(lambda: postfix.delivered("suzie"), "nothing was delivered")
        (message,) = postfix.delivered("suzie")
        self.assertIn(b"DKIM-Signature:", message)
        self.assertEqual(self.verify(message)["result"], "pass")

    def listens(self, port):
        with open("/proc/net/tcp", encoding="ascii") as table:
            return any(f":{port:04X} 00000000:0000 0A" in line for line in table)
