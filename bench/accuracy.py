#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well mail is told apart: DIR/ham and DIR/spam (one message a file, folders within them too) are split in two by
chance; one half is learnt, the other judged, by Mailreeve and, trained the same way, Rspamd and SpamAssassin.

Judged by content alone: no client address is given, no DNS is asked, no date counts as old. Two tables: by the score as a
whole, at each engine's own mark for spam (Mailreeve 5: "tag" of the policy balanced; Rspamd 6: "add header";
SpamAssassin 5), "unsure" from two thirds of the mark on; and by the statistics alone, "unsure" where they say nothing
(SpamAssassin: BAYES_50).

bench/make_corpus.py writes a synthetic DIR. Synthetic mail shows that the machinery works, not how good anything is in
the world; for that, use mail that your people received and sorted."""
import argparse
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import peers  # noqa: E402
from fake_dns import FakeDns  # noqa: E402
from harness import binary  # noqa: E402
from loopback import free_port, wait_for  # noqa: E402
from make_corpus import NOTE  # noqa: E402
from rspamd_peer import Missing  # noqa: E402

CLASSES = ("ham", "spam")


class Mailreeve:
    name, mark = "Mailreeve", 5.0

    def __init__(self, directory, _):
        self.directory = os.path.join(directory, "mailreeve")
        os.makedirs(self.directory)
        self.config = os.path.join(self.directory, "mailreeve.toml")
        zone = os.path.join(self.directory, "zone")
        open(zone, "w", encoding="ascii").close()
        off = "".join(f"[checks.{check}]\nenabled = false\n" for check in ("from-domain", "dkim", "dmarc", "arc"))
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'''hostname = "mx.test"
data-dir = "{self.directory}/data"
contact = "postmaster@example.org"
[[listener]]
role = "mx"
address = "127.0.0.1:2525"
[[domain]]
name = "bench.test"
deliver = "smtp://127.0.0.1:1"
recipients = "any"
accept-any = true
[dns]
zone-file = "{zone}"
[policy.content]
tag = 5.0
weight = {{ "header.old" = 0.0 }}
{off}''')
        os.makedirs(os.path.join(self.directory, "data"))
        self.zone = zone

    def run(self, *arguments):
        done = subprocess.run([binary(), *arguments, "--config", self.config], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"mailreeve {arguments[0]}: {done.stderr or done.stdout}")
        return done.stdout

    def learn(self, folders):
        for kind in CLASSES:
            self.run("learn", kind, folders[kind])
        return self.run("learn", "show").strip()

    def judge(self, folder):
        for line in self.run("scan", "--json", "--policy", "content", "--zone", self.zone, folder).splitlines():
            answer = json.loads(line)
            codes = {finding["code"] for finding in answer["findings"]}
            yield os.path.basename(answer["file"]), answer["score"], ("spam" if "bayes.spam" in codes else "ham" if "bayes.ham" in codes else "unsure")

    def stop(self):
        pass


class Rspamd:
    name, mark = "Rspamd", 6.0

    def __init__(self, directory, options):
        if not peers.has_redis():
            raise Missing("redis-server is not installed: Rspamd's statistics need it (apt-get install redis-server)")
        self.dns = FakeDns()
        self.redis = peers.Redis(directory)
        try:
            self.rspamd = peers.FullRspamd(directory, self.dns.port, self.redis, milter=False,
                                           local={"headers_group.conf": 'symbols { "DATE_IN_PAST" { weight = 0.0; } }\n'})
        except BaseException:
            self.redis.stop()
            self.dns.stop()
            raise

    def learn(self, folders):
        taken = {}
        pairs = [(number, kind, path) for kind in CLASSES for number, path in enumerate(files_in(folders[kind]))]
        for _, kind, path in sorted(pairs):
            with open(path, "rb") as file:
                taken[kind] = taken.get(kind, 0) + self.rspamd.learn(kind, [file.read()])
        return f"{taken.get('spam', 0)} spam and {taken.get('ham', 0)} ham were taken; it skips what it is sure of already"

    def judge(self, folder):
        for path in files_in(folder):
            with open(path, "rb") as file:
                answer = self.rspamd.scan(file.read())
            symbols = answer.get("symbols", {})
            yield os.path.basename(path), answer["score"], "spam" if "BAYES_SPAM" in symbols else "ham" if "BAYES_HAM" in symbols else "unsure"

    def stop(self):
        self.rspamd.stop()
        self.redis.stop()
        self.dns.stop()


class SpamAssassin:
    name, mark = "SpamAssassin", 5.0

    def __init__(self, directory, _):
        for program in ("spamd", "sa-learn"):
            if shutil.which(program) is None:
                raise Missing(f"{program} is not installed: apt-get install spamassassin spamd")
        self.directory = os.path.join(directory, "spamassassin")
        site = os.path.join(self.directory, "site")
        for path in (self.directory, site, os.path.join(self.directory, "bayes")):
            os.makedirs(path)
            os.chmod(path, 0o777)
        for name in os.listdir("/etc/spamassassin"):
            if name.endswith(".pre"):
                shutil.copy(os.path.join("/etc/spamassassin", name), site)
        with open(os.path.join(site, "local.cf"), "w", encoding="ascii") as file:
            file.write(f"use_bayes 1\nbayes_auto_learn 0\nbayes_path {self.directory}/bayes/bayes\nbayes_file_mode 0777\n"
                       "use_txrep 0\nuse_auto_whitelist 0\ndns_available no\n")
        self.common = [f"--siteconfigpath={site}"]
        self.environment = {**os.environ, "HOME": self.directory}
        self.process = None
        self.port = free_port()

    def learn(self, folders):
        said = []
        for kind in CLASSES:
            done = subprocess.run(["sa-learn", *self.common, "--no-sync", "--" + kind, folders[kind]], env=self.environment, capture_output=True,
                                  text=True, check=True)
            said.append(f"{kind}: {done.stdout.strip()}")
        subprocess.run(["sa-learn", *self.common, "--sync"], env=self.environment, capture_output=True, check=True)
        for name in os.listdir(os.path.join(self.directory, "bayes")):
            os.chmod(os.path.join(self.directory, "bayes", name), 0o666)
        user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        with open(os.path.join(self.directory, "output"), "wb") as output:
            self.process = subprocess.Popen(["spamd", *self.common, "-L", "-x", "-u", user, "-H", self.directory, "--max-children=1",
                                             "--listen=127.0.0.1", f"--port={self.port}", "-s", "stderr"], env=self.environment,
                                            stdout=output, stderr=output)
        wait_for(self._answers, "spamd does not answer", 60)
        return "; ".join(said)

    def _answers(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.directory, "output"), encoding="utf-8", errors="replace") as file:
                raise SystemExit(f"spamd ended: {file.read()[-1000:]}")
        try:
            return b"PONG" in self.ask("PING", b"")
        except OSError:
            return False

    def ask(self, verb, message):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(f"{verb} SPAMC/1.5\r\nContent-length: {len(message)}\r\n\r\n".encode() + message)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def judge(self, folder):
        for path in files_in(folder):
            with open(path, "rb") as file:
                head, _, symbols = self.ask("SYMBOLS", file.read()).partition(b"\r\n\r\n")
            score = float(head.split(b"Spam:")[1].split(b";")[1].split(b"/")[0])
            level = next((int(symbol[6:]) for symbol in symbols.decode().strip().split(",") if symbol.startswith("BAYES_")), 50)
            yield os.path.basename(path), score, "unsure" if level == 50 else "spam" if level > 50 else "ham"

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


def files_in(folder):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)


def split(corpus, directory, seed, limit):
    """{"learn"|"judge": {class: folder}}; every message once, names of our own."""
    chance, folders = random.Random(seed), {}
    for kind in CLASSES:
        files = files_in(os.path.join(corpus, kind))
        chance.shuffle(files)
        files = files[:limit] if limit else files
        if len(files) < 2:
            raise SystemExit(f"bench/accuracy.py: there is nothing in {corpus}/{kind}: write it with bench/make_corpus.py, or bring your own")
        for half in ("learn", "judge"):
            folder = os.path.join(directory, half, kind)
            os.makedirs(folder)
            folders.setdefault(half, {})[kind] = folder
            part = files[:len(files) // 2] if half == "learn" else files[len(files) // 2:]
            for number, path in enumerate(part):
                shutil.copyfile(path, os.path.join(folder, f"{number:06d}.eml"))
    return folders


def by_score(score, mark):
    return "spam" if score >= mark else "unsure" if score >= mark * 2 / 3 else "ham"


def assess(engine, folders):
    began = time.monotonic()
    said = engine.learn(folders["learn"])
    learnt, began = time.monotonic() - began, time.monotonic()
    counts = {table: {kind: dict.fromkeys(("ham", "unsure", "spam"), 0) for kind in CLASSES} for table in ("score", "statistics")}
    judged = 0
    for kind in CLASSES:
        missed = {os.path.basename(path) for path in files_in(folders["judge"][kind])}
        for name, score, leaning in engine.judge(folders["judge"][kind]):
            missed.discard(name)
            counts["score"][kind][by_score(score, engine.mark)] += 1
            counts["statistics"][kind][leaning] += 1
            judged += 1
        if missed:
            raise SystemExit(f"{engine.name} did not judge {len(missed)} messages, {sorted(missed)[0]} among them")
    took = time.monotonic() - began
    print(f"{engine.name}: learnt in {learnt:.1f} s, judged {judged} in {took:.1f} s, {took / judged * 1000:.2f} ms each, one at a time. {said}", flush=True)
    return counts


def show(title, results, table):
    print(f"\n{title}\n{'':14}{'ham as':>9}{'':18}{'spam as':>9}{'':18}{'false':>10}{'false':>10}")
    print(f"{'':14}" + f"{'ham':>9}{'unsure':>9}{'spam':>9}" * 2 + f"{'positive':>10}{'negative':>10}")
    for name, counts in results.items():
        numbers = [counts[table][kind][judged] for kind in CLASSES for judged in ("ham", "unsure", "spam")]
        positive, negative = numbers[2] / sum(numbers[:3]), (numbers[3] + numbers[4]) / sum(numbers[3:])
        print(f"{name:14}" + "".join(f"{number:9}" for number in numbers) + f"{positive:10.2%}{negative:10.2%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="DIR", help="holds ham/ and spam/")
    parser.add_argument("--seed", type=int, default=1, help="of the split (%(default)s)")
    parser.add_argument("--limit", type=int, default=0, help="messages of each class at most; 0: all")
    parser.add_argument("--only", choices=("mailreeve", "rspamd", "spamassassin"), action="append")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whatever was started is stopped
    engines = {"mailreeve": Mailreeve, "rspamd": Rspamd, "spamassassin": SpamAssassin}
    results = {}
    with tempfile.TemporaryDirectory(prefix="mr-bench-", dir="/tmp") as directory:
        os.chmod(directory, 0o755)
        folders = split(options.directory, directory, options.seed, options.limit)
        learnt = {kind: len(files_in(folders["learn"][kind])) for kind in CLASSES}
        print(f"{learnt['ham']} ham and {learnt['spam']} spam are learnt, as many are judged"
              + ("" if min(learnt.values()) >= 200 else "; every engine wants 200 of each before it judges by what it learnt"), flush=True)
        for name in options.only or engines:
            try:
                engine = engines[name](directory, options)
            except Missing as why:
                print(f"{engines[name].name}: left out. {why}", flush=True)
                continue
            try:
                results[engine.name] = assess(engine, folders)
            finally:
                engine.stop()
    show("By the score as a whole", results, "score")
    show("By the statistics alone", results, "statistics")
    if os.path.exists(os.path.join(options.directory, "SYNTHETIC")):
        print("\n" + NOTE)


if __name__ == "__main__":
    main()
