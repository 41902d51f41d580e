# SPDX-License-Identifier: Apache-2.0
"""An internal mail server with scripted answers."""
import contextlib
import re
import socket
import threading
import time

from loopback import DEADLINE, free_port, wait_for


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
