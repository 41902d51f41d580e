#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What idle sessions cost: opens many (plain, then with TLS), holds them, and prints the resident memory of each, and how
long a mail takes meanwhile. The memory that remains after they have gone is shown too."""
import argparse
import os
import re
import resource
import shutil
import ssl
import statistics
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from harness import Client, Mailreeve, make_certificate, wait_for  # noqa: E402

ADDRESSES = 50  # loopback addresses that the sessions come from: one address has only 28,000 ports


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) * 1024


def latencies(server, count):
    """Seconds from MAIL to 250 of `count` mails in one session."""
    took = []
    with Client(server.port) as client:
        client.ask("EHLO sender.test")
        for _ in range(count):
            began = time.monotonic()
            answer = client.mail("a@example.com", ["r@bench.test"], b"Subject: x\r\n\r\n" + b"x" * 900 + b"\r\n",
                                 hello=None)
            if not answer.startswith("250"):
                sys.exit(f"a mail was not accepted: {answer}")
            took.append(time.monotonic() - began)
    return took


def told(title, took):
    took = sorted(took)
    print(f"  mail {title}: median {statistics.median(took) * 1000:.1f} ms, "
          f"99% below {took[int(len(took) * 0.99) - 1] * 1000:.1f} ms", flush=True)


def open_session(port, number, tls):
    client = Client(port, source=f"127.0.0.{2 + number % ADDRESSES}", seconds=60)
    if not client.greeting.startswith("220"):
        sys.exit(f"session {number}: {client.greeting}")
    client.ask("EHLO idle.test")
    if tls is not None:
        client.ask("STARTTLS")
        client.socket = tls.wrap_socket(client.socket)
        client.buffer = b""
        client.ask("EHLO idle.test")
    return client


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=15000)
    parser.add_argument("--only", choices=("plain", "tls"))
    parser.add_argument("--hold", type=float, default=5, help="seconds to hold them (%(default)s)")
    parser.add_argument("--mails", type=int, default=500, help="sent meanwhile (%(default)s)")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and options.sessions > hard - 500:
        print(f"a process may open {hard} files here; holding {hard - 500} sessions instead of {options.sessions}")
        options.sessions = hard - 500

    for kind in (options.only,) if options.only else ("plain", "tls"):
        directory = tempfile.mkdtemp(prefix="mr-idle-", dir="/var/tmp")
        certificate, key = make_certificate(directory)
        server = Mailreeve(directory, f'''[[domain]]
name = "bench.test"
deliver = "maildir://{directory}/mail"
recipients = "any"
accept-any = true
handover = "queue"
[tls]
certificate = "{certificate}"
key = "{key}"
[limits]
connections = 100000
connections-per-address = 100000
command-timeout = "1h"
''').start()
        tls = None
        if kind == "tls":
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        try:
            print(f"{kind}: {options.sessions} idle sessions", flush=True)
            pid = server.process.pid
            told("with none open", latencies(server, options.mails))
            before = resident(pid)
            began = time.monotonic()
            clients = [open_session(server.port, number, tls) for number in range(options.sessions)]
            took = time.monotonic() - began
            held = resident(pid)
            print(f"  opened in {took:.1f} s; resident {before / 2**20:.1f} -> {held / 2**20:.1f} MiB: "
                  f"{(held - before) / options.sessions:.0f} octets a session", flush=True)
            told("while they are held", latencies(server, options.mails))
            time.sleep(options.hold)
            alive = sum(client.ask("NOOP").startswith("250") for client in clients[::max(1, options.sessions // 500)])
            print(f"  after {options.hold:.0f} s more: {alive} of {len(clients[::max(1, options.sessions // 500)])} asked "
                  f"still answer; resident {resident(pid) / 2**20:.1f} MiB", flush=True)
            for client in clients:
                client.socket.close()
            wait_for(lambda: "mailreeve_sessions 0\n" in server.get("/metrics")[1], "sessions gone", 60)
            print(f"  all closed: resident {resident(pid) / 2**20:.1f} MiB\n", flush=True)
            server.stop()
        finally:
            server.kill()
            shutil.rmtree(directory, True)


if __name__ == "__main__":
    main()
