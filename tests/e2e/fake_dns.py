# SPDX-License-Identifier: Apache-2.0
"""A DNS server that does what a test tells it: answers, denies, fails, stays silent, is slow, lies, truncates.

UDP and TCP at the same port of 127.0.0.1. Names are lower case without the final dot."""
import socket
import struct
import threading
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
UDP_SIZE = 1232


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def rdata(kind, value):
    if kind == "A":
        return socket.inet_pton(socket.AF_INET, value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        preference, host = value.split()
        return struct.pack("!H", int(preference)) + wire_name(host)
    if kind == "TXT":
        text = value.encode()
        return b"".join(bytes([len(piece)]) + piece for piece in (text[i:i + 255] for i in range(0, len(text) or 1, 255)))
    return wire_name(value)


def record(name, kind, value, ttl=60):
    data = rdata(kind, value)
    return wire_name(name) + struct.pack("!HHIH", TYPES[kind], 1, ttl, len(data)) + data


def denial(name):
    """A start of authority: without one a denial cannot be remembered (RFC 2308 5)."""
    zone = name.split(".")[-1]
    data = wire_name("ns." + zone) + wire_name("root." + zone) + struct.pack("!IIIII", 1, 3600, 600, 86400, 60)
    return wire_name(zone) + struct.pack("!HHIH", TYPES["SOA"], 1, 60, len(data)) + data


class FakeDns:
    """`records`: {(name, kind): [value, ...]}. `moods`: {name: mood} for every type, of

    "servfail", "refused", "silent", "slow" (`delay` seconds), "wrong-id", "wrong-question", "garbage", "truncated" (over
    UDP; TCP answers), "poison" (also says where other.example is), "loop" (b.NAME is an alias of NAME, which is one of b.NAME)."""

    def __init__(self, records=None, moods=None, delay=1.0):
        self.records = records or {}
        self.moods = moods or {}
        self.delay = delay
        self.asked = []
        self.lock = threading.Lock()
        self.udp = self.tcp = None
        for _ in range(20):
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind(("127.0.0.1", 0))
            self.port = self.udp.getsockname()[1]
            self.tcp = socket.socket()
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                self.tcp.bind(("127.0.0.1", self.port))
                break
            except OSError:
                self.udp.close()
                self.tcp.close()
        self.tcp.listen(50)
        self.stopping = False
        for target in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=target, daemon=True).start()

    def stop(self):
        self.stopping = True
        self.udp.close()
        self.tcp.close()

    def count(self, name):
        with self.lock:
            return sum(1 for asked, _ in self.asked if asked == name)

    def _serve_udp(self):
        while not self.stopping:
            try:
                query, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            threading.Thread(target=self._answer_udp, args=(query, peer), daemon=True).start()

    def _answer_udp(self, query, peer):
        for answer in self._answers(query, over_tcp=False):
            try:
                self.udp.sendto(answer, peer)
            except OSError:
                return

    def _serve_tcp(self):
        while not self.stopping:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._answer_tcp, args=(connection,), daemon=True).start()

    def _answer_tcp(self, connection):
        with connection, connection.makefile("rb") as file:
            connection.settimeout(10)
            try:
                size = file.read(2)
                if len(size) == 2:
                    for answer in self._answers(file.read(struct.unpack("!H", size)[0]), over_tcp=True):
                        connection.sendall(struct.pack("!H", len(answer)) + answer)
            except OSError:
                return

    def _answers(self, query, over_tcp):
        """The messages to send back, in order."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace"))
            at += 1 + query[at]
        question = query[12:at + 5]
        number = struct.unpack("!H", query[at + 1:at + 3])[0]
        kind = next((name for name, value in TYPES.items() if value == number), str(number))
        name = ".".join(labels).lower()
        with self.lock:
            self.asked.append((name, kind))
        mood = self.moods.get(name.removeprefix("b."))

        def message(code=NOERROR, answers=(), authority=(), flags=0, identity=query[:2], asked=question):
            header = identity + struct.pack("!HHHHH", 0x8180 | flags | code, 1, len(answers), len(authority), 0)
            return header + asked + b"".join(answers) + b"".join(authority)

        if mood == "silent":
            return []
        if mood == "servfail":
            return [message(SERVFAIL)]
        if mood == "refused":
            return [message(REFUSED)]
        if mood == "garbage":
            return [query[:2] + b"\x81\x80\0\1\0\xff\0\0\0\0" + b"\xc0\x0c" * 40]
        if mood == "wrong-id":
            return [message(answers=[record(name, "A", "192.0.2.66")], identity=bytes([query[0] ^ 0xff, query[1]]))]
        if mood == "wrong-question":
            return [message(answers=[record("else.example", "A", "192.0.2.66")], asked=wire_name("else.example") + question[-4:])]
        if mood == "truncated" and not over_tcp:
            return [message(flags=0x0200)]
        if mood == "slow":
            time.sleep(self.delay)
        if mood == "loop":
            other = name.removeprefix("b.") if name.startswith("b.") else "b." + name
            return [message(answers=[record(name, "CNAME", other), record(other, "CNAME", name)])]
        found = [record(name, kind, value) for value in self.records.get((name, kind), [])]
        if mood == "poison":
            found.append(record("other.example", kind, "192.0.2.66"))
        alias = self.records.get((name, "CNAME"))
        if alias and not found:
            found = [record(name, "CNAME", alias[0])]
            found += [record(alias[0], kind, value) for value in self.records.get((alias[0], kind), [])]
        if not found:
            exists = any(known == name or known.endswith("." + name) for known, _ in self.records)
            return [message(NOERROR if exists else NXDOMAIN, authority=[denial(name)])]
        whole = message(answers=found)
        if len(whole) > UDP_SIZE and not over_tcp:
            return [message(flags=0x0200)]
        return [whole]
