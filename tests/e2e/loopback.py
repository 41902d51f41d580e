# SPDX-License-Identifier: Apache-2.0
"""What every server of the tests needs: waiting, ports, certificates, Maildirs."""
import os
import random
import socket
import subprocess
import threading
import time

DEADLINE = 15.0  # seconds that anything may take before a test gives up on it


def wait_for(condition, what, seconds=DEADLINE):
    """Polls until `condition` gives something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


FIRST_PORT = 10000
PORTS = 20000
PORTS_A_SLOT = 50
_taken_ports = set()
_port_lock = threading.Lock()


def _candidates():
    """Tests that run side by side get ports of their own (run.py numbers them): none takes a port that another one's
    server has given back for a moment."""
    slot = os.environ.get("MAILREEVE_PORT_SLOT")
    if slot is None:
        return range(FIRST_PORT, FIRST_PORT + PORTS)
    first = FIRST_PORT + int(slot) * PORTS_A_SLOT % PORTS
    return range(first, first + PORTS_A_SLOT)


def free_port():
    """Below the ephemeral range, so that no outgoing connection takes it before it is bound; each given out once."""
    candidates = _candidates()
    with _port_lock:
        for _ in range(100 * len(candidates)):
            port = random.choice(candidates)
            if port in _taken_ports:
                continue
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            _taken_ports.add(port)
            return port
        raise AssertionError("no free port")


def greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            return probe.recv(3) == b"220"
    except OSError:
        return False


def make_certificate(directory, name="mx.test", serial=1):
    """Self-signed; returns the paths of certificate and key."""
    certificate = os.path.join(directory, f"cert-{serial}.pem")
    key = os.path.join(directory, f"key-{serial}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}", "-set_serial",
                    str(serial), "-addext", f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    return certificate, key


def read_maildir(path):
    """The bytes of every message in new/ and cur/, oldest first."""
    found = []
    for folder in ("new", "cur"):
        try:
            names = os.listdir(os.path.join(path, folder))
        except OSError:
            continue
        for name in names:
            full = os.path.join(path, folder, name)
            found.append((os.stat(full).st_mtime_ns, full))
    messages = []
    for _, full in sorted(found):
        with open(full, "rb") as file:
            messages.append(file.read())
    return messages
