#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages made to hurt whoever takes them apart, each given to a fresh scanner process: how long it took, how much memory
the process had at most, and what it said. The goal is 2 s and 256 MiB each."""
import argparse
import array
import base64
import io
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from content_case import PROGRAM, html, mixed, part, zipped  # noqa: E402
from harness import binary  # noqa: E402

MARK = 0x6d61696c72656576


def headed(body, kind="text/plain", more=""):
    return f"From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body


def overlapping_zip(members=5000, size=200_000):
    """Every name in the list leads to the same octets."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * size)
    data = buffer.getvalue()
    start = data.rindex(b"PK\1\2")
    end = data.rindex(b"PK\5\6")
    entry = data[start:end]
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, members, members, len(entry) * members, start)
    return data[:start] + entry * members + bytes(tail)


def nested_messages(count):
    return b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(count)) + b"Subject: end\r\n\r\nx\r\n"


def nested_multiparts(count):
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(count)) + b"\r\nx\r\n"


def nested_zip(depth):
    data = PROGRAM
    for number in range(depth):
        data = zipped((f"{number}.zip", data))
    return data


def quine_like():
    data = zipped(("a.txt", b"x" * 1000))
    for _ in range(12):
        data = zipped(*[(f"{n}.zip", data) for n in range(8)])
    return data


def nasties(quick):
    million = 100_000 if quick else 1_000_000
    yield "an ordinary message", headed(b"hello\r\n" * 500)
    yield "100,000 parts", mixed(*["\r\nx"] * 100_000)
    yield "multiparts 5,000 deep", nested_multiparts(5000)
    yield "one boundary 10,000 deep", b"".join(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" for _ in range(10_000))
    yield "messages 10,000 deep", nested_messages(10_000)
    yield "a header of 5 MB", b"X-Long: " + b"x" * 5_000_000 + b"\r\n\r\nx\r\n"
    yield "1,000,000 folds", b"X-Long: x\r\n" + b" x\r\n" * million + b"\r\nx\r\n"
    yield "500,000 To fields", b"To: <a@x.example>\r\n" * (million // 2) + b"\r\nx\r\n"
    yield "100,000 comments in one another", b"From: " + b"(" * 100_000 + b"a@x.example\r\n\r\nx\r\n"
    yield "100,000 sections of a name", headed(b"x", "text/plain;" + ";".join(f"name*{n}=x" for n in range(10_000)))
    yield "50 MB in one line", headed(b"x" * 50_000_000)
    yield "10,000,000 empty lines", headed(b"\r\n" * (10 * million))
    yield "20 MB of base64", mixed(part(os.urandom(15_000_000)))
    yield "20 MB of base64 with junk", headed(b"QUJD!" * 4_000_000, more="Content-Transfer-Encoding: base64\r\n")
    yield "1 GB of zeros in a zip", mixed(part(zipped(("zeros", b"\0" * 1_000_000_000) if not quick else ("zeros", b"\0" * 100_000_000)), "a.zip"))
    yield "zips 60 deep", mixed(part(nested_zip(60), "a.zip"))
    yield "8 zips in each, 12 deep", mixed(part(quine_like(), "a.zip"))
    yield "1,000,000 empty files in a zip", mixed(part(zipped(*[(f"{n}", b"") for n in range(million // 10)]), "a.zip"))
    yield "overlapping files in a zip", mixed(part(overlapping_zip(), "a.zip"))
    whole = zipped(("a.txt", os.urandom(3000)), ("b.exe", PROGRAM))
    for at in range(0, len(whole), len(whole) // 16):
        yield f"a zip cut at {at}", mixed(part(whole[:at], "a.zip"))
    yield "1,000,000 nested tags", html("<div>" * million)
    yield "1,000,000 comments", html("<!--x-->" * million)
    yield "10 MB attribute", html('<a href="' + "x" * 10_000_000 + '">x</a>')
    yield "200,000 links", html("".join(f'<a href="http://h{n}.example/">x</a>' for n in range(200_000)))
    yield "1,000,000 urls in text", headed(b"http://a.example/x " * million)
    yield "entities", html("&amp" * (2 * million))
    yield "10,000,000 angle brackets", html("<" * (10 * million))
    yield "unclosed attributes", html("<a b" * million)
    yield "encoded words", b"Subject: " + b" =?utf-8?q?x?=" * 15_000 + b"\r\n\r\nx\r\n"
    yield "compound file loops", mixed(part(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 22 + struct.pack("<H", 9) + b"\0" * 16 + b"\0" * 464 + b"\0" * 2_000_000, "a.doc"))
    yield "a pdf of object streams", mixed(part(b"%PDF-1.4\n" + b"1 0 obj << /Type /ObjStm >> stream\n" * 100_000, "a.pdf"))
    yield "a pdf of names", mixed(part(b"%PDF-1.4\n" + b"/J#61" * 3_000_000, "a.pdf"))
    yield "uuencode everywhere", headed(b"begin 644 x\r\n#34I0\r\n`\r\nend\r\n" * 100_000)
    yield "broken quoted-printable", headed(b"=" * 20_000_000, more="Content-Transfer-Encoding: quoted-printable\r\n")
    yield "utf-7", headed(b"+AGE-" * 2_000_000, "text/plain; charset=utf-7")
    yield "iso-2022 switches", headed(b"\x1b$B!!\x1b(B" * 1_000_000, "text/plain; charset=iso-2022-jp")


def receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            return None
        data += piece
    return data


def scan(message):
    """(seconds, MiB, octets of the report or None)"""
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    child = subprocess.Popen([binary(), "cell"], preexec_fn=lambda: os.dup2(theirs.fileno(), 3), close_fds=False,
                             stdout=subprocess.DEVNULL)
    theirs.close()
    memory = os.memfd_create("message", os.MFD_ALLOW_SEALING)
    with os.fdopen(memory, "wb", closefd=False) as file:
        file.write(message)
    began = time.monotonic()
    ours.sendmsg([struct.pack("<Q", MARK)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [memory]))])
    os.close(memory)
    try:
        head = receive(ours, 8)
        report = receive(ours, struct.unpack("<Q", head)[0]) if head else None
    except TimeoutError:
        report = None
        child.send_signal(signal.SIGKILL)
    took = time.monotonic() - began
    ours.close()
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return took, usage.ru_maxrss / 1024, report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller ones")
    parser.add_argument("names", nargs="*", help="a part of the name; without one, all")
    arguments = parser.parse_args()
    worst = (0, 0)
    for name, message in nasties(arguments.quick):
        if arguments.names and not any(part_of in name for part_of in arguments.names):
            continue
        took, memory, report = scan(message)
        codes = sorted({code.decode() for code in re.findall(rb"scan\.limit\.[a-z]+|mime\.ambiguous|archive\.[a-z]+", report or b"")})
        flag = "  <-- over" if took > 2 or memory > 256 or report is None else ""
        print(f"{name:34} {len(message) / 1e6:7.1f} MB {took:7.2f} s {memory:6.0f} MiB  {'no answer' if report is None else ' '.join(codes)}{flag}",
              flush=True)
        worst = (max(worst[0], took), max(worst[1], memory))
    print(f"worst: {worst[0]:.2f} s, {worst[1]:.0f} MiB")


if __name__ == "__main__":
    main()
