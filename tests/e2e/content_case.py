# SPDX-License-Identifier: Apache-2.0
"""What tests of content share: messages with files, and a gateway that they are sent to."""
import base64
import io
import json
import subprocess
import tarfile
import zipfile

from harness import Case

PROGRAM = b"MZ" + b"\0" * 200
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def zipped(*members, **keywords):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", keywords.get("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def part(content, name="file.bin", kind="application/octet-stream", more=""):
    body = base64.encodebytes(content).decode().replace("\n", "\r\n")
    return (f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
            f"Content-Transfer-Encoding: base64\r\n{more}\r\n{body}")


def mixed(*parts, text="hello", author="anna@sender.example", extra=""):
    inner = "".join(f"--b\r\n{one}\r\n" for one in parts)
    return (f"From: {author}\r\nTo: <a@example.org>\r\nSubject: files\r\nMIME-Version: 1.0\r\n{extra}"
            f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n{inner}--b--\r\n").encode()


def html(body, author="anna@sender.example"):
    return (f"From: {author}\r\nTo: <a@example.org>\r\nSubject: links\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n").encode()


def is_gone(pid):
    """It has ended, whether or not its parent has looked."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


class ContentCase(Case):
    def start(self, more="", policy="", people="a@example.org", named="test"):
        self.inside = self.sink()
        self.server = self.gateway(
            self.people(people) + self.domain(f"smtp://127.0.0.1:{self.inside.port}", more=f'policy = "{named}"') +
            f"[policy.test]\n{policy}\n{more}")

    def send(self, text):
        with self.server.client() as client:
            return client.mail("anna@sender.example", ["a@example.org"], text)

    def codes(self):
        done = self.server.command("history", "search", "--limit", "1", "--json", "--config", self.server.config)
        return set(json.loads(done.stdout)["records"][0]["findings"])

    def found(self, text):
        answer = self.send(text)
        self.assertTrue(answer.startswith("250"), answer)
        return self.codes()

    def cells(self):
        found = subprocess.run(["pgrep", "-P", str(self.server.process.pid)], capture_output=True, text=True, check=False).stdout.split()
        return [int(pid) for pid in found]
