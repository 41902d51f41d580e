#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mailreeve and Postfix side by side as a durable relay: the same smtp-source load, the same smtp-sink behind, in turn on
this machine. Both answer 250 when the message is synced, and deliver after it (Mailreeve: handover = "queue").

"accepted/s": messages by the time smtp-source took. "end to end/s": messages by the time until the sink had the last."""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from harness import Mailreeve, Postfix, free_port, greets, wait_for  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


class CountingSink:
    """smtp-sink -c, whose running counter is read as it is printed."""

    def __init__(self):
        self.port = free_port()
        self.count = 0
        self.last = 0.0
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(["/usr/sbin/smtp-sink", "-c", *user, f"inet:127.0.0.1:{self.port}", "1000"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        threading.Thread(target=self._read, daemon=True).start()
        wait_for(lambda: greets(self.port), "smtp-sink does not greet")

    def _read(self):
        tail = b""
        while data := os.read(self.process.stdout.fileno(), 65536):
            tail = (tail + data)[-200:]
            found = re.findall(rb"mesg=(\d+)\s", tail)
            if found and int(found[-1]) != self.count:
                self.count, self.last = int(found[-1]), time.monotonic()

    def stop(self):
        self.process.kill()
        self.process.wait()


def family(root):
    """The process and all below it."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
                children.setdefault(int(fields[1]), []).append(int(name))
            except OSError:
                pass
    found, look = [], [root]
    while look:
        pid = look.pop()
        found.append(pid)
        look += children.get(pid, [])
    return found


def cpu_seconds(root):
    """User and system time of the process, its children, and those it has buried."""
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += sum(int(value) for value in fields[11:15])
        except OSError:
            pass
    return total / TICK


def memory(root):
    """Proportional set size of all processes, octets: shared pages count once."""
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M)[1]) * 1024
        except (OSError, TypeError):
            pass
    return total


def measure(port, pid, sink, count, size, options):
    """One load; returns the figures."""
    before, arrived = cpu_seconds(pid), sink.count
    peak, done = 0, threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.5):
            peak = max(peak, memory(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    command = ["/usr/sbin/smtp-source", "-s", str(options.sessions), "-l", str(size), "-m", str(count)]
    if options.keep_connections:
        command.append("-d")
    command += ["-f", "sender@example.com", "-t", "reader@bench.test", f"inet:127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    accepted = time.monotonic() - began
    try:
        wait_for(lambda: sink.count - arrived >= count, f"{count} messages at the sink", 600)
    finally:
        done.set()
        watcher.join()
    return {"accepted": count / accepted, "end to end": count / (sink.last - began),
            "cpu": (cpu_seconds(pid) - before) / count, "memory": max(peak, memory(pid))}


def run_mailreeve(directory, sink, count, size, options):
    server = Mailreeve(directory, f'''[[domain]]
name = "bench.test"
deliver = "smtp://127.0.0.1:{sink.port}"
recipients = "any"
accept-any = true
handover = "queue"
[outbound]
per-destination = {{ connections = 50, messages-per-connection = 1000 }}
[limits]
connections-per-address = 1000
transactions = 1000000
idle-commands = 1000000
[checks]
enabled = {"true" if options.checks else "false"}
[checks.pregreet]
enabled = false
''', hostname="mailreeve.test")
    server.start()
    try:
        return measure(server.port, server.process.pid, sink, count, size, options)
    finally:
        server.stop()


def run_postfix(directory, sink, count, size, options):
    os.chmod(directory, 0o755)
    server = Postfix(directory, {
        "virtual_mailbox_domains": "", "relayhost": f"[127.0.0.1]:{sink.port}", "default_process_limit": "100",
        "smtpd_recipient_restrictions": "permit_mynetworks, reject", "in_flow_delay": "0",
        "default_destination_concurrency_limit": "50", "smtp_destination_concurrency_limit": "50",
        "initial_destination_concurrency": "50", "smtpd_client_connection_count_limit": "0",
        "smtpd_client_connection_rate_limit": "0", "disable_dns_lookups": "yes", "smtp_host_lookup": "native"})
    server.start()
    try:
        return measure(server.port, server.pid(), sink, count, size, options)
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="4096,51200", help="octets of the messages (%(default)s)")
    parser.add_argument("--sessions", type=int, default=50, help="at once (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn; medians are shown (%(default)s)")
    parser.add_argument("--messages", type=int, default=20000, help="for Mailreeve at 4 KiB (%(default)s)")
    parser.add_argument("--postfix-messages", type=int, default=5000, help="for Postfix at 4 KiB (%(default)s)")
    parser.add_argument("--keep-connections", action="store_true",
                        help="many messages a connection (smtp-source -d), else one")
    parser.add_argument("--checks", action="store_true",
                        help="Mailreeve looks at senders too (DNS from a zone file; no greet delay); Postfix does not")
    parser.add_argument("--only", choices=("mailreeve", "postfix"))
    parser.add_argument("--dir", default="/var/tmp", help="a file system on the disk to be measured (%(default)s)")
    options = parser.parse_args()
    if os.geteuid() != 0 and options.only != "mailreeve":
        sys.exit("bench/relay.py: Postfix can only be started by root; use --only mailreeve, or sudo")

    programs = {"mailreeve": (run_mailreeve, options.messages), "postfix": (run_postfix, options.postfix_messages)}
    if options.only:
        programs = {options.only: programs[options.only]}
    how = "many messages" if options.keep_connections else "one message"
    print(f"{options.sessions} sessions, {how} a connection, {os.cpu_count()} cores, queue on {options.dir}", flush=True)
    for size in [int(size) for size in options.sizes.split(",")]:
        figures = {name: [] for name in programs}
        for number in range(options.rounds):
            for name, (run, count) in programs.items():
                count = count if size <= 8192 else max(count // 4, 1000)
                directory = tempfile.mkdtemp(prefix="mr-bench-", dir=options.dir)
                sink = CountingSink()
                try:
                    result = run(directory, sink, count, size, options)
                finally:
                    sink.stop()
                    shutil.rmtree(directory, True)
                figures[name].append(result)
                print(f"  {size:6} octets, run {number + 1}, {name:10}: {result['accepted']:7.0f} accepted/s, "
                      f"{result['end to end']:7.0f} end to end/s, {result['cpu'] * 1e6:6.0f} us CPU a message, "
                      f"{result['memory'] / 2**20:5.0f} MiB   ({count} messages)", flush=True)
        middle = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                  for name, runs in figures.items()}
        print(f"\n{size} octets, medians of {options.rounds}:")
        print(f"{'':12}{'accepted/s':>12}{'end to end/s':>14}{'CPU us/msg':>12}{'peak MiB':>10}")
        for name, m in middle.items():
            print(f"{name:12}{m['accepted']:12.0f}{m['end to end']:14.0f}{m['cpu'] * 1e6:12.0f}{m['memory'] / 2**20:10.0f}")
        if len(middle) == 2:
            ours, theirs = middle["mailreeve"], middle["postfix"]
            print(f"{'ratio':12}{ours['accepted'] / theirs['accepted']:11.1f}x"
                  f"{ours['end to end'] / theirs['end to end']:13.1f}x{ours['cpu'] / theirs['cpu']:11.2f}x"
                  f"{ours['memory'] / theirs['memory']:9.2f}x")
        print(flush=True)


if __name__ == "__main__":
    main()
