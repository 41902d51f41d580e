# SPDX-License-Identifier: Apache-2.0
"""Starts what the end-to-end tests need: Mailreeve itself, Postfix, Dovecot, scripted servers. All on loopback, each in
a temporary directory of its own, on ports that were free a moment ago."""
import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from loopback import DEADLINE, free_port, greets, make_certificate, read_maildir, wait_for
from mail_servers import Dovecot, Postfix
from sink import Sink
from smtp_client import Client, split_trace

__all__ = ["DEADLINE", "ROOT", "SUITES", "Case", "Client", "Dovecot", "Mailreeve", "Postfix", "Sink", "binary", "free_port",
           "greets", "make_certificate", "read_maildir", "split_trace", "wait_for"]

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITES = os.environ.get("MAILREEVE_SUITES_DIR", os.path.join(ROOT, "..", "shared", "suites"))


def binary():
    return os.environ.get("MAILREEVE_BIN", os.path.join(ROOT, "build", "release", "mailreeve"))


class Mailreeve:
    """One gateway. `settings` is what is put behind the listeners in the settings file; `top` goes before them."""

    def __init__(self, directory, settings, *, top="", listener="", hostname="mx.test", data_dir=None, extra="",
                 zone=""):
        self.directory = directory
        self.port = free_port()
        self.web_port = free_port()
        self.data_dir = data_dir or os.path.join(directory, "data")
        self.config = os.path.join(directory, "mailreeve.toml")
        self.log_path = os.path.join(directory, "mailreeve.log")
        self.hostname = hostname
        self.listener = listener
        self.extra = extra
        self.top = top
        self.zone = zone
        self.process = None
        self.write_settings(settings)

    def write_settings(self, settings):
        self.settings = settings
        text = f'''hostname = "{self.hostname}"
data-dir = "{self.data_dir}"
contact = "postmaster@example.org"
{self.top}
[[listener]]
role = "mx"
address = "127.0.0.1:{self.port}"
{self.listener}
[[listener]]
role = "web"
address = "127.0.0.1:{self.web_port}"
{self.extra}
{settings}
'''
        if "[dns]" not in text:
            # Nobody outside is asked: a zone file answers, that of the test or an empty one.
            zone = os.path.join(self.directory, "zone")
            if not os.path.exists(zone):
                with open(zone, "w", encoding="utf-8") as file:
                    file.write(self.zone)
            text += f'[dns]\nzone-file = "{zone}"\n'
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        log = open(self.log_path, "ab")
        with log:
            self.process = subprocess.Popen([binary(), "serve", "--config", self.config], stdout=log, stderr=log,
                                            cwd=self.directory)
        wait_for(self._greets, "no 220")
        return self

    def _greets(self):
        if self.process.poll() is not None:
            raise AssertionError(f"mailreeve ended with {self.process.returncode}:\n{self.log_text()[-3000:]}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
                if "proxy-protocol" in self.listener:
                    probe.sendall(b"PROXY UNKNOWN\r\n")
                probe.settimeout(2)
                return probe.recv(3) == b"220"
        except OSError:
            return False

    def stop(self, seconds=10.0):
        """SIGTERM: a clean end in time, or an error."""
        if self.process is None:
            return
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=seconds + 5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.process = None
            raise AssertionError(f"mailreeve did not stop:\n{self.log_text()[-3000:]}") from None
        self.process = None
        took = time.monotonic() - began
        if code != 0:
            raise AssertionError(f"mailreeve ended with {code}:\n{self.log_text()[-3000:]}")
        if took >= seconds:
            raise AssertionError(f"mailreeve took {took:.1f} s to stop")

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log_text(self):
        with open(self.log_path, "r", encoding="utf-8", errors="replace") as file:
            return file.read()

    def log_lines(self, event=None):
        lines = []
        for line in self.log_text().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if event is None or entry.get("event") == event:
                lines.append(entry)
        return lines

    def command(self, *arguments, check=True):
        """Runs `mailreeve ARGUMENTS`; returns the finished process."""
        done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False,
                              cwd=self.directory)
        if check and done.returncode != 0:
            raise AssertionError(f"mailreeve {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def queue(self, *arguments, check=True):
        return self.command("queue", *arguments, "--config", self.config, check=check)

    def queue_list(self):
        answer = json.loads(self.queue("list", "--json").stdout)
        return answer["messages"] if isinstance(answer, dict) else answer

    def states(self):
        """(address, state) of every queued recipient, sorted."""
        return sorted((r["address"], r["state"]) for m in self.queue_list() for r in m["recipients"])

    def held(self, state="any"):
        """(address, state) of everybody for whom something is in the quarantine, sorted."""
        answer = self.command("quarantine", "list", "--state", state, "--json", "--config", self.config)
        return sorted((r["address"], r["state"]) for m in json.loads(answer.stdout)["items"] for r in m["recipients"])

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def client(self, **keywords):
        return Client(self.port, **keywords)


class Case(unittest.TestCase):
    """A test case with a temporary directory, and with servers that are stopped at its end."""

    def setUp(self):
        if not os.access(binary(), os.X_OK):
            raise AssertionError(f"{binary()} is missing: run script/build release")
        self.directory = tempfile.mkdtemp(prefix="mr-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.servers = []

    def alone_with(self, name):
        """Holds what only one test at a time may use, a well-known port for example, until the test's end."""
        lock = open(os.path.join(tempfile.gettempdir(), f"mailreeve-tests-{name}.lock"), "w", encoding="ascii")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)

    def gateway(self, settings, kind=Mailreeve, **keywords):
        server = kind(self.directory, settings, **keywords)
        self.servers.append(server)

        def end():
            outcome = getattr(self, "_outcome", None)
            if outcome is not None and not outcome.success and os.path.exists(server.log_path):
                sys.stderr.write(f"--- {self.id()}: the gateway's log ends\n{server.log_text()[-4000:]}\n")
            if server.process is not None:
                server.stop()

        self.addCleanup(server.kill)
        self.addCleanup(end)
        return server.start()

    def sink(self, **keywords):
        sink = Sink(**keywords)
        self.addCleanup(sink.stop)
        return sink.start()

    def postfix(self, settings=None):
        if os.geteuid() != 0:
            self.skipTest("Postfix can only be started by root")
        if shutil.which("postfix") is None and not os.path.exists("/usr/sbin/postfix"):
            self.skipTest("Postfix is not installed")
        os.chmod(self.directory, 0o755)
        server = Postfix(self.directory, settings)
        self.addCleanup(server.stop)
        return server.start()

    def dovecot(self, users):
        if not os.path.exists("/usr/sbin/dovecot"):
            self.skipTest("Dovecot is not installed")
        server = Dovecot(self.directory, users)
        self.addCleanup(server.stop)
        return server.start()

    def people(self, *addresses):
        path = os.path.join(self.directory, "people")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{address}\n" for address in addresses)
        return f'[recipients.people]\nkind = "file"\nfile = "{path}"\n'

    def maildir(self, user, domain="example.org"):
        return read_maildir(os.path.join(self.directory, "mail", domain, user))

    def domain(self, deliver, *, name="example.org", recipients="people", more=""):
        accept = "accept-any = true\n" if recipients == "any" else ""
        return f'[[domain]]\nname = "{name}"\ndeliver = "{deliver}"\nrecipients = "{recipients}"\n{accept}{more}\n'

    def to_maildir(self, **keywords):
        return self.domain(f"maildir://{self.directory}/mail/{{domain}}/{{user}}", **keywords)
