# SPDX-License-Identifier: Apache-2.0
"""Rspamd as it is usually run, with Redis, and Postfix that takes PROXY headers: what Mailreeve is measured beside."""
import http.client
import json
import os
import re
import shutil
import socket
import subprocess

from loopback import free_port, wait_for
from mail_servers import Postfix
from rspamd_peer import PEER, Rspamd


class Redis:
    """In memory alone: nothing is written."""

    def __init__(self, directory):
        self.port = free_port()
        self.process = subprocess.Popen(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                                         "--dir", directory], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, "redis-server")

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
                probe.sendall(b"PING\r\n")
                return probe.recv(5) == b"+PONG"
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()


def has_redis():
    return shutil.which("redis-server") is not None


class FullRspamd(Rspamd):
    """Every default module; no greylisting. A controller stands where a scanning worker would idle: as a milter the proxy
    scans by itself. Compiled patterns are kept from start to start."""

    def __init__(self, directory, dns_port, redis=None, milter=True, workers=1, local=None):
        self.redis = redis
        self.local = {"greylist.conf": "enabled = false;\n", **(local or {})}
        if redis is not None:
            self.local["redis.conf"] = f'servers = "127.0.0.1:{redis.port}";\n'
        super().__init__(directory, dns_port, full=True, milter=milter, workers=workers)

    def _config(self, *arguments):
        local = os.path.join(self.home, "local", "local.d")
        os.makedirs(local)
        for name, text in self.local.items():
            with open(os.path.join(local, name), "w", encoding="ascii") as file:
                file.write(text)
        patterns = PEER + "-patterns"
        os.makedirs(patterns, exist_ok=True)
        controller = f'worker "controller" {{ bind_socket = "127.0.0.1:{self.port}"; count = 1; secure_ip = "127.0.0.1"; password = "q1"; }}'
        config = re.sub(r'worker "normal" \{.*\}', controller, super()._config(*arguments))
        return re.sub(r'hs_cache_dir = ".*"', f'hs_cache_dir = "{patterns}"', config)

    def learn(self, kind, messages):
        """`kind`: "spam" or "ham". How many were taken."""
        taken = 0
        for message in messages:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            connection.request("POST", "/learn" + kind, message)
            response = connection.getresponse()
            answer = response.read()
            taken += response.status == 200 and bool(json.loads(answer).get("success"))
            connection.close()
        return taken


def proxied_greeting(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            probe.sendall(b"PROXY TCP4 192.0.2.9 192.0.2.1 40000 25\r\n")
            return probe.recv(3) == b"220"
    except OSError:
        return False


class MilterPostfix(Postfix):
    """A durable relay for bench.test that asks a milter and believes PROXY headers."""

    def __init__(self, directory, sink_port, milter_port, processes):
        os.chmod(directory, 0o755)
        super().__init__(directory, {
            "virtual_mailbox_domains": "", "relay_domains": "bench.test", "relayhost": f"[127.0.0.1]:{sink_port}",
            "smtpd_recipient_restrictions": "reject_unauth_destination", "smtpd_upstream_proxy_protocol": "haproxy",
            "smtpd_peername_lookup": "no", "smtpd_milters": f"inet:127.0.0.1:{milter_port}", "milter_default_action": "tempfail",
            "default_process_limit": str(processes), "in_flow_delay": "0", "default_destination_concurrency_limit": "50",
            "relay_destination_concurrency_limit": "50", "initial_destination_concurrency": "50", "disable_dns_lookups": "yes",
            "smtp_host_lookup": "native"})

    def start(self):
        self._run("start")
        wait_for(lambda: proxied_greeting(self.port), "Postfix does not greet")
        return self
