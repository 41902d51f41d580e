# SPDX-License-Identifier: Apache-2.0
"""Other spam filters: a real Rspamd, a real spamd, and ones that are silent, slow, endless, rude or not there."""
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import rspamd_peer
from content_case import ContentCase
from harness import free_port, wait_for

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def message(text="hello", more=""):
    return (f"From: Anna <anna@sender.example>\r\nTo: <a@example.org>\r\nSubject: news\r\nMessage-ID: <1@sender.example>\r\n"
            f"Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n{more}\r\n{text}\r\n").encode()


class EngineCase(ContentCase):
    def setUp(self):
        super().setUp()
        self.stop = threading.Event()
        self.addCleanup(self.stop.set)

    def findings(self):
        """{code: (weight, evidence)} of the last message."""
        done = self.server.command("history", "search", "--limit", "1", "--json", "--config", self.server.config)
        identity = json.loads(done.stdout)["records"][0]["id"]
        shown = json.loads(self.server.command("history", "show", identity, "--json", "--config", self.server.config).stdout)
        return {one["code"]: (one["weight"], one["evidence"]) for one in self.all_findings(shown)}

    def all_findings(self, value):
        if isinstance(value, dict):
            if {"code", "weight", "evidence"} <= value.keys():
                yield value
            for inner in value.values():
                yield from self.all_findings(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from self.all_findings(inner)

    def scan(self, text, *arguments):
        path = os.path.join(self.directory, "scanned.eml")
        with open(path, "wb") as file:
            file.write(text)
        done = self.server.command("scan", path, "--json", "--config", self.server.config, "--zone",
                                   os.path.join(self.directory, "zone"), *arguments)
        return {one["code"]: (one["weight"], one["evidence"]) for one in json.loads(done.stdout)["findings"]}


class RealRspamd(EngineCase):
    def rspamd(self, **keywords):
        try:
            peer = rspamd_peer.Rspamd(self.directory, **keywords)
        except rspamd_peer.Missing as why:
            self.skipTest(str(why))
        self.addCleanup(peer.stop)
        return peer

    def test_its_score_is_a_finding(self):
        peer = self.rspamd()
        self.start(f'[checks.rspamd]\nserver = "http://127.0.0.1:{peer.port}"\n', "reject = 10.0\n")
        self.assertTrue(self.send(message()).startswith("250"))
        weight, evidence = self.findings()["rspamd.score"]
        self.assertEqual(weight, 0)
        self.assertRegex(evidence, r"^score 0\.0 of 15 \(no action\): .*FROM_EQ_ENVFROM\(0\.0\)")
        self.assertRegex(self.send(message(GTUBE)), r"^550 ")
        self.assertEqual(self.findings()["rspamd.score"], (10, "score 15.0 of 15 (reject): GTUBE(0.0)"))
        self.assertEqual(self.scan(message(GTUBE))["rspamd.score"], (10, "score 15.0 of 15 (reject): GTUBE(0.0)"))

    def test_with_all_its_modules_it_knows_who_the_client_was(self):
        peer = self.rspamd(full=True)
        self.start(f'[checks.rspamd]\nserver = "http://127.0.0.1:{peer.port}"\nmost-bytes = "2KiB"\n')
        found = self.scan(message(), "--ip", "192.0.2.1", "--helo", "mx.sender.example", "--from", "anna@sender.example", "--rcpt",
                          "a@example.org")
        weight, evidence = found["rspamd.score"]
        self.assertGreater(weight, 1)
        self.assertRegex(evidence, r"RDNS_NONE\(1\.0\)")
        asked = {name for name, _ in peer.dns.asked}
        self.assertTrue({"mx.sender.example", "_dmarc.sender.example"} <= asked, asked)
        self.assertNotIn("rspamd.score", self.scan(message("too large\r\n" * 300)))


class RealSpamd(EngineCase):
    def spamd(self):
        if not os.path.exists("/usr/sbin/spamd"):
            self.skipTest("spamd is not installed")
        home = os.path.join(self.directory, "spamassassin")
        os.mkdir(home)
        for name in os.listdir("/etc/spamassassin"):
            if name.endswith(".pre"):
                shutil.copy(os.path.join("/etc/spamassassin", name), home)
        with open(os.path.join(home, "local.cf"), "w", encoding="ascii") as file:
            file.write("use_bayes 0\ndns_available no\n"
                       "header TEST_CLIENT X-Spam-Relays-Untrusted =~ /ip=192\\.0\\.2\\.7 rdns=\\S* helo=mx\\.sender\\.example /\n"
                       "score TEST_CLIENT 1.25\n"
                       "header TEST_SENDER EnvelopeFrom =~ /^anna\\@sender\\.example$/\nscore TEST_SENDER 0.75\n")
        for directory, _, files in os.walk(self.directory):
            os.chmod(directory, 0o755)
            for name in files:
                os.chmod(os.path.join(directory, name), 0o644)
        port = free_port()
        self.spamd_output = os.path.join(home, "output")
        with open(self.spamd_output, "wb") as output:
            server = subprocess.Popen(["/usr/sbin/spamd", "--local", "-i", "127.0.0.1", "-p", str(port), "--siteconfigpath", home,
                                       "--username", "nobody", "--helper-home-dir", home, "--min-children", "1", "--max-children", "2",
                                       "--nouser-config", "--syslog", "stderr"], stdout=output, stderr=output, start_new_session=True)
        self.addCleanup(server.wait)
        self.addCleanup(os.killpg, server.pid, signal.SIGKILL)

        def is_up():
            if server.poll() is not None:
                with open(self.spamd_output, encoding="utf-8", errors="replace") as file:
                    raise AssertionError(f"spamd ended with {server.returncode}:\n{file.read()[-2000:]}")
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                    probe.sendall(b"PING SPAMC/1.2\r\n\r\n")
                    return probe.recv(100).startswith(b"SPAMD/")
            except OSError:
                return False
        wait_for(is_up, "spamd", 90)
        return port

    def test_its_score_is_a_finding(self):
        port = self.spamd()
        self.start(f'[checks.spamassassin]\nserver = "127.0.0.1:{port}"\nuser = "nobody"\ntime-limit = "60s"\n', "reject = 10.0\n")
        self.assertRegex(self.send(message(GTUBE)), r"^550 ")
        weight, evidence = self.findings()["spamassassin.score"]
        self.assertEqual(weight, 10)
        self.assertRegex(evidence, r"^score (9|10)\d\d\.\d of 5 \(spam\): GTUBE\(1000\.0\)")
        found = self.scan(message(), "--ip", "192.0.2.7", "--helo", "mx.sender.example", "--from", "anna@sender.example", "--rcpt",
                          "a@example.org")
        weight, evidence = found["spamassassin.score"]
        self.assertIn("TEST_CLIENT(1.2)", evidence)
        self.assertIn("TEST_SENDER(0.8)", evidence)


class Scripted:
    """Listens, reads the message (or not), says `answer`: octets, or several of them with a pause (`each`) after every
    one; None: never a word."""

    def __init__(self, stop, answer, read_all=True, each=None):
        self.stop, self.answer, self.read_all, self.each = stop, answer, read_all, each
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.held = []  # every connection: its count is how often somebody asked
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.held.append(connection)
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        try:
            connection.settimeout(0.3)
            try:
                while self.read_all and connection.recv(1 << 20):
                    pass
            except TimeoutError:
                pass
            if self.answer is None:
                return
            connection.settimeout(5)
            for piece in [self.answer] if isinstance(self.answer, bytes) else self.answer:
                if self.stop.is_set():
                    return
                connection.sendall(piece)
                if self.each:
                    time.sleep(self.each)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class OddFilter(EngineCase):
    """Whatever a filter does, mail goes on without it."""

    def engine(self, answer, **keywords):
        server = Scripted(self.stop, answer, **keywords)
        self.addCleanup(server.socket.close)
        return server

    def endless(self, first):
        yield first
        while True:
            yield b"x" * 65536

    def dripping(self, text):
        for octet in text:
            yield bytes([octet])

    def unavailable(self, kind, settings, text=None, seconds=8):
        log = os.path.join(self.directory, "mailreeve.log")
        if os.path.exists(log):
            os.remove(log)
        self.start(settings)
        try:
            began = time.monotonic()
            self.assertTrue(self.send(text or message()).startswith("250"))
            self.assertLess(time.monotonic() - began, seconds)
            weight, evidence = self.findings()[f"{kind}.unavailable"]
            self.assertEqual(weight, 0)
            self.assertLess(len(evidence), 600)
            self.assertEqual(len(self.server.log_lines(f"{kind}.unavailable")), 1)
            return evidence
        finally:
            self.server.stop()
            self.inside.stop()

    def test_rspamd(self):
        good = b'{"score":7,"required_score":15}'
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        long = b"Content-Length: %d\r\n\r\n" % len(good)
        for name, engine, why in (
                ("silence", self.engine(None), "deadline|time|slow"), ("nothing", self.engine(b""), "closed"),
                ("garbage", self.engine(b"\xff\xfe\0\r\n\r\n"), "no HTTP"), ("no JSON", self.engine(head + b"\r\nhello"), "JSON"),
                ("an error", self.engine(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 24\r\n\r\n{"error":"Unauthorized"}'), "403: Unauthorized"),
                ("cut short", self.engine(head + long + good[:-1]), "too early"), ("no score", self.engine(head + b'\r\n{"score":7}'), "score"),
                ("endless", self.engine(self.endless(head + b"\r\n")), "no HTTP"), ("endless head", self.engine(self.endless(head)), "no HTTP"),
                ("drip by drip", self.engine(self.dripping(head + long + good), each=0.2), "deadline|time|slow")):
            with self.subTest(name):
                port = engine.port
                evidence = self.unavailable("rspamd", f'[checks.rspamd]\nserver = "http://127.0.0.1:{port}"\ntime-limit = "2s"\n')
                self.assertRegex(evidence, why)
        with self.subTest("nobody"):
            evidence = self.unavailable("rspamd", f'[checks.rspamd]\nserver = "http://127.0.0.1:{free_port()}"\n', seconds=3)
            self.assertRegex(evidence, "refused")
        with self.subTest("before the message"):
            port = self.engine(head + long + good, read_all=False).port
            self.unavailable("rspamd", f'[checks.rspamd]\nserver = "http://127.0.0.1:{port}"\ntime-limit = "2s"\n',
                             message("\r\n".join(["x" * 70] * 60000)))

    def test_spamd(self):
        head = b"SPAMD/1.1 0 EX_OK\r\n"
        spam = b"Spam: True ; 9.0 / 5.0\r\n"
        for name, engine, why in (
                ("silence", self.engine(None), "deadline|time|slow"), ("nothing", self.engine(b""), "closed"),
                ("garbage", self.engine(b"\xff\xfe\0\r\n\r\n"), "not spamd's"), ("an error", self.engine(b"SPAMD/1.0 76 Bad header line\r\n"), "76 Bad"),
                ("cut short", self.engine(head + b"Content-length: 9\r\n" + spam + b"\r\nGTUBE"), "too early"),
                ("no score", self.engine(head + b"\r\n"), "score"), ("endless", self.engine(self.endless(head + spam + b"\r\n")), "no end"),
                ("drip by drip", self.engine(self.dripping(head + spam + b"\r\n"), each=0.2), "deadline|time|slow")):
            with self.subTest(name):
                port = engine.port
                evidence = self.unavailable("spamassassin", f'[checks.spamassassin]\nserver = "127.0.0.1:{port}"\ntime-limit = "2s"\n')
                self.assertRegex(evidence, why)

    def test_a_silent_one_is_left_alone_after_three_failures(self):
        silent = self.engine(None)
        self.start(f'[checks.rspamd]\nserver = "http://127.0.0.1:{silent.port}"\ntime-limit = "1s"\n')
        for _ in range(3):
            self.assertTrue(self.send(message()).startswith("250"))
        began = time.monotonic()
        for _ in range(5):
            self.assertTrue(self.send(message()).startswith("250"))
        self.assertLess(time.monotonic() - began, 4)
        self.assertEqual(len(silent.held), 3)
        self.assertEqual(len(self.server.log_lines("rspamd.unavailable")), 1)

    def test_over_local_sockets_and_with_a_password(self):
        path = os.path.join(self.directory, "r.sock")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen(5)
        self.addCleanup(server.close)
        asked = []

        def serve():
            connection, _ = server.accept()
            with connection:
                data = b""
                while b"hello\r\n" not in data:
                    data += connection.recv(65536)
                asked.append(data)
                body = b'{"score":12.5,"required_score":15,"action":"add header","symbols":{"X\\n":{"score":12.5}}}'
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                connection.recv(1)
        threading.Thread(target=serve, daemon=True).start()
        self.start(f'[checks.rspamd]\nserver = "unix:{path}"\npassword = "sesame"\nweight = 0.2\n')
        self.assertTrue(self.send(message()).startswith("250"))
        self.assertEqual(self.findings()["rspamd.score"], (2.5, "score 12.5 of 15 (add header): X?(12.5)"))
        head = asked[0].split(b"\r\n\r\n")[0].split(b"\r\n")
        for line in (b"Password: sesame", b"IP: 127.0.0.1", b"From: anna@sender.example", b"Rcpt: a@example.org"):
            self.assertIn(line, head)
        shown = self.server.command("config", "show", "--config", self.server.config).stdout
        self.assertNotIn("sesame", shown)
        self.assertNotIn("sesame", self.server.log_text())
