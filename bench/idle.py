#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What idle sessions cost: opens 15,000 that said EHLO, plain and then over TLS, and holds them while mail flows.

Printed: resident memory before and after, octets a session (user space; the kernel's socket buffers come on top), and
how long a mail takes meanwhile. The client is a process of its own, so each side has its own descriptor limit."""
import argparse
import os
import resource
import shutil
import socket
import ssl
import statistics
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from harness import Mailreeve, make_certificate, read_maildir  # noqa: E402

PER_SOURCE = 4000  # connections from one loopback address: ports run out beyond some 28,000


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def read_reply(connection):
    text = b""
    while True:
        text += connection.recv(4096)
        lines = text.split(b"\r\n")
        if len(lines) > 1 and lines[-1] == b"" and lines[-2][3:4] == b" ":
            return text


def open_session(number, port, context):
    connection = socket.socket()
    connection.settimeout(30)
    connection.bind((f"127.0.{number // PER_SOURCE + 1}.1", 0))
    connection.connect(("127.0.0.1", port))
    read_reply(connection)
    connection.sendall(b"EHLO idle.example\r\n")
    read_reply(connection)
    if context:
        connection.sendall(b"STARTTLS\r\n")
        read_reply(connection)
        connection = context.wrap_socket(connection)
        connection.sendall(b"EHLO idle.example\r\n")
        read_reply(connection)
    return connection


def mail_times(server, count):
    times = []
    for number in range(count):
        began = time.monotonic()
        with server.client() as client:
            answer = client.mail("a@sender.example", ["user@example.org"], f"Subject: {number}\r\n\r\nhello\r\n".encode())
        assert answer.startswith("250"), answer
        times.append((time.monotonic() - began) * 1000)
    return times


def measure(kind, sessions):
    directory = tempfile.mkdtemp(prefix="mr-idle-", dir="/tmp")
    certificate, key = make_certificate(directory)
    server = Mailreeve(directory, f'''[[domain]]
name = "example.org"
deliver = "maildir://{directory}/mail/{{user}}"
recipients = "any"
accept-any = true
[tls]
certificate = "{certificate}"
key = "{key}"
[limits]
connections = 100000
connections-per-address = 100000
command-timeout = "30m"
''').start()
    context = None
    if kind == "TLS":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    held = []
    try:
        mail_times(server, 20)
        before = resident(server.process.pid)
        began = time.monotonic()
        for number in range(sessions):
            held.append(open_session(number, server.port, context))
        took = time.monotonic() - began
        after = resident(server.process.pid)
        times = mail_times(server, 100)
        held[0].sendall(b"NOOP\r\n")
        alive = read_reply(held[0]).startswith(b"250")
        delivered = len(read_maildir(os.path.join(directory, "mail", "user")))
        print(f"{kind:6}{len(held):9}{before / 2**20:12.1f}{after / 2**20:12.1f}{(after - before) / sessions:16.0f}"
              f"{statistics.median(times):12.2f}{max(times):10.2f}{sessions / took:12.0f}   "
              f"{'first still answers' if alive else 'FIRST IS DEAD'}, {delivered} mails delivered")
    finally:
        for connection in held:
            connection.close()
        server.kill()
        shutil.rmtree(directory, True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=15000)
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if limit < options.sessions + 200:
        sys.exit(f"script/bench idle: this machine allows {limit} descriptors a process; use --sessions {limit - 500}")
    print(f"{'kind':6}{'sessions':>9}{'MiB before':>12}{'MiB after':>12}{'octets/session':>16}{'mail ms p50':>12}{'max':>10}"
          f"{'opened/s':>12}")
    for kind in ("plain", "TLS"):
        measure(kind, options.sessions)


if __name__ == "__main__":
    main()
