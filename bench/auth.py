#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SPF, DKIM (RSA-2048) and DMARC of one honest message, DNS answers warm: Mailreeve's library and Rspamd with only these
modules on, in turn on this machine, both asking the same Unbound. What counts is CPU time a message: Rspamd's includes
its HTTP and MIME reading, which it cannot do without; Mailreeve's the reading of the message."""
import argparse
import concurrent.futures
import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from harness import binary, free_port, wait_for  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
CLIENT, HELO, SENDER = "192.0.2.25", "mx.example.org", "anna@example.org"


def cpu_of(group):
    """CPU seconds of every process of a group."""
    total = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def make_key(directory):
    key = os.path.join(directory, "key.pem")
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform", "PEM"], check=True, capture_output=True, text=True)
    return key, "".join(line for line in public.stdout.splitlines() if not line.startswith("-"))


def make_message(directory, key, size):
    plain = os.path.join(directory, "plain.eml")
    body = "".join(f"Line {i} of an ordinary message that somebody wrote to somebody else.\r\n" for i in range(10000))[:size]
    body = body[:body.rfind("\r\n") + 2]
    with open(plain, "wb") as file:
        file.write((f"Received: from {HELO} by inside.example.org with ESMTPS; Fri, 20 Nov 2026 10:00:00 +0000\r\nFrom: Anna <{SENDER}>\r\n"
                    "To: <bert@example.net>\r\nSubject: an ordinary message\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
                    "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body).encode())
    signed = os.path.join(directory, "signed.eml")
    done = subprocess.run([binary(), "dkim", "sign", "--domain", "example.org", "--selector", "s", "--key", key, plain],
                          check=True, capture_output=True)
    with open(signed, "wb") as file:
        file.write(done.stdout)
    return signed


class Unbound:
    def __init__(self, directory, public):
        self.port = free_port()
        config = os.path.join(directory, "unbound.conf")
        pieces = [public[i:i + 200] for i in range(0, len(public), 200)]
        dkim = '" "'.join(["v=DKIM1; k=rsa; p=" + pieces[0]] + pieces[1:])
        records = [f'mx.example.org. A {CLIENT}', 'example.org. MX 10 mx.example.org.', f'example.org. TXT "v=spf1 mx ip4:{CLIENT} -all"',
                   '_dmarc.example.org. TXT "v=DMARC1; p=reject"', f's._domainkey.example.org. TXT "{dkim}"']
        data = "".join("  local-data: '" + record.replace(". ", ". 3600 IN ", 1) + "'\n" for record in records)
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'server:\n  interface: 127.0.0.1\n  port: {self.port}\n  do-daemonize: no\n  use-syslog: no\n  chroot: ""\n'
                       f'  username: ""\n  directory: "{directory}"\n  pidfile: ""\n  module-config: "iterator"\n'
                       f'  local-zone: "org." static\n  local-zone: "." static\n{data}remote-control:\n  control-enable: no\n')
        self.process = subprocess.Popen(["/usr/sbin/unbound", "-d", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: json.loads(subprocess.run([binary(), "lookup", "example.org", "--json", "--resolver", f"127.0.0.1:{self.port}"],
                                                   capture_output=True, text=True, check=False).stdout or "{}").get("answers", [{}])[2:3]
                 and True, "unbound does not answer")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Rspamd:
    def __init__(self, directory, dns_port):
        self.port = free_port()
        home = os.path.join(directory, "rspamd")
        os.makedirs(home)
        os.chmod(directory, 0o755)
        shutil.chown(home, "_rspamd", "_rspamd")
        os.makedirs(os.path.join(home, "plugins"))
        for plugin in ("spf.lua", "dmarc.lua"):
            os.symlink(os.path.join("/usr/share/rspamd/plugins", plugin), os.path.join(home, "plugins", plugin))
        config = os.path.join(home, "rspamd.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'''options {{
  filters = "dkim";
  dns {{ nameserver = ["127.0.0.1:{dns_port}:1"]; timeout = 2s; }}
  local_addrs = [];
  history_file = "{home}/history";
  hs_cache_dir = "{home}";
  temp_dir = "{home}";
  dynamic_conf = "{home}/dynamic";
  control_socket = "{home}/control.sock mode=0600";
  rrd = "{home}/rrd";
  stats_file = "{home}/stats";
}}
logging {{ type = "file"; filename = "{home}/log"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{self.port}"; count = 1; }}
modules {{ path = "{home}/plugins"; }}
spf {{ spf_cache_size = 1k; }}
dkim {{ dkim_cache_size = 1k; check_local = true; }}
dmarc {{ }}
actions {{ reject = 15; }}
''')
        self.process = subprocess.Popen(["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        self.log = os.path.join(home, "log")

    def scan(self, message):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", "/checkv2", message, {"IP": CLIENT, "Helo": HELO, "From": SENDER, "Rcpt": "bert@example.net",
                                                         "Hostname": HELO})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def measure_rspamd(directory, dns_port, message, count):
    rspamd = Rspamd(directory, dns_port)
    try:
        def ready():
            try:
                return rspamd.scan(message)
            except OSError:
                return None
        first = wait_for(ready, "rspamd does not answer")
        symbols = first.get("symbols", {})
        missing = [name for name in ("R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW") if name not in symbols]
        if missing:
            raise SystemExit(f"Rspamd found {sorted(symbols)}, not {missing}: the comparison would not be one")
        for _ in range(20):
            rspamd.scan(message)
        before, began = cpu_of(rspamd.process.pid), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: rspamd.scan(message), range(count)))
        took, used = time.monotonic() - began, cpu_of(rspamd.process.pid) - before
        return {"messages": count, "seconds": took, "cpu": used, "symbols": sorted(symbols)}
    finally:
        rspamd.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the program auth_bench")
    parser.add_argument("--size", type=int, default=4096, help="octets of the message's body")
    parser.add_argument("--count", type=int, default=20000, help="messages for Mailreeve; a tenth for Rspamd")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    if shutil.which("rspamd") is None:
        raise SystemExit("Rspamd is not installed: apt-get install rspamd")
    directory = tempfile.mkdtemp(prefix="mr-bench-", dir="/tmp")
    key, public = make_key(directory)
    message = make_message(directory, key, arguments.size)
    unbound = Unbound(directory, public)
    with open(message, "rb") as file:
        octets = file.read()
    ours, theirs = [], []
    try:
        for run in range(arguments.runs):
            done = subprocess.run([arguments.bench, message, f"127.0.0.1:{unbound.port}", CLIENT, HELO, SENDER, str(arguments.count)],
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"auth_bench: {done.stdout}{done.stderr}")
            ours.append(json.loads(done.stdout))
            theirs.append(measure_rspamd(os.path.join(directory), unbound.port, octets, arguments.count // 10))
            shutil.rmtree(os.path.join(directory, "rspamd"))
            for name, result in (("Mailreeve", ours[-1]), ("Rspamd", theirs[-1])):
                print(f"run {run + 1}  {name:<10} {result['messages'] / result['seconds']:>9.0f}/s  "
                      f"{result['cpu'] / result['messages'] * 1e6:>8.1f} us CPU a message")
    finally:
        unbound.stop()
        shutil.rmtree(directory, ignore_errors=True)
    cost = [statistics.median(r["cpu"] / r["messages"] for r in results) for results in (ours, theirs)]
    print(f"CPU a message: Mailreeve {cost[0] * 1e6:.1f} us, Rspamd {cost[1] * 1e6:.1f} us; {cost[1] / cost[0]:.1f} times as many "
          f"messages a CPU second  (Rspamd's symbols: {', '.join(theirs[-1]['symbols'])})")


if __name__ == "__main__":
    main()
