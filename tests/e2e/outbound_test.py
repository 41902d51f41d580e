# SPDX-License-Identifier: Apache-2.0
"""Mail of our relay networks goes to other people's mail exchangers, found through a real Unbound."""
import os
import shutil
import socket
import subprocess

from harness import Case, free_port, wait_for

ZONE = {
    "elsewhere.example. MX 10 mx.elsewhere.example.",
    "elsewhere.example. MX 20 backup.elsewhere.example.",
    "mx.elsewhere.example. A 127.0.0.1",
    "plain.example. A 127.0.0.1",
    "silent.example. MX 0 .",
    "mine.example. MX 5 mx.test.",
}


class Outbound(Case):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("the sink must listen at port 25, which only root may")
        if shutil.which("unbound") is None and not os.path.exists("/usr/sbin/unbound"):
            self.skipTest("Unbound is not installed")
        self.alone_with("port-25")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", 25))
            except OSError:
                self.skipTest("another program listens at port 25")
        self.dns_port = free_port()
        path = os.path.join(self.directory, "unbound.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'''server:
  interface: 127.0.0.1
  port: {self.dns_port}
  do-daemonize: no
  chroot: ""
  username: ""
  pidfile: ""
  directory: "{self.directory}"
  use-syslog: no
  local-zone: "example." static
''')
            file.writelines(f'  local-data: "{record}"\n' for record in sorted(ZONE))
            file.write("remote-control:\n  control-enable: no\n")
        unbound = subprocess.Popen(["/usr/sbin/unbound", "-d", "-c", path], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(unbound.wait)
        self.addCleanup(unbound.terminate)
        wait_for(self.resolver_is_up, "Unbound")
        self.far = self.sink(port=25)
        self.server = self.gateway(
            self.to_maildir(recipients="any")
            + f'[relay]\nnetworks = ["127.0.0.0/8"]\n[dns]\nresolver = ["127.0.0.1:{self.dns_port}"]\ntimeout = "3s"\n')

    def resolver_is_up(self):
        try:
            socket.create_connection(("127.0.0.1", self.dns_port), timeout=1).close()
            return True
        except OSError:
            return False

    def send_to(self, recipient):
        with self.server.client() as client:
            answer = client.mail("me@example.org", [recipient], b"Subject: out\r\n\r\nhello\r\n")
        self.assertTrue(answer.startswith("250"), answer)

    def state_of(self, recipient):
        for message in self.server.queue_list():
            for entry in message["recipients"]:
                if entry["address"] == recipient:
                    return entry
        return None

    def test_to_the_mail_exchanger_and_to_a_domain_without_one(self):
        self.send_to("friend@elsewhere.example")
        self.send_to("friend@plain.example")
        messages = self.far.wait(2)
        self.assertEqual(sorted(message["recipients"][0] for message in messages),
                         ["friend@elsewhere.example", "friend@plain.example"])
        wait_for(lambda: self.server.queue_list() == [], "an empty queue")

    def test_domains_that_take_no_mail_are_told_apart_from_trouble(self):
        for recipient, state, words in [("a@silent.example", "refused", "null MX"),
                                        ("a@nowhere.example", "refused", "does not exist"),
                                        ("a@mine.example", "queued", "this gateway")]:
            self.send_to(recipient)
            wait_for(lambda r=recipient: (self.state_of(r) or {}).get("attempts", 0) >= 1, f"an attempt for {recipient}")
            entry = self.state_of(recipient)
            self.assertEqual(entry["state"], state, entry)
            self.assertIn(words, entry["reply"])
        self.assertEqual(self.far.messages, [])
