# SPDX-License-Identifier: Apache-2.0
"""What DNS can do to us: a server that denies, fails, is silent, slow or lies; and a real Unbound with a signed zone."""
import json
import os
import shutil
import subprocess
import threading
import time

from fake_dns import FakeDns
from harness import Case, binary, free_port, wait_for
from judge_test import message


def look_up(name, *arguments):
    """{type: answer} of `mailreeve lookup`, and its exit code."""
    done = subprocess.run([binary(), "lookup", name, "--json", *arguments], capture_output=True, text=True, check=False, timeout=60)
    return {answer["type"]: answer for answer in json.loads(done.stdout)["answers"]}, done.returncode


class FakeServer(Case):
    def dns(self, records=None, moods=None, **keywords):
        server = FakeDns(records, moods, **keywords)
        self.addCleanup(server.stop)
        return server

    def ask(self, dns, name):
        settings = os.path.join(self.directory, "dns.toml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f'hostname = "mx.test"\ncontact = "a@example.org"\ndata-dir = "{self.directory}/data"\n'
                       f'[[listener]]\nrole = "mx"\naddress = "127.0.0.1:2525"\n{self.to_maildir(recipients="any")}'
                       f'[dns]\nresolver = ["127.0.0.1:{dns.port}"]\ntimeout = "1s"\n')
        return look_up(name, "--config", settings)

    def test_answers_are_told_apart(self):
        dns = self.dns({("host.example", "A"): ["192.0.2.1", "192.0.2.2"], ("host.example", "MX"): ["10 host.example"],
                        ("alias.example", "CNAME"): ["host.example"], ("long.example", "TXT"): ["x" * 3000]},
                       {"broken.example": "servfail", "refused.example": "refused", "loop.example": "loop"})
        answers, code = self.ask(dns, "host.example")
        self.assertEqual((code, answers["A"]["status"], answers["AAAA"]["status"]), (0, "found", "no data"))
        self.assertEqual(sorted(answers["A"]["records"]), ["192.0.2.1", "192.0.2.2"])
        self.assertEqual(answers["MX"]["records"], ["10 host.example"])
        self.assertFalse(answers["A"]["secure"])
        self.assertEqual(sorted(self.ask(dns, "alias.example")[0]["A"]["records"]), ["192.0.2.1", "192.0.2.2"])
        self.assertEqual(self.ask(dns, "nobody.example")[0]["A"]["status"], "no such name")
        for name in ("broken.example", "refused.example", "loop.example"):
            answers, code = self.ask(dns, name)
            self.assertNotEqual(code, 0, name)
            self.assertIn(answers["A"]["status"], ("servfail", "timeout"), name)

    def test_truncated_answers_are_fetched_over_tcp(self):
        dns = self.dns({("long.example", "TXT"): ["x" * 3000], ("cut.example", "A"): ["192.0.2.1"]}, {"cut.example": "truncated"})
        self.assertEqual(self.ask(dns, "cut.example")[0]["A"]["records"], ["192.0.2.1"])
        self.assertIn("x" * 200, self.ask(dns, "long.example")[0]["TXT"]["records"][0])

    def test_lies_are_not_believed(self):
        dns = self.dns({("poison.example", "A"): ["192.0.2.1"], ("other.example", "A"): ["192.0.2.7"]},
                       {"id.example": "wrong-id", "question.example": "wrong-question", "noise.example": "garbage",
                        "poison.example": "poison"})
        for name in ("id.example", "question.example", "noise.example"):
            answers, code = self.ask(dns, name)
            self.assertNotEqual(code, 0, name)
            self.assertEqual(answers["A"]["records"], [], name)
            self.assertIn(answers["A"]["status"], ("servfail", "timeout"), name)
        self.assertEqual(self.ask(dns, "poison.example")[0]["A"]["records"], ["192.0.2.1"])

    def test_silence_and_slowness_have_an_end(self):
        dns = self.dns({("slow.example", "A"): ["192.0.2.1"]}, {"silent.example": "silent", "slow.example": "slow"}, delay=0.2)
        began = time.monotonic()
        answers, code = self.ask(dns, "silent.example")
        self.assertEqual(code, 1)
        self.assertEqual(answers["A"]["status"], "timeout")
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(self.ask(dns, "slow.example")[0]["A"]["records"], ["192.0.2.1"])

    def test_settings_that_cannot_be_read_are_not_passed_over(self):
        settings = os.path.join(self.directory, "dns.toml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write('[dns]\nresolver = [\n')
        done = subprocess.run([binary(), "lookup", "host.example", "--config", settings], capture_output=True, text=True, check=False,
                              timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("dns.toml:", done.stderr)
        self.assertIn("--resolver", done.stderr)

    def start(self, dns, checks=""):
        self.inside = self.sink()
        policy = 'policy = "test"\n'
        self.server = self.gateway(
            self.people("a@example.org") + self.domain(f"smtp://127.0.0.1:{self.inside.port}", more=policy) +
            f'[policy.test]\n{checks}[dns]\nresolver = ["127.0.0.1:{dns.port}"]\ntimeout = "1s"\n',
            listener='proxy-protocol = ["127.0.0.1"]')

    def send(self, sender, client="198.51.100.10"):
        with self.server.client(greet=False) as connection:
            connection.send(f"PROXY TCP4 {client} 192.0.2.1 40000 25\r\n")
            connection.greeting = connection.reply()
            return connection.mail(sender, ["a@example.org"], message(sender), hello="EHLO mx.good.example")

    def codes(self):
        record = json.loads(self.server.command("history", "search", "--limit", "1", "--json", "--config",
                                                self.server.config).stdout)["records"][0]
        return set(record["findings"])

    def test_mail_whose_domain_cannot_be_asked_is_not_called_bad(self):
        records = {("good.example", "TXT"): ["v=spf1 ip4:198.51.100.10 -all"], ("good.example", "MX"): ["10 mx.good.example"],
                   ("mx.good.example", "A"): ["198.51.100.10"], ("10.100.51.198.in-addr.arpa", "PTR"): ["mx.good.example"]}
        dns = self.dns(records, {"silent.example": "silent", "_dmarc.silent.example": "silent", "broken.example": "servfail",
                                 "_dmarc.broken.example": "servfail"})
        self.start(dns)
        self.assertTrue(self.send("anna@good.example").startswith("250"))
        self.assertIn("spf.pass", self.codes())
        for domain in ("silent.example", "broken.example"):
            answer = self.send(f"anna@{domain}")
            self.assertTrue(answer.startswith("250"), answer)
            codes = self.codes()
            self.assertIn("spf.temperror", codes)
            self.assertIn("sender.temperror", codes)
            self.assertFalse(codes & {"spf.fail", "spf.none", "sender.no-domain", "sender.no-mail-host", "dmarc.fail"}, codes)
        self.inside.wait(3)

    def test_an_operator_may_have_such_mail_wait(self):
        dns = self.dns({("1.example", "A"): ["192.0.2.1"]}, {"broken.example": "servfail"})
        self.start(dns, '[policy.test.action]\n"spf.temperror" = "greylist"\n')
        answer = self.send("anna@broken.example")
        self.assertRegex(answer, r"^45\d 4\.")

    def test_a_dead_resolver_does_not_stop_mail(self):
        dns = self.dns()
        self.start(dns)
        dns.stop()
        began = time.monotonic()
        for number in range(3):
            answer = self.send(f"anna@d{number}.example")
            self.assertTrue(answer.startswith("250"), answer)
        self.assertLess(time.monotonic() - began, 60)

    def test_what_many_want_at_once_is_asked_once(self):
        records = {("good.example", "TXT"): ["v=spf1 ip4:198.51.100.10 -all"], ("good.example", "MX"): ["10 mx.good.example"],
                   ("mx.good.example", "A"): ["198.51.100.10"]}
        # Slow, so that all of them ask before the first is answered; quicker than libunbound asks again.
        dns = self.dns(records, {name: "slow" for name in ("good.example", "_dmarc.good.example", "mx.good.example")}, delay=0.2)
        self.start(dns)
        answers = []
        senders = [threading.Thread(target=lambda: answers.append(self.send("anna@good.example"))) for _ in range(5)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual([answer[:3] for answer in answers], ["250"] * 5)
        with dns.lock:
            asked = [question for question in dns.asked if question[0].endswith("good.example")]
        self.assertIn(("good.example", "TXT"), asked)
        self.assertEqual(sorted(asked), sorted(set(asked)), "each question went out once")

    def test_what_is_known_is_not_asked_again(self):
        dns = self.dns({("good.example", "TXT"): ["v=spf1 ip4:198.51.100.10 -all"], ("good.example", "MX"): ["10 mx.good.example"],
                        ("mx.good.example", "A"): ["198.51.100.10"]})
        self.start(dns)
        self.assertTrue(self.send("anna@good.example").startswith("250"))
        before = dns.count("good.example"), dns.count("_dmarc.good.example"), dns.count("mx.good.example")
        for _ in range(4):
            self.assertTrue(self.send("anna@good.example").startswith("250"))
        self.assertEqual((dns.count("good.example"), dns.count("_dmarc.good.example"), dns.count("mx.good.example")), before)

    def test_a_name_with_very_many_records_is_read_in_part(self):
        many = [f"verification-{number}" for number in range(300)]
        dns = self.dns({("many.example", "TXT"): many + ["v=spf1 ip4:198.51.100.10 -all"], ("many.example", "MX"): ["10 mx.many.example"],
                        ("mx.many.example", "A"): ["198.51.100.10"]})
        answers, code = self.ask(dns, "many.example")
        self.assertEqual((code, answers["TXT"]["status"], len(answers["TXT"]["records"])), (0, "found", 256))
        self.start(dns)
        answer = self.send("anna@many.example")
        self.assertTrue(answer.startswith("250"), answer)
        self.assertFalse(self.codes() & {"spf.fail", "spf.softfail"}, self.codes())


class SignedZone(Case):
    """A real Unbound serves a zone signed here; Mailreeve validates it against the zone's own key."""

    RECORDS = ("signed.example. 300 IN SOA ns.signed.example. root.signed.example. 1 3600 600 86400 60\n"
               "signed.example. 300 IN NS ns.signed.example.\n"
               "ns.signed.example. 300 IN A 127.0.0.1\n"
               "good.signed.example. 300 IN A 192.0.2.1\n"
               "bad.signed.example. 300 IN A 192.0.2.2\n")

    def setUp(self):
        super().setUp()
        for program in ("ldns-keygen", "ldns-signzone"):
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")
        if not os.path.exists("/usr/sbin/unbound"):
            self.skipTest("Unbound is not installed")
        zone = os.path.join(self.directory, "zone")
        with open(zone, "w", encoding="utf-8") as file:
            file.write(self.RECORDS)
        run = lambda *words: subprocess.run(words, cwd=self.directory, check=True, capture_output=True, text=True).stdout.strip()
        key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "signed.example")
        # Denials too are proven (NSEC).
        run("ldns-signzone", "zone", key)
        with open(zone + ".signed", encoding="utf-8") as file:
            lines = [line.strip() for line in file if line.strip() and not line.startswith(";")]
        self.anchor = os.path.join(self.directory, key + ".key")
        # One record is changed after it was signed.
        lines = [line.replace("192.0.2.2", "192.0.2.66") if line.startswith("bad.") and "\tA\t" in line else line for line in lines]
        with open(zone, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        self.port = free_port()
        path = os.path.join(self.directory, "unbound.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'server:\n  interface: 127.0.0.1\n  port: {self.port}\n  do-daemonize: no\n  chroot: ""\n  username: ""\n'
                       f'  pidfile: ""\n  directory: "{self.directory}"\n  use-syslog: no\n  module-config: "iterator"\n'
                       f'auth-zone:\n  name: "signed.example"\n  zonefile: "{zone}"\n  for-downstream: yes\n  for-upstream: yes\n'
                       f'remote-control:\n  control-enable: no\n')
        unbound = subprocess.Popen(["/usr/sbin/unbound", "-d", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(unbound.wait)
        self.addCleanup(unbound.terminate)
        wait_for(lambda: look_up("good.signed.example", "--resolver", f"127.0.0.1:{self.port}")[0]["A"]["records"], "Unbound")

    def ask(self, name):
        settings = os.path.join(self.directory, "dns.toml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f'hostname = "mx.test"\ncontact = "a@example.org"\ndata-dir = "{self.directory}/data"\n'
                       f'[[listener]]\nrole = "mx"\naddress = "127.0.0.1:2525"\n{self.to_maildir(recipients="any")}'
                       f'[dns]\nresolver = ["127.0.0.1:{self.port}"]\ntrust-anchor = "{self.anchor}"\ntimeout = "5s"\n')
        return look_up(name, "--config", settings)

    def test_what_is_signed_is_proven(self):
        answers, _ = self.ask("good.signed.example")
        self.assertEqual((answers["A"]["status"], answers["A"]["records"], answers["A"]["secure"]), ("found", ["192.0.2.1"], True))
        self.assertEqual((answers["AAAA"]["status"], answers["AAAA"]["secure"]), ("no data", True))
        answers, _ = self.ask("nobody.signed.example")
        self.assertEqual((answers["A"]["status"], answers["A"]["secure"]), ("no such name", True))

    def test_what_was_changed_is_bogus(self):
        answers, code = self.ask("bad.signed.example")
        self.assertEqual((answers["A"]["status"], answers["A"]["records"], answers["A"]["secure"]), ("bogus", [], False))
        self.assertEqual(code, 1)

    def test_without_a_trust_anchor_nothing_is_proven(self):
        answers, _ = look_up("bad.signed.example", "--resolver", f"127.0.0.1:{self.port}")
        self.assertEqual((answers["A"]["records"], answers["A"]["secure"]), (["192.0.2.66"], False))
