# SPDX-License-Identifier: Apache-2.0
"""A real Rspamd on loopback: the installed one, or Debian's package unpacked under build/peers. Debian's package cannot
be installed beside libvectorscan5, which Mailreeve is built with and which serves Rspamd as well."""
import fcntl
import glob
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile

from fake_dns import FakeDns
from loopback import free_port, wait_for

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PEER = os.path.join(ROOT, "build", "peers", "rspamd")
START_SECONDS = 60


class Missing(Exception):
    """Rspamd cannot be had here; the text says why. A test is skipped by it."""


def find():
    """The folder that has Rspamd's usr/ and etc/: "/", or that of the unpacked package."""
    if shutil.which("rspamd") is not None:
        return "/"
    os.makedirs(os.path.dirname(PEER), exist_ok=True)
    with open(PEER + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(PEER):
            unpack()
    program = os.path.join(PEER, "usr", "bin", "rspamd")
    linked = subprocess.run(["ldd", program], env=surroundings(PEER), capture_output=True, text=True, check=False).stdout
    missing = [line.split()[0] for line in linked.splitlines() if "not found" in line]
    if missing:
        raise Missing(f"libraries of Rspamd are not installed: {', '.join(missing)}")
    return PEER


def surroundings(base):
    return {**os.environ, "LD_LIBRARY_PATH": os.path.join(base, "usr", "lib", "rspamd")}


def unpack():
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Missing("Rspamd is not installed, and there is no apt-get to fetch it with")
    with tempfile.TemporaryDirectory(prefix="rspamd-", dir=os.path.dirname(PEER)) as directory:
        try:
            done = subprocess.run(["apt-get", "-q", "download", "rspamd"], cwd=directory, capture_output=True, text=True,
                                  timeout=120, check=False)
        except subprocess.TimeoutExpired:
            raise Missing("Rspamd is not installed, and apt-get download rspamd has no end") from None
        packages = glob.glob(os.path.join(directory, "rspamd_*.deb"))
        if not packages:
            why = (done.stderr.strip().splitlines() or ["no package came"])[-1]
            raise Missing(f"Rspamd is not installed, and apt-get download rspamd failed: {why}")
        root = os.path.join(directory, "root")
        subprocess.run(["dpkg", "-x", packages[0], root], check=True, capture_output=True)
        os.chmod(root, 0o755)
        os.rename(root, PEER)


class Rspamd:
    """Scans at `port` (HTTP, /checkv2); with `milter` also as a milter at `milter_port`.

    `full`: Debian's configuration as it comes, every default module, no Redis; else its compiled-in knowledge of GTUBE
    and a few rules that weigh nothing. All DNS goes to 127.0.0.1:`dns_port`; without one, to a server of its own that
    denies every name. `more` is further configuration. `process.pid` leads a process group."""

    def __init__(self, directory, dns_port=None, full=False, milter=False, workers=1, more=""):
        base = find()
        self.home = os.path.join(directory, "rspamd")
        os.makedirs(os.path.join(self.home, "local"))
        os.makedirs(os.path.join(self.home, "plugins"))
        self.port = free_port()
        self.milter_port = free_port() if milter else None
        self.log = os.path.join(self.home, "log")
        self.dns = FakeDns() if dns_port is None else None
        share = os.path.join(base, "usr", "share", "rspamd")
        variables = {"CONFDIR": os.path.join(base, "etc", "rspamd"), "LOCAL_CONFDIR": os.path.join(self.home, "local"),
                     "SHAREDIR": share, "RULESDIR": os.path.join(share, "rules"), "LUALIBDIR": os.path.join(share, "lualib"),
                     "PLUGINSDIR": os.path.join(share, "plugins"), "DBDIR": self.home, "RUNDIR": self.home, "LOGDIR": self.home}
        config = os.path.join(self.home, "rspamd.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(self._config(dns_port or self.dns.port, share, full, workers, more))
        command = [os.path.join(base, "usr", "bin", "rspamd"), "-f", "-i", "-c", config]
        command += [f"--var={name}={value}" for name, value in variables.items()]
        with open(os.path.join(self.home, "output"), "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env=surroundings(base), start_new_session=True)
        try:
            wait_for(self._answers, "Rspamd", START_SECONDS)
        except BaseException:
            self.stop()
            raise

    def _config(self, dns_port, share, full, workers, more):
        milter = "" if self.milter_port is None else f'''
worker "rspamd_proxy" {{ bind_socket = "127.0.0.1:{self.milter_port}"; milter = yes; timeout = 120s; count = {workers};
  upstream "local" {{ default = yes; self_scan = yes; }} }}
'''
        modules = '''.include "$CONFDIR/common.conf"
''' if full else f'''lua = "$RULESDIR/rspamd.lua"
modules {{ path = "{self.home}/plugins"; }}
actions {{ reject = 15; add_header = 6; greylist = 4; }}
'''
        # Our options come second and are merged: a repeated section would be a list, of which only the first counts.
        with open(os.path.join(self.home, "options.inc"), "w", encoding="utf-8") as file:
            file.write(f'''pidfile = "{self.home}/pid";
dns {{ nameserver = ["127.0.0.1:{dns_port}:1"]; }}
history_file = "{self.home}/history";
hs_cache_dir = "{self.home}";
temp_dir = "{self.home}";
tempdir = "{self.home}";
dynamic_conf = "{self.home}/dynamic";
cache_file = "{self.home}/symbols.cache";
control_socket = "{self.home}/control.sock mode=0600";
rrd = "{self.home}/rrd";
stats_file = "{self.home}/stats";
url_tld = "{share}/effective_tld_names.dat";
''')
        inherited = '.include "$CONFDIR/options.inc"' if full else 'filters = "";'
        return f'''options {{
  {inherited}
  .include(priority=1,duplicate=merge) "{self.home}/options.inc"
}}
lang_detection {{ languages = "{share}/languages"; }}
logging {{ type = "file"; filename = "{self.log}"; level = "notice"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{self.port}"; count = {workers}; mime = true; }}
{more}
{milter}{modules}'''

    def _answers(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.home, "output"), encoding="utf-8", errors="replace") as file:
                output = file.read()
            if os.path.exists(self.log):
                with open(self.log, encoding="utf-8", errors="replace") as file:
                    output += file.read()
            raise AssertionError(f"Rspamd ended with {self.process.returncode}:\n{output[-3000:]}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/ping")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def scan(self, message, **headers):
        """What it answers, as a dictionary. `headers`: IP, Helo, From, Rcpt, Hostname, ..."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/checkv2", message, headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.dns is not None:
            self.dns.stop()
