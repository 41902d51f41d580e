# SPDX-License-Identifier: Apache-2.0
"""A raw SMTP client, and a look at what was handed on."""
import re
import socket
import ssl

from loopback import DEADLINE


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


RESULTS = re.compile(rb"(?:(?:Authentication-Results|Received-SPF|X-Mailreeve|X-Spam-Flag):[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)*")


def split_trace(message):
    """A message as it was handed on -> (our Received field, the rest). The results that stand above are left out."""
    message = message[RESULTS.match(message).end():]
    match = re.match(rb"(Received:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)", message)
    if not match:
        raise AssertionError(f"no Received field on top: {message[:200]!r}")
    return match[1].decode(), message[match.end():]
