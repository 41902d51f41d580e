#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything on but anti-virus: Mailreeve, and Postfix with Rspamd as milter, in turn on this machine. The same mail, the
same Unbound, the same sink. Mail is multipart with links (of 50 KiB with a PDF too), DKIM-signed, several hundred
different messages, each from an address and a domain for which SPF, DKIM and DMARC pass; one message a connection.

Both answer 250 when the message is synced and deliver after it; neither greylists. Both have learnt the same mail.
Mailreeve: every check but the anti-virus ones and call-outs, DNS lists in the local DNS, history, policy "balanced".
Rspamd: Debian's settings with every default module; its own lists are denied by the local DNS. With Redis (unless
--no-redis), for Bayes and whatever else needs it; without one such modules switch themselves off.

"accepted/s": messages by the time the sender took. "end to end/s": messages by the time until the sink had the last.
CPU and memory (proportional set size, the highest seen) are those of all processes of a side, Redis among them, without
Unbound, sender and sink. Unbound is asked again by Rspamd, as it is in the field; Mailreeve remembers answers itself."""
import argparse
import collections
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import full_mail  # noqa: E402
import make_corpus  # noqa: E402
import peers  # noqa: E402
from harness import Mailreeve, wait_for  # noqa: E402
from relay import CountingSink, cpu_seconds, family, memory  # noqa: E402
from rspamd_peer import Missing  # noqa: E402

LEARNT = 300  # of each class
TICK = os.sysconf("SC_CLK_TCK")
SHOWN = {"mailreeve": "Mailreeve", "rspamd": "Postfix + Rspamd"}


def quiet(roots, seconds=120):
    """Until they do nothing: patterns compiled, caches written."""
    end, still, before = time.monotonic() + seconds, 0, None
    while still < 2 and time.monotonic() < end:
        time.sleep(1)
        now = sum(cpu_seconds(root) for root in roots)
        still = still + 1 if before is not None and now - before < 0.05 else 0
        before = now


def busy_seconds():
    """Of all processors, whoever used them."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(value) for value in file.readline().split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / TICK


def send(port, count, letters, options):
    done = subprocess.run([sys.executable, os.path.join(ROOT, "bench", "sender.py"), str(port), str(count), str(options.sessions), letters],
                          check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(done.stdout)
    if result["accepted"] < count:
        raise SystemExit(f"{count - result['accepted']} of {count} messages were not accepted: {result['troubles']}")
    return result


def profile(roots, directory, name):
    """perf on the gateway and on its cells, each into a file; returns what ends it."""
    os.makedirs(directory, exist_ok=True)
    gateway, *cells = family(roots[0])
    running = []
    for part, pids in (("gateway", [gateway]), ("cells", cells)):
        if pids:
            command = ["perf", "record", "-q", "-F", "499", "--call-graph", "dwarf,4096", "-o", os.path.join(directory, f"{name}-{part}.data"),
                       "-p", ",".join(map(str, pids))]
            running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def end():
        for process in running:
            process.send_signal(2)
            process.wait()
    return end


def measure(name, port, roots, sink, count, letters, options):
    helpers = [sink.process.pid, options.dns.process.pid]
    send(port, options.variants, letters, options)  # each message once: caches are warm, code is compiled
    quiet(roots)
    before, arrived = sum(cpu_seconds(root) for root in roots), sink.count
    busy, helped = busy_seconds(), sum(cpu_seconds(pid) for pid in helpers)
    peak, done = 0, threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.5):
            peak = max(peak, sum(memory(root) for root in roots))

    watcher = threading.Thread(target=watch)
    watcher.start()
    end_profile = profile(roots, options.perf, f"{name}-{os.path.basename(letters)}") if options.perf else lambda: None
    began = time.monotonic()
    try:
        sent = send(port, count, letters, options)
        end_profile()
        wait_for(lambda: sink.count - arrived >= count, f"{count} messages at the sink", 600)
    finally:
        done.set()
        watcher.join()
    used = sum(cpu_seconds(root) for root in roots) - before
    took = time.monotonic() - began
    others = busy_seconds() - busy - used - sent["cpu"] - (sum(cpu_seconds(pid) for pid in helpers) - helped)
    peak = max(peak, sum(memory(root) for root in roots))
    return {"accepted": count / sent["seconds"], "end to end": count / (sink.last - began), "cpu": used / count, "memory": peak,
            "sender": sent["cpu"] / count, "others": max(0, others) / took / os.cpu_count()}


def found_by_all(names, of_each, needed):
    """What was found in most messages; without `needed` in nearly all of them the comparison would not be one."""
    counts = collections.Counter(code for codes in of_each for code in codes)
    missing = [code for code in needed if counts[code] < 0.99 * len(of_each)]
    if missing or not of_each:
        raise SystemExit(f"{names} did not find {missing} in {len(of_each)} messages, but {counts.most_common(20)}: the comparison would not be one")
    return sorted(code for code, count in counts.items() if count > len(of_each) / 2)


def seen_by_mailreeve(server):
    lines = server.log_lines("transaction")
    codes = found_by_all("Mailreeve", [line["findings"] for line in lines], ["spf.pass", "dkim.pass", "dmarc.pass"])
    return f"{', '.join(codes)}; {dict(collections.Counter(line['action'] for line in lines))}"


def seen_by_rspamd(rspamd):
    with open(rspamd.log, encoding="utf-8", errors="replace") as file:
        lines = [line for line in file if "task_write_log" in line and "qid:" in line]
    needed = ["R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW"]
    codes = found_by_all("Rspamd", [re.findall(r"[\[,]([A-Z][A-Z0-9_]+)\(", line) for line in lines], needed)
    asked = statistics.median(int(found[1]) for line in lines if (found := re.search(r"dns req: (\d+)", line)))
    actions = collections.Counter(re.search(r"default: . \(([^)]*)\)", line)[1] for line in lines)
    return f"{', '.join(codes)}; {asked:.0f} questions to DNS a message; {dict(actions)}"


def settings(sink, dns):
    lists = full_mail.LISTS
    return f'''[[domain]]
name = "bench.test"
deliver = "smtp://127.0.0.1:{sink.port}"
recipients = "any"
accept-any = true
handover = "queue"
policy = "balanced"
[dns]
resolver = ["127.0.0.1:{dns.port}"]
[outbound]
per-destination = {{ connections = 50, messages-per-connection = 1000 }}
[limits]
connections-per-address = 1000
[checks.dnsbl]
lists = [{{ zone = "{lists[0]}", finding = "dnsbl.bench", weight = 6.0 }}, {{ zone = "{lists[1]}", finding = "dnswl", weight = -3.0 }}]
[checks.rhsbl]
lists = [{{ zone = "{lists[2]}", finding = "rhsbl.bench", weight = 5.0, of = ["mail-from", "header-from", "helo"] }},
         {{ zone = "{lists[3]}", finding = "url.bench", weight = 5.0, of = ["urls"] }}]
[checks.rate]
connections = "100000/1m"
messages = "100000/1m"
[checks.language]
unwanted = ["ru", "zh"]
[[checks.keyword.rule]]
name = "prize"
in = ["subject", "body"]
match = '(?i)\\byou have won\\b'
weight = 2.0
[[checks.keyword.rule]]
name = "pills"
in = ["subject", "body", "names", "urls"]
match = '(?i)\\b(viagra|cialis|without prescription)\\b'
weight = 3.0
[[checks.keyword.rule]]
name = "mailer"
in = ["headers"]
match = '(?im)^x-mailer: .*massmail'
[checks.url]
brands = ["bank.example"]
[checks.display]
people = ["Anna Muster", "Bert Beispiel <bert@partner.example>"]
[checks.lists]
block = ["from-envelope:*@spam.example", "from-header:ceo@bench.test", "ip:203.0.113.0/24"]
allow = ["domain:partner.example"]
[harvest]
unknown-limit = 5
[history]
keep = "30d"
'''


def run_mailreeve(directory, sink, dns, letters, count, options):
    server = Mailreeve(directory, settings(sink, dns), listener='proxy-protocol = ["127.0.0.0/8"]', hostname="mailreeve.test")
    server.start()
    try:
        for kind in ("ham", "spam"):
            server.command("learn", kind, os.path.join(options.corpus, kind), "--config", server.config)
        figures = measure("mailreeve", server.port, [server.process.pid], sink, count, letters, options)
        return figures, seen_by_mailreeve(server)
    finally:
        server.stop()


def run_rspamd(directory, sink, dns, letters, count, options):
    with contextlib.ExitStack() as stack:
        redis = None
        if options.redis:
            redis = peers.Redis(directory)
            stack.callback(redis.stop)
        rspamd = peers.FullRspamd(directory, dns.port, redis, workers=os.cpu_count())
        stack.callback(rspamd.stop)
        if redis is not None:
            for kind in ("ham", "spam"):
                folder = os.path.join(options.corpus, kind)
                messages = [open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))]
                taken = rspamd.learn(kind, messages)
                if taken < 200:  # it skips what it is already sure of; below 200 it does not judge
                    raise SystemExit(f"Rspamd learnt {taken} of {LEARNT} messages as {kind}: see {rspamd.log}")
        server = peers.MilterPostfix(directory, sink.port, rspamd.milter_port, max(100, options.sessions + 10))
        server.start()
        stack.callback(server.stop)
        roots = [server.pid(), rspamd.process.pid] + ([redis.process.pid] if redis else [])
        figures = measure("rspamd", server.port, roots, sink, count, letters, options)
        return figures, seen_by_rspamd(rspamd)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="4096,51200", help="octets of the messages, about (%(default)s)")
    parser.add_argument("--sessions", type=int, default=50, help="at once (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn; medians are shown (%(default)s)")
    parser.add_argument("--variants", type=int, default=400, help="different messages, sent in turn (%(default)s)")
    parser.add_argument("--messages", type=int, default=12000, help="for Mailreeve at 4 KiB; a third of it at more (%(default)s)")
    parser.add_argument("--rspamd-messages", type=int, default=1500, help="for Postfix with Rspamd (%(default)s)")
    parser.add_argument("--no-redis", dest="redis", action="store_false", help="Rspamd without Redis, hence without Bayes")
    parser.add_argument("--only", choices=("mailreeve", "rspamd"))
    parser.add_argument("--perf", metavar="DIR", help="profile Mailreeve or Rspamd with perf record -g into this folder")
    parser.add_argument("--dir", default="/var/tmp", help="a file system on the disk to be measured (%(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whatever was started is stopped
    if os.geteuid() != 0 and options.only != "mailreeve":
        sys.exit("bench/full.py: Postfix can only be started by root; use --only mailreeve, or sudo")
    if options.redis and options.only != "mailreeve" and not peers.has_redis():
        sys.exit("bench/full.py: redis-server is not installed: apt-get install redis-server, or use --no-redis")

    programs = {"mailreeve": (run_mailreeve, options.messages), "rspamd": (run_rspamd, options.rspamd_messages)}
    if options.only:
        programs = {options.only: programs[options.only]}
    work = tempfile.mkdtemp(prefix="mr-bench-", dir=options.dir)
    os.chmod(work, 0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, work, True)
        options.corpus = os.path.join(work, "corpus")
        make_corpus.write(options.corpus, LEARNT, 4)
        keys = full_mail.make_keys(work)
        dns = full_mail.Unbound(work, keys, options.variants)
        stack.callback(dns.stop)
        options.dns = dns
        print(f"{options.sessions} sessions, one message a connection, {os.cpu_count()} cores, queue on {options.dir}; Rspamd "
              + ("with Redis" if options.redis else "without Redis: modules that need it are off"), flush=True)
        for size in [int(size) for size in options.sizes.split(",")]:
            letters = os.path.join(work, str(size))
            mean = full_mail.write_letters(letters, keys, size, options.variants)
            compare(programs, size, mean, letters, dns, work, options)


def compare(programs, size, mean, letters, dns, work, options):
    figures, seen = {name: [] for name in programs}, {}
    for number in range(options.rounds):
        for name, (run, count) in programs.items():
            count = count if size <= 8192 else max(count // 3, min(count, 800))
            directory = tempfile.mkdtemp(prefix=f"{name}-", dir=work)
            os.chmod(directory, 0o755)
            sink = CountingSink()
            try:
                result, seen[name] = run(directory, sink, dns, letters, count, options)
            except Missing as why:
                sys.exit(f"bench/full.py: {why}")
            finally:
                sink.stop()
                shutil.rmtree(directory, True)
            figures[name].append(result)
            print(f"  {mean:6} octets, run {number + 1}, {name:10}: {result['accepted']:7.0f} accepted/s, "
                  f"{result['end to end']:7.0f} end to end/s, {result['cpu'] * 1e6:6.0f} us CPU a message, "
                  f"{result['memory'] / 2**20:5.0f} MiB   ({count} messages; sender {result['sender'] * 1e6:.0f} us; "
                  f"{result['others']:.0%} of the machine was used by others)", flush=True)
    middle = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in figures.items()}
    print(f"\n{mean} octets, medians of {options.rounds}:")
    print(f"{'':18}{'accepted/s':>12}{'end to end/s':>14}{'CPU us/msg':>12}{'peak MiB':>10}")
    for name, m in middle.items():
        print(f"{SHOWN[name]:18}{m['accepted']:12.0f}{m['end to end']:14.0f}{m['cpu'] * 1e6:12.0f}{m['memory'] / 2**20:10.0f}")
    if max(run["others"] for runs in figures.values() for run in runs) > 0.1:
        print("Others used this machine meanwhile: CPU a message is what can be compared, messages a second only roughly.")
    if len(middle) == 2:
        ours, theirs = middle["mailreeve"], middle["rspamd"]
        print(f"{'ratio':18}{ours['accepted'] / theirs['accepted']:11.1f}x{ours['end to end'] / theirs['end to end']:13.1f}x"
              f"{ours['cpu'] / theirs['cpu']:11.3f}x{ours['memory'] / theirs['memory']:9.2f}x")
        if size == 4096:
            print("aim at 4 KiB: 10 times the messages a second, a fifth of the memory")
    for name, text in seen.items():
        print(f"{SHOWN[name]} found in most: {text}")
    print(flush=True)


if __name__ == "__main__":
    main()
