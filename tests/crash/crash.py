#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load: every message that got 250 arrives unaltered, or is still queued.

Two ledgers decide, not the gateway's word: one of the clients (SHA-256, envelope, the moment of 250) and one of the sink.
A message may arrive twice only where a kill came between the two: then the first delivery was not yet recorded."""
import argparse
import collections
import hashlib
import os
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from harness import Client, Mailreeve, Sink, binary, split_trace, wait_for  # noqa: E402

CLIENTS = 6
SINK_LAG = 0.5  # seconds: the sink may read what was sent to it this long after the sender was killed
BOTH = ("example.org", "example.net")  # handed over by queue, and before accept


class Ledger:
    """What the clients sent, and what they were told."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}  # (sender, recipient) -> SHA-256 of the message
        self.accepted = {}  # (sender, recipient) -> the moment of 250
        self.refused = collections.Counter()  # replies that were neither 250 nor silence

    def send(self, key, message):
        with self.lock:
            self.sent[key] = hashlib.sha256(message).hexdigest()

    def accept(self, key):
        with self.lock:
            self.accepted[key] = time.monotonic()


def load(server, ledger, name, seed, stop):
    """One client: messages of all sizes, to both domains, until the gateway dies."""
    dice = random.Random(seed)
    number = 0
    while not stop.is_set():
        try:
            with Client(server.port, seconds=5) as client:
                client.ask("EHLO client.test")
                for _ in range(dice.randrange(1, 40)):
                    if stop.is_set():
                        return
                    number += 1
                    recipient = f"r{dice.randrange(10)}@{dice.choice(BOTH)}"
                    sender = f"{name}-{number}@example.com"
                    size = dice.choice((0, 100, 3000, 3000, 3000, 20000, 300000))
                    message = f"Subject: {sender}\r\n\r\n".encode() + (dice.randbytes(size // 2).hex().encode() + b"\r\n")
                    message = b"\r\n".join(message[i:i + 900] for i in range(0, len(message), 900)) + b"\r\n"
                    ledger.send((sender, recipient), message)
                    answer = client.mail(sender, [recipient], message, hello=None)
                    if answer.startswith("250"):
                        ledger.accept((sender, recipient))
                    else:
                        with ledger.lock:
                            ledger.refused[answer[:40]] += 1
                        if answer.startswith("421"):
                            break
                        client.ask("RSET")
        except (OSError, ConnectionError):
            time.sleep(0.005)  # killed: it comes back at once


def settings(queue_port, direct_port):
    return f'''[[domain]]
name = "{BOTH[0]}"
deliver = "smtp://127.0.0.1:{queue_port}"
recipients = "any"
accept-any = true
handover = "queue"
[[domain]]
name = "{BOTH[1]}"
deliver = "smtp://127.0.0.1:{direct_port}"
recipients = "any"
accept-any = true
handover = "before-accept"
[outbound]
retry = ["1s"]
connect-timeout = "2s"
[limits]
min-free-disk = 0
[log]
level = "warning"
'''


def judge(ledger, sink, queued, kills):
    """Compares the ledgers; returns what is wrong and the counts."""
    arrived = collections.defaultdict(list)
    altered = []
    for message in sink.messages:
        for recipient in message["recipients"]:
            key = (message["sender"], recipient)
            arrived[key].append(message["time"])
            _, original = split_trace(message["body"])
            if hashlib.sha256(original).hexdigest() != ledger.sent.get(key):
                altered.append(key)
    lost = [key for key in ledger.accepted if key not in arrived and key not in queued]
    duplicates, unexplained = 0, []
    for key, times in arrived.items():
        for first, second in zip(times, times[1:]):
            duplicates += 1
            if not any(first - SINK_LAG <= kill <= second for kill in kills):
                unexplained.append(key)
    return altered, lost, duplicates, unexplained, len(arrived)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500 if os.environ.get("MAILREEVE_ALL") else 50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="keep the data directory")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    print(f"crash: {options.rounds} rounds, seed {options.seed}, {binary()}", flush=True)

    directory = tempfile.mkdtemp(prefix="mr-crash-", dir=os.environ.get("TMPDIR", "/var/tmp"))  # a disk, not memory
    sink = Sink().start()
    server = Mailreeve(directory, settings(sink.port, sink.port))
    ledger = Ledger()
    kills = []
    slowest_start = 0.0
    began = time.monotonic()
    for number in range(options.rounds):
        started = time.monotonic()
        server.start()
        slowest_start = max(slowest_start, time.monotonic() - started)
        stop = threading.Event()
        threads = [threading.Thread(target=load, args=(server, ledger, f"{number}-{i}", dice.random(), stop))
                   for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(dice.uniform(0.05, 1.0))
        kills.append(time.monotonic())
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
    server.start()
    try:
        wait_for(lambda: "mailreeve_queue_messages 0\n" in server.get("/metrics")[1], "an empty queue", 120)
    except AssertionError as late:
        print(late)
    queued = set()
    for message in server.queue_list():
        queued.update((message["sender"], recipient["address"]) for recipient in message["recipients"])
    server.stop()

    altered, lost, duplicates, unexplained, arrived = judge(ledger, sink, queued, kills)
    print(f"{options.rounds} kills in {time.monotonic() - began:.0f} s; {len(ledger.sent)} messages sent, "
          f"{len(ledger.accepted)} got 250, {arrived} arrived, {len(queued)} still queued, {len(lost)} lost, "
          f"{len(altered)} altered, {duplicates} arrived twice across a kill ({len(unexplained)} of them without one); "
          f"slowest start {slowest_start * 1000:.0f} ms")
    if ledger.refused:
        print("answers that were not 250:", dict(ledger.refused))
    bad = [f"lost: {key}" for key in lost] + [f"altered: {key}" for key in altered]
    bad += [f"twice without a kill between: {key}" for key in unexplained]
    bad += [f"a refusal for our own trouble: {answer}" for answer in ledger.refused if answer.startswith("5")]
    if not ledger.accepted:
        bad.append("nothing was accepted at all")
    print("\n".join(bad[:20]))
    if bad or options.keep:
        print(f"kept: {directory}")
    else:
        shutil.rmtree(directory, True)
    print(f"{0 if bad else 1} passed, {1 if bad else 0} failed, 0 skipped")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
