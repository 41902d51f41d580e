# SPDX-License-Identifier: Apache-2.0
"""Who is this sender? Findings, policies, verdicts and history, through SMTP. Client addresses come by PROXY headers,
DNS from a zone file."""
import json
import os
import subprocess
import time

from harness import Case, Client, binary, wait_for

ZONE = r'''
$TTL 300
mx.test.            A 127.0.0.1
good.example.       MX 10 mx.good.example.
good.example.       TXT "v=spf1 ip4:198.51.100.10 -all"
mx.good.example.    A 198.51.100.10
_dmarc.good.example. TXT "v=DMARC1; p=reject"
10.100.51.198.in-addr.arpa. PTR mx.good.example.
soft.example.       MX 10 mx.good.example.
soft.example.       TXT "v=spf1 ~all"
quiet.example.      MX 10 mx.good.example.
quiet.example.      TXT "v=spf1 ?all"
broken.example.     MX 10 mx.good.example.
broken.example.     TXT "v=spf1 ip4:300.1.1.1 -all"
slow.example.       MX 10 mx.good.example.
slow.example.       TIMEOUT TXT
plain.example.      MX 10 mx.good.example.
far.example.        MX 10 mx.far.example.
mx.far.example.     A 203.0.113.200
null.example.       MX 0 .
private.example.    MX 10 in.private.example.
in.private.example. A 10.1.2.3
deadmx.example.     MX 10 nowhere.deadmx.example.
empty.example.      TXT "nothing here"
failing.example.    SERVFAIL
mild.example.       MX 10 mx.good.example.
_dmarc.mild.example. TXT "v=DMARC1; p=quarantine"
none.example.       MX 10 mx.good.example.
_dmarc.none.example. TXT "v=DMARC1; p=none"
20.100.51.198.in-addr.arpa. PTR liar.example.
liar.example.       A 203.0.113.1
30.100.51.198.in-addr.arpa. PTR 198-51-100-30.dyn.isp.example.
198-51-100-30.dyn.isp.example. A 198.51.100.30
40.100.51.198.in-addr.arpa. SERVFAIL
50.100.51.198.in-addr.arpa. PTR mx.good.example.
other.example.      A 203.0.113.9
2.0.0.127.bl.test.  A 127.0.0.2
10.100.51.198.white.test. A 127.0.10.1
2.0.0.127.white.test. A 127.0.0.2
60.100.51.198.bl.test. A 127.0.0.3
60.100.51.198.bl.test. TXT "seen sending spam"
61.100.51.198.bl.test. A 127.0.0.9
2.0.0.127.refuse.test. A 127.255.255.254
60.100.51.198.refuse.test. A 127.255.255.254
*.everything.test.  A 127.0.0.2
test.rh.test.       A 127.0.1.2
listed.example.rh.test. A 127.0.1.2
listed.example.     MX 10 mx.good.example.
'''

CHECKS = '''
[checks.dnsbl]
lists = [
  { zone = "bl.test", finding = "dnsbl.test", weight = 6.0, codes = [{ answer = "127.0.0.2", weight = 6.0 }, { answer = "127.0.0.3", weight = 4.0, finding = "dnsbl.test.spam" }] },
  { zone = "white.test", finding = "dnswl", weight = -3.0 },
  { zone = "refuse.test", finding = "dnsbl.refusing", weight = 9.0 },
  { zone = "everything.test", finding = "dnsbl.everything", weight = 9.0 },
]
[checks.rhsbl]
lists = [{ zone = "rh.test", finding = "rhsbl.test", weight = 5.0, of = ["mail-from", "header-from", "helo"] }]
'''

OBSERVING = '''
[policy.watch]
'''

GOOD = ("198.51.100.10", "mx.good.example", "anna@good.example")


def message(author="anna@good.example", extra="", subject="hello", body="text\r\n"):
    return (f"From: <{author}>\r\nTo: <a@example.org>\r\nSubject: {subject}\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <1@test>\r\n{extra}\r\n{body}").encode()


class Judged(Case):
    def start(self, policy, more="", checks=CHECKS, **keywords):
        self.inside = self.sink()
        self.server = self.gateway(
            self.people("a@example.org", "b@example.org", "postmaster@example.org") +
            self.domain(f"smtp://127.0.0.1:{self.inside.port}", more=policy) + checks + more,
            listener='proxy-protocol = ["127.0.0.1"]', zone=ZONE, **keywords)
        if "[checks.dnsbl]" in checks:
            wait_for(lambda: "lists everything" in self.server.log_text(), "the lists were not examined")
        return self.server

    def connect(self, client):
        connection = Client(self.server.port, greet=False)
        self.addCleanup(connection.socket.close)
        family = "TCP6" if ":" in client else "TCP4"
        own = "2001:db8::1" if ":" in client else "192.0.2.1"
        connection.send(f"PROXY {family} {client} {own} 40000 25\r\n")
        connection.greeting = connection.reply()
        return connection

    def send(self, client, helo, sender, text=None, to=("a@example.org",)):
        connection = self.connect(client)
        answer = connection.mail(sender, list(to), message(sender or "anna@good.example") if text is None else text,
                                 hello=f"EHLO {helo}")
        connection.ask("QUIT")
        connection.socket.close()
        return answer

    def history(self, *arguments):
        done = self.server.command("history", "search", *arguments, "--json", "--config", self.server.config)
        return json.loads(done.stdout)["records"]

    def last(self):
        return self.history("--limit", "1")[0]


class EveryFinding(Judged):
    def expect(self, code, client=GOOD[0], helo=GOOD[1], sender=GOOD[2], text=None, absent=(), **keywords):
        self.send(client, helo, sender, text, **keywords)
        record = self.last()
        self.assertIn(code, record["findings"], f"{record}")
        for other in absent:
            self.assertNotIn(other, record["findings"])
        return record

    def test_each_is_provoked_by_mail(self):
        self.start('policy = "watch"', OBSERVING + '[checks.recipients]\nmaximum = 1\n[checks.lists]\nblock = ["from-header:bad@plain.example", "from-envelope:*@blocked.example", "helo:evil.example"]\nallow = ["domain:good.example"]\n[policy.watch.action]\n"lists.block" = "none"\n')
        good = self.expect("spf.pass", absent=("rdns.none", "rdns.mismatch", "rdns.generic", "helo.mismatch"))
        self.assertIn("dmarc.pass", good["findings"])
        self.assertIn("lists.allow", good["findings"])
        self.assertIn("dnswl", good["findings"])
        self.assertFalse([code for code in good["findings"] if code.startswith(("helo.", "rdns.", "sender."))], good)
        # reverse DNS
        self.expect("rdns.none", client="198.51.100.11")
        self.expect("rdns.none", client="2001:db8:1::2")
        self.expect("rdns.mismatch", client="198.51.100.20", absent=("rdns.none",))
        self.expect("rdns.generic", client="198.51.100.30", absent=("rdns.mismatch",))
        self.expect("rdns.temperror", client="198.51.100.40", absent=("rdns.none", "rdns.mismatch"))
        # HELO
        self.expect("helo.not-fqdn", helo="localhost")
        self.expect("helo.literal-mismatch", helo="[203.0.113.5]")
        self.expect("helo.literal", helo="[198.51.100.10]")
        self.expect("helo.pretends-to-be-us", helo="mx.test")
        self.expect("helo.pretends-to-be-us", helo="example.org")
        self.expect("helo.unresolvable", helo="nobody.invalid")
        self.expect("helo.mismatch", helo="other.example", absent=("helo.unresolvable",))
        self.expect("helo.bad-syntax", helo="198.51.100.10")
        self.expect("helo.temperror", helo="failing.example")
        # sender's domain
        self.expect("sender.no-domain", sender="a@missing.example")
        self.expect("sender.no-mail", sender="a@empty.example")
        self.expect("sender.null-mx", sender="a@null.example")
        self.expect("sender.private-mx", sender="a@private.example")
        self.expect("sender.bad-mx", sender="a@deadmx.example")
        self.expect("sender.temperror", sender="a@failing.example", absent=("sender.no-domain",))
        self.expect("from-domain.no-domain", text=message("a@missing.example"))
        self.expect("from-domain.null-mx", text=message("a@null.example"))
        self.expect("from-domain.no-mail", text=message("a@empty.example"))
        self.expect("from-domain.private-mx", text=message("a@private.example"))
        self.expect("from-domain.temperror", text=message("a@failing.example"))
        # lists
        self.expect("dnsbl.test", client="127.0.0.2")
        self.expect("dnsbl.test.spam", client="198.51.100.60", absent=("dnsbl.everything", "dnsbl.refusing", "dnsbl.test"))
        self.expect("dnsbl.refused", client="198.51.100.60")
        self.send("198.51.100.61", GOOD[1], GOOD[2])
        self.assertFalse([c for c in self.last()["findings"] if c.startswith("dnsbl.test")], "an answer code that is not named")
        self.expect("rhsbl.test", sender="a@listed.example", text=message())
        self.expect("rhsbl.test", text=message("a@listed.example"))
        # SPF
        self.expect("spf.fail", client="198.51.100.99")
        self.expect("spf.softfail", sender="a@soft.example")
        self.expect("spf.neutral", sender="a@quiet.example")
        self.expect("spf.permerror", sender="a@broken.example")
        self.expect("spf.temperror", sender="a@slow.example")
        self.expect("spf.none.implied-pass", sender="a@plain.example")
        self.expect("spf.none.implied-fail", sender="a@far.example")
        self.expect("spf.helo.fail", client="198.51.100.99", helo="good.example", sender="a@plain.example")
        self.expect("spf.pass", helo="good.example", sender="")
        # DKIM, DMARC, From
        self.expect("dkim.none")
        self.expect("dkim.permerror", text=message(extra="DKIM-Signature: v=1; a=rsa-sha256; d=good.example; s=x;\r\n bh=AAAA; b=AAAA\r\n"))
        self.expect("dkim.fail", text=message(extra="DKIM-Signature: v=1; a=rsa-sha256; d=good.example; s=x;\r\n h=from; bh=" + "A" * 43 + "=; b=AAAA\r\n"))
        self.expect("dmarc.reject", client="198.51.100.99")
        self.expect("dmarc.quarantine", text=message("a@mild.example"))
        self.expect("dmarc.fail", text=message("a@none.example"))
        self.expect("dmarc.none", text=message("a@plain.example"))
        self.expect("from.missing", text=b"Subject: x\r\n\r\ntext\r\n")
        self.expect("from.multiple", text=b"From: a@good.example\r\nFrom: b@plain.example\r\n\r\ntext\r\n", absent=("dmarc.pass",))
        self.expect("from.malformed", text=b"From: (open a@good.example\r\n\r\ntext\r\n")
        # recipients and lists of our own
        self.expect("recipients.many", to=("a@example.org", "b@example.org"))
        self.expect("lists.block", text=message("bad@plain.example"))
        self.expect("lists.block", sender="x@blocked.example")
        self.expect("lists.block", helo="evil.example")

    def test_the_client_that_does_not_wait_for_the_greeting(self):
        self.start('policy = "watch"', OBSERVING + '[checks.pregreet]\ndelay = "1s"\n', checks="")
        connection = Client(self.server.port, greet=False)
        connection.send("PROXY TCP4 198.51.100.10 192.0.2.1 40000 25\r\n")
        time.sleep(0.2)  # a client's own pace, not the wait for a result
        connection.send("EHLO mx.good.example\r\n")
        self.assertTrue(connection.reply().startswith("220"))
        connection.reply()
        connection.mail("anna@good.example", ["a@example.org"], message(), hello="")
        connection.socket.close()
        self.assertIn("pregreet", self.last()["findings"])

    def test_a_connection_that_says_nothing_is_remembered_too(self):
        self.start('policy = "watch"', OBSERVING, checks="")
        self.connect("198.51.100.11").socket.close()
        wait_for(lambda: self.history("--ip", "198.51.100.11"), "no record")
        record = self.history("--ip", "198.51.100.0/24")[0]
        self.assertEqual(record["kind"], "connection")
        self.assertIn("rdns.none", record["findings"])


class Verdicts(Judged):
    def test_good_mail_passes_and_bears_the_results(self):
        self.start('policy = "balanced"')
        forged = "Authentication-Results: mx.test; spf=pass smtp.mailfrom=evil.example\r\nX-Spam-Flag: NO\r\nAuthentication-Results: (x) MX.Test/1;\r\n dkim=pass\r\nAuthentication-Results: other.example; none\r\n"
        self.assertTrue(self.send(*GOOD, message(extra=forged)).startswith("250"))
        body = self.inside.wait(1)[0]["body"].decode()
        results = body[:body.index("\r\nReceived-SPF")].replace("\r\n", "")
        self.assertTrue(body.startswith("Authentication-Results: mx.test"), body[:300])
        for part in ("iprev=pass", "spf=pass", "dmarc=pass", "smtp.mailfrom=anna@good.example", "header.from=good.example"):
            self.assertIn(part, results)
        self.assertEqual(body.lower().count("authentication-results:"), 2, body)
        self.assertIn("other.example; none", body)
        self.assertIn("Received-SPF: pass", body)
        self.assertIn("X-Mailreeve: id=", body)
        self.assertNotIn("X-Spam-Flag", body)

    def test_spf_fail_is_rejected_and_explained(self):
        self.start('policy = "balanced"')
        answer = self.send("198.51.100.99", GOOD[1], GOOD[2])
        self.assertTrue(answer.startswith("550 5.7.23 spf.fail"), answer)
        self.assertIn("contact postmaster@example.org", answer)
        reference = answer.split("reference ")[1].split(";")[0]
        record = self.last()
        self.assertEqual((record["id"], record["verdict"], record["decided_by"]), (reference, "reject", "spf.fail"))
        told = self.server.command("history", "show", reference, "--config", self.server.config).stdout
        for words in ("198.51.100.99", "spf.fail", "decided by", "otherwise", "Looked up", "does not permit"):
            self.assertIn(words, told)
        self.assertIn(reference, self.server.log_text())
        story = json.loads(self.server.command("history", "show", reference, "--json", "--config", self.server.config).stdout)
        self.assertTrue(story["story"]["look_ups"])
        self.assertEqual([], self.inside.messages)

    def test_score_decides(self):
        self.start('policy = "p"', '[policy.p]\ntag = 2.0\nquarantine = 6.0\nreject = 9.0\nsubject-prefix = "[SPAM]"\n'
                   '[policy.p.weight]\n"rdns.none" = 2.5\n"helo.not-fqdn" = 4.0\n"sender.no-domain" = 4.0\n"dmarc" = 0\n"spf" = 0\n"dkim" = 0\n"dnsbl" = 0\n"dnswl" = 0\n"from-domain" = 0\n')
        self.assertTrue(self.send("198.51.100.11", GOOD[1], GOOD[2]).startswith("250"))
        tagged = self.inside.wait(1)[0]["body"].decode()
        self.assertIn("X-Spam-Flag: YES", tagged)
        self.assertIn("Subject: [SPAM] hello", tagged)
        self.assertEqual(self.last()["verdict"], "tag")
        self.assertTrue(self.send("198.51.100.11", "localhost", GOOD[2]).startswith("250"))
        self.assertEqual(self.last()["verdict"], "quarantine")
        self.assertEqual(self.server.held(), [("a@example.org", "waiting")])
        self.assertEqual(self.server.states(), [], "the queue holds only what an operator held")
        answer = self.send("198.51.100.11", "localhost", "x@missing.example")
        self.assertTrue(answer.startswith("550 5.7.1 score"), answer)
        self.assertEqual(len(self.inside.messages), 1)

    def test_each_recipient_has_a_policy_of_its_own(self):
        self.start('policy = "balanced"', '[[recipient]]\naddress = "b@example.org"\npolicy = "lenient"\n')
        answer = self.send("198.51.100.99", GOOD[1], GOOD[2], to=("a@example.org", "b@example.org"))
        self.assertTrue(answer.startswith("250"), answer)
        got = self.inside.wait(1)[0]
        self.assertEqual(got["recipients"], ["b@example.org"])
        wait_for(lambda: self.server.held() == [("a@example.org", "waiting")], "the other one is not held")
        self.assertTrue(self.send("198.51.100.99", GOOD[1], GOOD[2]).startswith("550"))

    def test_postmaster_and_abuse_meet_no_reject(self):
        self.start('policy = "balanced"', '[checks.lists]\nblock = ["ip:203.0.113.66", "from-envelope:*@good.example"]\n')
        for person in ("postmaster@example.org", "abuse@example.org"):
            self.assertTrue(self.send("198.51.100.99", GOOD[1], GOOD[2], to=(person,)).startswith("250"))
        self.assertIn("X-Spam-Flag: YES", self.inside.wait(2)[0]["body"].decode())
        self.assertTrue(self.connect("203.0.113.66").greeting.startswith("554 5.7.1 lists.block"))

    def test_greylisting_lets_in_who_comes_back(self):
        self.start('policy = "balanced"', '[checks.greylist]\nwhen = ["spf.softfail"]\ndelay = "1s"\n')
        sender = ("198.51.100.10", "mx.good.example", "a@soft.example")
        first = self.send(*sender)
        self.assertTrue(first.startswith("451 4.7.1"), first)
        self.assertEqual(self.last()["verdict"], "greylist")
        wait_for(lambda: self.send(*sender).startswith("250"), "it is never let in")
        self.assertTrue(self.send(*sender, to=("b@example.org",)).startswith("250"), "a triplet that passed is remembered")
        self.server.stop()
        self.server.start()
        self.assertTrue(self.send(*sender, to=("b@example.org",)).startswith("250"), "after a restart too")
        self.assertTrue(self.send(*GOOD).startswith("250"), "the others never wait")

    def test_temporary_trouble_defers_only_by_name(self):
        self.start('policy = "p"', '[policy.p]\n[policy.p.action]\n"spf.temperror" = "reject"\n')
        self.assertTrue(self.send(GOOD[0], GOOD[1], "a@slow.example").startswith("451 4.7.24 spf.temperror"))
        self.assertTrue(self.send(GOOD[0], GOOD[1], "a@failing.example").startswith(("250", "451")))

    def test_guessing_recipients_ends_the_session_and_blocks(self):
        self.start('policy = "balanced"', '[harvest]\nunknown-limit = 3\nblock = "1h"\n', checks="")
        connection = self.connect("198.51.100.10")
        connection.envelope("anna@good.example", [])
        answers = [connection.ask(f"RCPT TO:<nobody{i}@example.org>") for i in range(3)]
        self.assertEqual([a[:3] for a in answers], ["550", "550", "421"])
        self.assertTrue(connection.closed())
        self.assertTrue(self.connect("198.51.100.10").greeting.startswith("421"))
        self.assertTrue(self.connect("198.51.100.11").greeting.startswith("220"))
        self.assertTrue(self.history("--finding", "harvest"))

    def test_rates_are_limited_by_address(self):
        self.start('policy = "balanced"', '[checks.rate]\nconnections = "3/1m"\nmessages = "2/1m"\n', checks="")
        connection = self.connect("198.51.100.10")
        answers = [connection.mail("anna@good.example", ["a@example.org"], message())[:3] for _ in range(3)]
        self.assertEqual(answers, ["250", "250", "450"])
        greetings = [self.connect("198.51.100.10").greeting[:3] for _ in range(4)]
        self.assertIn("421", greetings)
        self.assertTrue(self.connect("198.51.100.12").greeting.startswith("220"))

    def test_who_is_refused_waits(self):
        self.start('policy = "balanced"', '[checks.tarpit]\ndelay = "1s"\n', checks="")
        began = time.monotonic()
        connection = self.connect("198.51.100.10")
        connection.envelope("anna@good.example", ["nobody@example.org"])
        self.assertGreaterEqual(time.monotonic() - began, 1.0)

    def test_a_policy_may_disconnect(self):
        self.start('policy = "p"', '[policy.p]\n[policy.p.action]\n"helo.not-fqdn" = "disconnect"\n', checks="")
        connection = self.connect("198.51.100.10")
        answer = connection.mail("anna@good.example", ["a@example.org"], message(), hello="EHLO localhost")
        self.assertTrue(answer.startswith("554 5.7.1 helo.not-fqdn"), answer)
        self.assertTrue(connection.reply().startswith("421"))
        self.assertTrue(connection.closed())

    def test_a_domain_without_a_policy_is_only_observed(self):
        self.start("")
        self.assertTrue(self.send("198.51.100.99", "localhost", GOOD[2]).startswith("250"))
        self.assertIn("spf.fail", self.last()["findings"])
        self.assertEqual(self.last()["verdict"], "accept")

    def test_checks_can_be_turned_off(self):
        self.start('policy = "balanced"', checks='[checks.spf]\nenabled = false\n[checks.dmarc]\nenabled = false\n')
        self.assertTrue(self.send("198.51.100.99", GOOD[1], GOOD[2]).startswith("250"))
        self.assertFalse([c for c in self.last()["findings"] if c.startswith(("spf", "dmarc"))])

    def test_lists_out_of_order_are_told_once(self):
        self.start('policy = "balanced"')
        for _ in range(3):
            self.send("198.51.100.60", GOOD[1], GOOD[2])
        lines = [line for line in self.server.log_lines("dnslist")]
        states = sorted((line["zone"], line["state"]) for line in lines)
        self.assertEqual(states, [("bl.test", "good"), ("everything.test", "lists everything"), ("refuse.test", "refused"),
                                  ("rh.test", "good"), ("white.test", "good")])

    def test_a_message_cannot_continue_our_own_fields(self):
        self.start('policy = "balanced"')
        answer = self.send(*GOOD, b" ; dkim=pass header.d=bank.example\r\n" + message())
        self.assertTrue(answer.startswith("550 5.6.0"), answer)

    def test_swaks_sees_it_too(self):
        self.start('policy = "balanced"')
        done = subprocess.run(["swaks", "--server", f"127.0.0.1:{self.server.port}", "--proxy-version", "1", "--proxy-family",
                               "TCP4", "--proxy-source", "198.51.100.99", "--proxy-source-port", "40000", "--proxy-dest",
                               "192.0.2.1", "--proxy-dest-port", "25", "--from", "anna@good.example", "--to", "a@example.org",
                               "--helo", "mx.good.example"], capture_output=True, text=True, check=False, timeout=60)
        self.assertIn("550 5.7.23 spf.fail", done.stdout, done.stdout + done.stderr)


class OddOctets(Judged):
    def test_whatever_a_client_says_its_story_can_be_read(self):
        self.start('policy = "watch"\n', OBSERVING)
        connection = self.connect("198.51.100.10")
        connection.socket.sendall(b"EHLO mx\xff\xfe\x80.example\r\n")
        connection.reply()
        connection.socket.sendall(b"EHLO mx.good.example\r\n")
        connection.reply()
        connection.socket.sendall(b"MAIL FROM:<anna@good.example>\r\n")
        connection.reply()
        connection.socket.sendall(b"RCPT TO:<a@example.org>\r\n")
        connection.reply()
        connection.socket.sendall(b"DATA\r\n")
        connection.reply()
        connection.socket.sendall(b"From: \xff <anna@good.example>\r\nSubject: \xfe\xff\r\nDate: \x80\r\n\r\n\xff\r\n.\r\n")
        self.assertTrue(connection.reply().startswith("250"))
        record = self.last()
        shown = self.server.command("history", "show", record["id"], "--config", self.server.config).stdout
        self.assertIn("accept", shown)
        self.assertTrue(self.server.log_lines("transaction"))


class Offline(Case):
    def test_scan_says_what_the_gateway_would(self):
        zone = os.path.join(self.directory, "zone")
        with open(zone, "w", encoding="utf-8") as file:
            file.write(ZONE)
        good = os.path.join(self.directory, "good.eml")
        with open(good, "wb") as file:
            file.write(message())
        server_command = lambda *words: subprocess.run([binary(), *words], capture_output=True, text=True, check=False,
                                                       timeout=60)
        common = ["--zone", zone, "--json"]
        forged = server_command("scan", good, "--ip", "198.51.100.99", "--helo", "mx.good.example", "--from", "anna@good.example",
                                "--rcpt", "a@example.org", *common)
        verdict = json.loads(forged.stdout)
        self.assertEqual(verdict["action"], "reject", verdict)
        self.assertEqual(verdict["findings"][0]["code"], verdict["decided_by"])
        honest = json.loads(server_command("scan", good, "--ip", "198.51.100.10", "--helo", "mx.good.example", "--from",
                                           "anna@good.example", *common).stdout)
        self.assertEqual(honest["action"], "accept", honest)
        both = server_command("scan", self.directory, "--zone", zone)
        self.assertEqual(len(both.stdout.splitlines()), 2, both.stdout + both.stderr)

    def test_what_commands_answer_in_json(self):
        zone = os.path.join(self.directory, "zone")
        with open(zone, "w", encoding="utf-8") as file:
            file.write(ZONE)

        def ask(*words):
            done = subprocess.run([binary(), *words, "--zone", zone, "--json"], capture_output=True, text=True, check=False, timeout=60)
            return json.loads(done.stdout)
        dmarc = ask("dmarc", "check", "--from", "good.example", "--spf", "good.example:pass", "--dkim", "other.example:pass")
        self.assertEqual([dmarc[key] for key in ("result", "policy", "domain", "record")],
                         ["pass", "reject", "good.example", "v=DMARC1; p=reject"])
        self.assertEqual(dmarc["aligned"], {"spf": True, "dkim": False})
        self.assertEqual(ask("dmarc", "check", "--from", "quiet.example", "--spf", "quiet.example:pass")["result"], "none")
        spf = ask("spf", "check", "--ip", "198.51.100.11", "--helo", "mx.good.example", "--from", "anna@good.example")
        self.assertEqual([spf[key] for key in ("result", "lookups", "void", "matched")], ["fail", 0, 0, "-all"])
        self.assertIn("explanation", spf)
        looked_up = ask("lookup", "198.51.100.10")
        self.assertTrue(looked_up["confirmed"])
        good = os.path.join(self.directory, "good.eml")
        with open(good, "wb") as file:
            file.write(message())
        self.assertEqual(ask("dkim", "verify", good), {"result": "none", "signatures": []})
        self.assertEqual(ask("arc", "verify", good)["result"], "none")
