# SPDX-License-Identifier: Apache-2.0
"""The pages, used in Debian's Chromium against a gateway that takes real mail: see tests/pages."""
import json
import os
import shutil
import subprocess
import unittest

from harness import ROOT, Case, Mailreeve, binary

PASSWORD = "four words are enough"
SECONDS = 170
ATTACK = "<img src=x onerror=window.__xss=1>"


def zone(key):
    record = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True)
    text = "v=DKIM1; k=rsa; p=" + subprocess.run(["openssl", "base64", "-A"], input=record.stdout, check=True, capture_output=True).stdout.decode()
    return fr'''$TTL 300
mx.test.             A 127.0.0.1
good.example.        MX 10 mx.good.example.
good.example.        TXT "v=spf1 ip4:198.51.100.10 -all"
s1._domainkey.good.example. TXT "{text[:200]}" "{text[200:]}"
mx.good.example.     A 198.51.100.10
10.100.51.198.in-addr.arpa. PTR mx.good.example.
plain.example.       MX 10 mx.good.example.
bank.example.        MX 10 mx.good.example.
bank.example.        TXT "v=spf1 ip4:203.0.113.7 -all"
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
66.100.51.198.in-addr.arpa. PTR pwned.evil.example.
pwned.evil.example.  A 198.51.100.66
evil.example.        MX 10 pwned.evil.example.
'''


SETTINGS = '''
[[checks.keyword.rule]]
name = "offer"
match = "GREAT OFFER"
in = ["subject"]
weight = 9.0
[[checks.keyword.rule]]
name = "doubtful"
match = "PERHAPS"
in = ["subject"]
weight = 4.5
[[checks.keyword.rule]]
name = "awful"
match = "AWFUL"
in = ["subject"]
weight = 90.0
[policy.holding]
label = "As usual"
greylist = 4.0
quarantine = 8.0
reject = 80.0
keep-refused = true
[policy.holding.action]
"virus.found" = "reject"
"attachment.dangerous" = "quarantine"
"scan.crashed" = "quarantine"
[policy.open]
label = "I like newsletters"
quarantine = 100.0
[policy.open.action]
"virus.found" = "reject"
"attachment.dangerous" = "quarantine"
"scan.crashed" = "quarantine"
'''


class Gateway(Mailreeve):
    """Its links lead to itself."""

    def write_settings(self, settings):
        super().write_settings(settings.replace("WEB_URL", f"http://127.0.0.1:{self.web_port}"))


class Pages(Case):
    def setUp(self):
        super().setUp()
        self.packages = next((path for path in (os.path.join(ROOT, "build", "ui", "work"), os.path.join(ROOT, "ui"))
                              if os.path.isdir(os.path.join(path, "node_modules", "playwright-core"))), None)
        self.chromium = shutil.which("chromium")
        missing = [what for what, there in (("chromium", self.chromium), ("node", shutil.which("node")),
                                            ("playwright-core (script/ui build)", self.packages)) if not there]
        if missing and not os.environ.get("CI"):
            self.skipTest(f"missing: {', '.join(missing)}; script/bootstrap installs programs")
        self.assertEqual(missing, [])

    def start(self):
        key = os.path.join(self.directory, "dkim.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key],
                       check=True, capture_output=True)
        os.chmod(key, 0o600)
        away = self.sink(answers={"mail": f"451 4.3.0 {ATTACK} try later", "connect": f"220 {ATTACK} ready"})
        people = self.people("anna@example.org", "bert@example.org", "clara@example.org", "analyst@example.org",
                             "postmaster@example.org", f'"{ATTACK.replace(" ", "/")}"@example.org')
        settings = (
            people + self.to_maildir(more='policy = "holding"\nmay-choose = ["open"]\n') +
            self.domain(f"smtp://127.0.0.1:{away.port}", name="away.example", recipients="any", more='handover = "queue"\n') +
            SETTINGS + '[checks.bayes]\nmin-learned = 20\n[web]\nurl = "WEB_URL"\n')
        self.server = self.gateway(settings, kind=Gateway, listener='proxy-protocol = ["127.0.0.1"]', zone=zone(key))

    def run_cases(self, name, **more):
        self.start()
        facts = {
            "base": f"http://127.0.0.1:{self.server.web_port}", "port": self.server.port, "directory": self.directory,
            "config": self.server.config, "binary": binary(), "log": self.server.log_path, "password": PASSWORD,
            "packages": self.packages, "chromium": self.chromium, "key": os.path.join(self.directory, "dkim.pem"),
            "pictures": os.path.join(ROOT, "build", "test-logs", "pages"), "root": ROOT, **more}
        os.makedirs(facts["pictures"], exist_ok=True)
        log = os.path.join(facts["pictures"], f"{self.id().rsplit('.', 1)[1]}.log")
        with open(log, "wb") as file:
            try:
                code = subprocess.run(["node", os.path.join(ROOT, "tests", "pages", "run.mjs"), name], check=False, stdout=file,
                                      stderr=file, timeout=SECONDS, env={**os.environ, "MAILREEVE_PAGES": json.dumps(facts)}).returncode
            except subprocess.TimeoutExpired:
                code = f"no end after {SECONDS} s"
        with open(log, encoding="utf-8", errors="replace") as file:
            told = file.read()
        self.assertEqual(code, 0, f"\n{told}")

    def test_accounts(self):
        self.run_cases("accounts")

    def test_operator(self):
        self.run_cases("operator")

    def test_recipients(self):
        self.run_cases("recipients")

    def test_attacks(self):
        self.run_cases("attacks")

    def test_looks(self):
        self.run_cases("looks", modes=["light"])

    def test_looks_in_the_dark(self):
        self.run_cases("looks", modes=["dark"])

    def test_looks_on_a_phone(self):
        self.run_cases("looks", modes=["phone"])


if __name__ == "__main__":
    unittest.main()
