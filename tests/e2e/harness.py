# SPDX-License-Identifier: Apache-2.0
"""Starts what the end-to-end tests need: Mailreeve itself, Postfix, Dovecot, scripted servers. All on loopback, each in
a temporary directory of its own, on ports that were free a moment ago."""
import contextlib
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITES = os.environ.get("MAILREEVE_SUITES_DIR", os.path.join(ROOT, "..", "shared", "suites"))
DEADLINE = 15.0  # seconds that anything may take before a test gives up on it


def binary():
    return os.environ.get("MAILREEVE_BIN", os.path.join(ROOT, "build", "release", "mailreeve"))


def wait_for(condition, what, seconds=DEADLINE):
    """Polls until `condition` gives something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


_taken_ports = set()
_port_lock = threading.Lock()


def free_port():
    """Below the ephemeral range, so that no outgoing connection takes it before it is bound; each given out once."""
    with _port_lock:
        while True:
            port = 10000 + int.from_bytes(os.urandom(2), "big") % 20000
            if port in _taken_ports:
                continue
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            _taken_ports.add(port)
            return port


def make_certificate(directory, name="mx.test", serial=1):
    """Self-signed; returns the paths of certificate and key."""
    certificate = os.path.join(directory, f"cert-{serial}.pem")
    key = os.path.join(directory, f"key-{serial}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}", "-set_serial",
                    str(serial), "-addext", f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    return certificate, key


class Mailreeve:
    """One gateway. `settings` is what is put behind the listeners in the settings file; `top` goes before them."""

    def __init__(self, directory, settings, *, top="", listener="", hostname="mx.test", data_dir=None, extra=""):
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

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def client(self, **keywords):
        return Client(self.port, **keywords)


class Client:
    """A raw SMTP client: nothing is checked, quoted or repaired on the way."""

    def __init__(self, port, *, host="127.0.0.1", source=None, greet=True, seconds=DEADLINE):
        self.socket = socket.create_connection((host, port), timeout=seconds,
                                               source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        if greet:
            self.greeting = self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def line(self):
        while b"\r\n" not in self.buffer:
            got = self.socket.recv(65536)
            if not got:
                raise ConnectionError(f"closed after {self.buffer!r}")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("utf-8", "replace")

    def reply(self):
        """One whole reply: its lines joined by newlines."""
        lines = []
        while True:
            lines.append(self.line())
            if len(lines[-1]) < 4 or lines[-1][3] != "-":
                return "\n".join(lines)

    def ask(self, line):
        self.send(line + "\r\n" if isinstance(line, str) else line + b"\r\n")
        return self.reply()

    def closed(self):
        """True when the server closes without another word."""
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def rest(self):
        """Everything the server still says until it closes, or is silent for half a second."""
        self.socket.settimeout(0.5)
        try:
            while got := self.socket.recv(65536):
                self.buffer += got
        except OSError:
            pass
        rest, self.buffer = self.buffer, b""
        return rest.decode("utf-8", "replace")

    def start_tls(self):
        answer = self.ask("STARTTLS")
        if not answer.startswith("220"):
            raise AssertionError(answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)
        self.buffer = b""
        return self

    def envelope(self, sender, recipients, hello="EHLO client.test", parameters=""):
        replies = [self.ask(hello)] if hello else []
        replies.append(self.ask(f"MAIL FROM:<{sender}>{parameters}"))
        replies += [self.ask(f"RCPT TO:<{recipient}>") for recipient in recipients]
        return replies

    def data(self, message):
        """Sends DATA and the message (dots are stuffed, CRLF.CRLF is added); returns the last reply."""
        answer = self.ask("DATA")
        if not answer.startswith("354"):
            return answer
        stuffed = re.sub(rb"(?m)^\.", b"..", message)
        if stuffed and not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        self.send(stuffed + b".\r\n")
        return self.reply()

    def mail(self, sender, recipients, message, hello="EHLO client.test", parameters=""):
        """A whole transaction; returns the last reply, or the first that says no."""
        for answer in self.envelope(sender, recipients, hello, parameters):
            if not answer.startswith("2"):
                return answer
        return self.data(message)


def split_trace(message):
    """A message as it was handed on -> (our Received field, the rest)."""
    match = re.match(rb"(Received:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)", message)
    if not match:
        raise AssertionError(f"no Received field on top: {message[:200]!r}")
    return match[1].decode(), message[match.end():]


class Sink:
    """An internal mail server with scripted answers and a ledger of what reached it. Speaks SMTP, or LMTP.

    `answers`: maps "connect", "mail", "rcpt", "data", "dot", or "rcpt:ADDRESS" and (LMTP) "dot:ADDRESS", to a reply line
    or to a function that returns one. Without an entry the answer is positive. A reply "drop" closes the connection."""

    def __init__(self, *, lmtp=False, answers=None, port=None, extensions=("PIPELINING", "8BITMIME", "SMTPUTF8")):
        self.lmtp = lmtp
        self.answers = answers or {}
        self.extensions = extensions
        self.port = port or free_port()
        self.messages = []  # dicts: sender, recipients, body (dots removed), connection
        self.connections = 0
        self.raw = {}  # connection number -> every byte the client sent
        self.lock = threading.Lock()
        self.open = set()
        self.listener = None

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        return self

    def stop(self):
        if self.listener is not None:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        with self.lock:
            connections = list(self.open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def wait(self, count, seconds=DEADLINE):
        wait_for(lambda: len(self.messages) >= count, f"{count} messages at the sink, there are {len(self.messages)}",
                 seconds)
        return self.messages

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _answer(self, *names, default):
        for name in names:
            answer = self.answers.get(name)
            if answer is not None:
                return answer() if callable(answer) else answer
        return default

    def _serve(self, connection):
        with self.lock:
            self.connections += 1
            number = self.connections
            self.raw[number] = b""
            self.open.add(connection)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._converse(connection, number)
        except (OSError, ConnectionError):
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()

    def _converse(self, connection, number):
        buffer = b""
        pending = []

        def flush():
            if pending:
                connection.sendall("".join(pending).encode())
                pending.clear()

        def say(text):
            if text == "drop":
                flush()
                raise ConnectionError
            pending.append(text + "\r\n")

        def more():
            nonlocal buffer
            flush()
            got = connection.recv(262144)
            if not got:
                raise ConnectionError
            self.raw[number] += got
            buffer += got

        def line():
            nonlocal buffer
            while b"\r\n" not in buffer:
                more()
            taken, buffer = buffer.split(b"\r\n", 1)
            return taken.decode("utf-8", "surrogateescape")

        say(self._answer("connect", default="220 sink.test ready"))
        sender, recipients = None, []
        while True:
            command = line()
            verb = command[:4].upper()
            if verb in ("EHLO", "LHLO"):
                say("\r\n".join(["250-sink.test", *(f"250-{name}" for name in self.extensions), "250 SIZE 0"]))
            elif verb == "HELO":
                say("250 sink.test")
            elif verb == "MAIL":
                sender, recipients = command[10:].split(">")[0].lstrip("<"), []
                say(self._answer("mail", default="250 2.1.0 ok"))
            elif verb == "RCPT":
                address = command[8:].split(">")[0].lstrip("<")
                answer = self._answer("rcpt:" + address, "rcpt", default="250 2.1.5 ok")
                if answer.startswith("2"):
                    recipients.append(address)
                say(answer)
            elif verb == "DATA":
                if not recipients:
                    say("554 5.5.1 no valid recipients")
                    continue
                answer = self._answer("data", default="354 go ahead")
                say(answer)
                if not answer.startswith("354"):
                    continue
                while not buffer.startswith(b".\r\n") and b"\r\n.\r\n" not in buffer:
                    more()
                if buffer.startswith(b".\r\n"):
                    body, buffer = b"", buffer[3:]
                else:
                    body, buffer = buffer.split(b"\r\n.\r\n", 1)
                    body += b"\r\n"
                body = re.sub(rb"(?m)^\.", b"", body)
                if self.lmtp:
                    answers = [self._answer("dot:" + r, "dot", default="250 2.0.0 taken") for r in recipients]
                    taken = [r for r, a in zip(recipients, answers) if a.startswith("2")]
                else:
                    answers = [self._answer("dot", default="250 2.0.0 taken")]
                    taken = recipients if answers[0].startswith("2") else []
                if taken:
                    with self.lock:
                        self.messages.append({"sender": sender, "recipients": taken, "body": body,
                                              "connection": number, "time": time.monotonic()})
                for answer in answers:
                    say(answer)
            elif verb == "QUIT":
                say("221 2.0.0 bye")
                flush()
                return
            elif verb in ("RSET", "NOOP"):
                say("250 2.0.0 ok")
            else:
                say("500 5.5.2 what?")


class Postfix:
    """A whole Postfix of its own in `directory`: needs root, and the package's users postfix and postdrop."""

    def __init__(self, directory, settings=None, *, services=""):
        self.directory = os.path.join(directory, "postfix")
        self.port = free_port()
        self.mail = os.path.join(self.directory, "mail")
        self.config = os.path.join(self.directory, "etc")
        self.queue = os.path.join(self.directory, "spool")
        self.data = os.path.join(self.directory, "lib")
        self.log = os.path.join(self.directory, "log", "mail.log")
        postfix = pwd.getpwnam("postfix")
        for path in (self.directory, self.mail, self.config, self.queue, self.data, os.path.dirname(self.log)):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, 0o755)
        os.chown(self.data, postfix.pw_uid, postfix.pw_gid)
        os.chown(self.mail, postfix.pw_uid, postfix.pw_gid)
        with open(os.path.join(self.config, "refused"), "w", encoding="ascii") as file:
            file.write("/^refused@/ REJECT 5.7.1 not this one\n/^later@/ DEFER 4.7.1 come back\n")
        main = {
            "compatibility_level": "3.6", "queue_directory": self.queue, "data_directory": self.data,
            "command_directory": "/usr/sbin", "daemon_directory": "/usr/lib/postfix/sbin",
            "mail_owner": "postfix", "setgid_group": "postdrop", "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4", "myhostname": "postfix.test", "mydestination": "", "mynetworks": "127.0.0.0/8",
            "alias_maps": "", "alias_database": "", "local_recipient_maps": "", "biff": "no",
            "maillog_file": self.log, "maillog_file_prefixes": os.path.dirname(self.log), "syslog_name": "postfix",
            "virtual_mailbox_domains": "example.org", "virtual_mailbox_base": self.mail,
            "virtual_mailbox_maps": "static:all/", "virtual_uid_maps": f"static:{postfix.pw_uid}",
            "virtual_gid_maps": f"static:{postfix.pw_gid}", "virtual_minimum_uid": "1",
            "smtpd_recipient_restrictions":
                f"check_recipient_access regexp:{self.config}/refused, permit_mynetworks, reject",
            "smtputf8_enable": "no", "message_size_limit": "52428800", "virtual_mailbox_limit": "0",
            "mailbox_size_limit": "0", "smtpd_client_connection_count_limit": "0",
            "smtpd_client_connection_rate_limit": "0", "smtpd_error_sleep_time": "0",
        }
        main.update(settings or {})
        with open(os.path.join(self.config, "main.cf"), "w", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in main.items())
        with open(os.path.join(self.config, "master.cf"), "w", encoding="ascii") as file:
            file.write(f"""127.0.0.1:{self.port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
{services}""")

    def start(self):
        self._run("start")
        wait_for(lambda: greets(self.port), "Postfix does not greet")
        return self

    def stop(self):
        subprocess.run(["postfix", "-c", self.config, "abort"], capture_output=True, check=False)

    def pid(self):
        with open(os.path.join(self.queue, "pid", "master.pid"), encoding="ascii") as file:
            return int(file.read())

    def _run(self, *arguments):
        done = subprocess.run(["postfix", "-c", self.config, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"postfix {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def delivered(self, user):
        """All mail lies in one Maildir; Delivered-To tells whose it is."""
        wanted = f"Delivered-To: {user}@".encode()
        return [message for message in read_maildir(os.path.join(self.mail, "all")) if wanted in message]

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


class Dovecot:
    """Dovecot's LMTP server, on a Unix socket and on TCP; `users` have a Maildir each."""

    def __init__(self, directory, users):
        self.directory = os.path.join(directory, "dovecot")
        # Unix socket paths hold 107 octets at most.
        self.socket = os.path.join(self.directory, "run", "lmtp")
        self.port = free_port()
        self.mail = os.path.join(self.directory, "mail")
        os.makedirs(os.path.join(self.directory, "run"))
        os.makedirs(self.mail)
        self.user = "dovecot" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        owner = pwd.getpwnam("mail" if os.geteuid() == 0 else self.user)
        os.chown(self.mail, owner.pw_uid, owner.pw_gid)
        os.chmod(directory, 0o755)
        passwd = os.path.join(self.directory, "users")
        with open(passwd, "w", encoding="ascii") as file:
            for user in users:
                file.write(f"{user}::{owner.pw_uid}:{owner.pw_gid}::{self.mail}/{user.split('@')[0]}::\n")
        self.config = os.path.join(self.directory, "dovecot.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f"""protocols = lmtp
listen = 127.0.0.1
base_dir = {self.directory}/run
state_dir = {self.directory}/run
log_path = {self.directory}/dovecot.log
ssl = no
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {self.user}
default_login_user = {"dovenull" if os.geteuid() == 0 else self.user}
mail_location = maildir:{self.mail}/%n
mail_home = {self.mail}/%n
postmaster_address = postmaster@example.org
passdb {{
  driver = passwd-file
  args = {passwd}
}}
userdb {{
  driver = passwd-file
  args = {passwd}
}}
service lmtp {{
  chroot =
  unix_listener lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
}}
""")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        wait_for(lambda: self._up() and greets(self.port), "Dovecot does not greet")
        return self

    def _up(self):
        if self.process.poll() is not None:
            raise AssertionError(self.process.stderr.read().decode() + self.log_text())
        return True

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stderr.close()
            self.process = None

    def log_text(self):
        try:
            with open(os.path.join(self.directory, "dovecot.log"), encoding="utf-8") as file:
                return file.read()
        except OSError:
            return ""

    def delivered(self, user):
        return read_maildir(os.path.join(self.mail, user))


def greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            return probe.recv(3) == b"220"
    except OSError:
        return False


def read_maildir(path):
    """The bytes of every message in new/ and cur/, oldest first."""
    found = []
    for folder in ("new", "cur"):
        try:
            names = os.listdir(os.path.join(path, folder))
        except OSError:
            continue
        for name in names:
            full = os.path.join(path, folder, name)
            found.append((os.stat(full).st_mtime_ns, full))
    messages = []
    for _, full in sorted(found):
        with open(full, "rb") as file:
            messages.append(file.read())
    return messages


class Case(unittest.TestCase):
    """A test case with a temporary directory, and with servers that are stopped at its end."""

    def setUp(self):
        if not os.access(binary(), os.X_OK):
            raise AssertionError(f"{binary()} is missing: run script/build release")
        self.directory = tempfile.mkdtemp(prefix="mr-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.servers = []

    def gateway(self, settings, **keywords):
        server = Mailreeve(self.directory, settings, **keywords)
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
