# SPDX-License-Identifier: Apache-2.0
"""What every server of the tests needs: waiting, ports, certificates, Maildirs."""
import fcntl
import os
import random
import socket
import subprocess
import tempfile
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
_port_lock = threading.Lock()
_locks = []
_ports = []


def _take_slot():
    """Every process that tests takes a range of ports for itself and keeps it to its end: nobody else's server comes up
    at a port that one of ours has given back for a moment. A lock on a file says whose a range is."""
    slots = list(range(PORTS // PORTS_A_SLOT))
    random.shuffle(slots)
    for number in slots:
        path = os.path.join(tempfile.gettempdir(), f"mailreeve-tests-{os.getuid()}-ports-{number}.lock")
        lock = open(path, "w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        first = FIRST_PORT + number * PORTS_A_SLOT
        return lock, range(first, first + PORTS_A_SLOT)
    raise AssertionError("no range of ports is free")


def free_port():
    """Below the ephemeral range, so that no outgoing connection takes it before it is bound; each given out once."""
    with _port_lock:
        while True:
            if not _ports:
                lock, ports = _take_slot()
                _locks.append(lock)
                _ports.extend(ports)
            port = _ports.pop()
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            return port


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
