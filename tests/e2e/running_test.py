# SPDX-License-Identifier: Apache-2.0
"""Running the gateway: settings read again, certificates, stopping, health, metrics, logs, a full disk."""
import os
import re
import signal
import socket
import subprocess
import time
import unittest

from harness import Case, Client, Mailreeve, make_certificate, wait_for

MESSAGE = b"Subject: x\r\n\r\nx\r\n"


def served_serial(port):
    with Client(port) as client:
        client.ask("EHLO client.test")
        client.start_tls()
        der = client.socket.getpeercert(binary_form=True)
    done = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-serial"], input=der, capture_output=True,
                          check=True)
    return int(done.stdout.decode().strip().split("=")[1], 16)


class Reload(Case):
    def start(self, more=""):
        return self.gateway(self.to_maildir(recipients="any") + more)

    def test_sighup_reads_the_settings_again(self):
        server = self.start()
        server.write_settings(server.settings + self.to_maildir(name="example.net", recipients="any"))
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["x@example.net"], MESSAGE).startswith("550"))
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: server.log_lines("reloaded"), "the log to say reloaded")
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["x@example.net"], MESSAGE).startswith("250"))

    def test_a_wrong_file_is_refused_with_the_place_and_the_old_settings_stay(self):
        server = self.start()
        server.write_settings(server.settings + "[limits]\nno-such-key = 1\n")
        server.process.send_signal(signal.SIGHUP)
        [line] = wait_for(lambda: server.log_lines("reload refused"), "the log to say why")
        self.assertRegex(" ".join(line["problems"]), r"mailreeve\.toml:\d+:\d+: error: .*no-such-key")
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["x@example.org"], MESSAGE).startswith("250"))
        done = server.command("reload", "--config", server.config, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no-such-key", done.stdout + done.stderr)
        server.write_settings("this is no TOML")
        self.assertNotEqual(server.command("reload", "--config", server.config, check=False).returncode, 0)
        self.assertIsNone(server.process.poll())

    def test_a_new_certificate_without_a_restart(self):
        certificate, key = make_certificate(self.directory, serial=1)
        server = self.start(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
        self.assertEqual(served_serial(server.port), 1)
        with server.client() as old:
            old.ask("EHLO client.test")
            old.start_tls()
            second, second_key = make_certificate(self.directory, serial=2)
            os.replace(second, certificate)
            os.replace(second_key, key)
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: served_serial(server.port) == 2, "the new certificate")
            self.assertTrue(old.mail("a@example.com", ["x@example.org"], MESSAGE).startswith("250"))
        # a certificate that does not match its key is refused; the old one stays
        third, _ = make_certificate(self.directory, serial=3)
        os.replace(third, certificate)
        self.assertNotEqual(server.command("reload", "--config", server.config, check=False).returncode, 0)
        self.assertEqual(served_serial(server.port), 2)


class Stop(Case):
    def test_a_message_under_way_is_finished_and_the_idle_are_told(self):
        server = self.gateway(self.to_maildir(recipients="any"))
        with server.client() as idle, server.client() as busy:
            idle.ask("EHLO client.test")
            busy.envelope("a@example.com", ["x@example.org"])
            self.assertTrue(busy.ask("DATA").startswith("354"))
            busy.send(b"Subject: half\r\n\r\n")
            server.process.send_signal(signal.SIGTERM)
            self.assertTrue(idle.reply().startswith("421"))
            busy.send(b"the other half\r\n.\r\n")
            self.assertTrue(busy.reply().startswith("250"))
            self.assertTrue(busy.rest()[:3] in ("421", ""))
        self.assertEqual(server.process.wait(10), 0)
        server.process = None
        self.assertEqual(len(self.maildir("x")), 1)

    def test_who_never_finishes_does_not_hold_the_stop(self):
        server = self.gateway(self.to_maildir(recipients="any"))
        clients = [server.client() for _ in range(5)]
        for client in clients:
            client.envelope("a@example.com", ["x@example.org"])
            client.ask("DATA")
        server.stop(10)
        self.assertEqual(self.maildir("x"), [])

    def test_an_internal_server_that_hangs_does_not_hold_the_stop(self):
        hanging = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(hanging.close)
        server = self.gateway(self.domain(f"smtp://127.0.0.1:{hanging.getsockname()[1]}", recipients="any"))
        with server.client() as client:
            client.envelope("a@example.com", ["x@example.org"])
            client.ask("DATA")
            client.send(MESSAGE + b".\r\n")
            time.sleep(0.1)  # so that it waits for the internal server now; either way it must end in time
            server.stop(10)
            said = client.rest()
        self.assertFalse(said.startswith("5"), said)
        server.start()
        if said.startswith("250"):  # then it is ours; without our word it may be sent twice, never lost
            self.assertEqual(server.states(), [("x@example.org", "queued")])

    def test_two_gateways_cannot_share_a_data_directory(self):
        server = self.gateway(self.to_maildir(recipients="any"))
        other_directory = os.path.join(self.directory, "other")
        os.mkdir(other_directory)
        other = Mailreeve(other_directory, server.settings, data_dir=server.data_dir)
        done = other.command("serve", "--config", other.config, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("data", done.stderr)


class Pages(Case):
    def test_health_and_metrics(self):
        server = self.gateway(self.to_maildir(recipients="any"))
        self.assertEqual(server.get("/healthz")[0], 200)
        with server.client() as client:
            client.mail("a@example.com", ["x@example.org"], MESSAGE)
            client.mail("a@example.com", ["x@elsewhere.example"], MESSAGE, hello=None)
        status, text = server.get("/metrics")
        self.assertEqual(status, 200)
        kinds, helped, samples = {}, set(), {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertNotIn(name, kinds)
                kinds[name] = kind
            elif line.startswith("# HELP "):
                helped.add(line.split(" ")[2])
            else:
                match = re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)", line)
                self.assertIsNotNone(match, line)
                samples[match[1] + (match[2] or "")] = float(match[3])
        for name, kind in kinds.items():
            self.assertTrue(name.startswith(("mailreeve_", "process_")), name)
            self.assertIn(name, helped)
            if kind == "counter":
                self.assertTrue(name.endswith("_total"), name)
            if kind == "histogram":
                self.assertRegex(name, "_(seconds|bytes|size)$")
        self.assertEqual(samples['mailreeve_transactions_total{outcome="accepted"}'], 1)
        self.assertIn("mailreeve_queue_messages", samples)
        self.assertEqual(server.get("/no-such-page")[0], 404)
        self.assertEqual(server.get("/api/v1/queue")[0], 401)  # strangers may not ask

    def test_a_transaction_that_the_client_gives_up_is_no_accepted_one(self):
        server = self.gateway(self.to_maildir() + self.people("alice@example.org"))
        with server.client() as client:
            client.ask("EHLO client.test")
            for last in ("RSET", "QUIT"):
                client.ask("MAIL FROM:<a@example.com>")
                client.ask("RCPT TO:<alice@example.org>")
                client.ask(last)
        with server.client() as client:
            client.ask("EHLO client.test")
            client.ask("MAIL FROM:<a@example.com>")
            client.ask("RCPT TO:<nobody@example.org>")
            client.ask("QUIT")
        wait_for(lambda: len(server.log_lines("transaction")) == 3, "three lines")
        self.assertEqual([line["verdict"] for line in server.log_lines("transaction")],
                         ["aborted", "aborted", "rejected"])
        status, text = server.get("/metrics")
        self.assertIn('mailreeve_transactions_total{outcome="aborted"} 2', text)
        self.assertIn('mailreeve_transactions_total{outcome="accepted"} 0', text)

    def test_one_transaction_is_one_line_with_everything_in_it(self):
        server = self.gateway(self.to_maildir(recipients="any"))
        with server.client() as client:
            answer = client.mail("a@example.com", ["x@example.org", "y@example.org"], MESSAGE)
            client.envelope("evil\u00ff@example.com", [], hello=None)
            client.ask('MAIL FROM:<"line\\"}"@example.com>')
        [line] = [line for line in server.log_lines("transaction") if line["verdict"] == "accepted"]
        self.assertIn(line["id"], answer)
        self.assertEqual((line["client"], line["helo"], line["sender"], line["recipients"], line["verdict"]),
                         ("127.0.0.1", "client.test", "a@example.com", ["x@example.org", "y@example.org"], "accepted"))
        self.assertEqual(line["size"], len(MESSAGE))
        self.assertTrue(line["reply"].startswith("250"))
        for name in ("tls", "ms", "listener", "handover", "time", "level"):
            self.assertIn(name, line)
        self.assertIn("has no policy", server.log_lines("settings")[0]["problem"], "what is doubtful is logged at the start")
        for text in server.log_text().splitlines():
            if text.startswith("mailreeve: to set up the first account"):
                continue  # as good as a password: for whoever starts it, not for the log
            self.assertTrue(text.startswith("{") and text.endswith("}"), text)

    def test_config_show_can_be_read_back(self):
        server = self.gateway(self.to_maildir(recipients="any"))
        shown = server.command("config", "show", "--config", server.config).stdout
        again = os.path.join(self.directory, "again.toml")
        with open(again, "w", encoding="utf-8") as file:
            file.write(shown)
        self.assertEqual(server.command("config", "show", "--config", again).stdout, shown)
        self.assertEqual(server.command("config", "check", "--config", again).returncode, 0)


class FullDisk(Case):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system takes root")
        self.small = os.path.join(self.directory, "small")
        os.mkdir(self.small)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", self.small], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"cannot mount a tmpfs here: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.small], check=False)

    def fill(self, leave):
        """Takes all room of the small file system but `leave` octets."""
        free = os.statvfs(self.small)
        path = os.path.join(self.small, "ballast")
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free.f_bavail * free.f_frsize - leave, 1))
        return path

    def start(self, min_free):
        self.inside = self.sink()
        self.inside.stop()  # so that everything stays queued
        return self.gateway(self.domain(f"smtp://127.0.0.1:{self.inside.port}", recipients="any",
                                        more='handover = "queue"') +
                            f'[outbound]\nretry = ["1s"]\n[limits]\nmin-free-disk = "{min_free}"\nmemory-body = "64KiB"\n',
                            data_dir=os.path.join(self.small, "data"))

    def test_below_the_reserve_mail_is_put_off_before_its_body(self):
        server = self.start("4MiB")
        ballast = self.fill(3 << 20)
        with server.client() as client:
            answers = client.envelope("a@example.com", ["r@example.org"])
            self.assertTrue(answers[1].startswith("452 4.3.1"), answers)
            os.unlink(ballast)
            wait_for(lambda: client.ask("MAIL FROM:<a@example.com>").startswith("250"), "mail is taken again")

    def test_full_for_real_nothing_is_half_stored_and_it_recovers_by_itself(self):
        server = self.start("0")
        taken, refused = [], 0
        body = b"Subject: fill\r\n\r\n" + b"0123456789abcdef" * 4 * 1024 + b"\r\n"
        body = re.sub(rb"(.{512})", rb"\1\r\n", body[17:])
        body = b"Subject: fill\r\n\r\n" + body

        def send_some(most):
            nonlocal refused
            with server.client() as client:
                client.ask("EHLO client.test")
                for _ in range(most):
                    name = f"m{len(taken) + refused}@example.com"
                    answer = client.mail(name, ["r@example.org"], body, hello=None)
                    if answer.startswith("250"):
                        taken.append(name)
                    else:
                        self.assertTrue(answer.startswith(("452", "451")), answer)
                        refused += 1
                        client.ask("RSET")

        send_some(20)
        self.assertEqual(refused, 0)
        ballast = self.fill(256 << 10)
        send_some(30)
        self.assertGreater(refused, 10)
        self.assertIsNone(server.process.poll())
        os.unlink(ballast)
        before = len(taken)
        wait_for(lambda: send_some(1) or len(taken) > before, "room is free again and mail is taken")
        self.inside.start()
        self.inside.wait(len(taken), 60)
        wait_for(lambda: server.queue_list() == [], "an empty queue", 30)
        self.assertEqual(sorted(m["sender"] for m in self.inside.messages), sorted(taken))


if __name__ == "__main__":
    unittest.main()
