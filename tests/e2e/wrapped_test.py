# SPDX-License-Identifier: Apache-2.0
"""What hides in winmail.dat, S/MIME, OneNote notebooks and pictures."""
import base64
import os
import struct
import subprocess

from content_case import PROGRAM, ContentCase, html, mixed, part, zipped

FILE_DATA = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
NOTEBOOK = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + b"\1" * 1000


def attribute(number, data, level=2):
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)


def winmail(name, content):
    """As Outlook writes it: a short name, and the long one in the properties."""
    wide = name.encode("utf-16-le") + b"\0\0"
    padded = wide + b"\0" * (-len(wide) % 4)
    properties = struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(wide)) + padded
    return (struct.pack("<IH", 0x223E9F78, 1) + attribute(0x00069007, struct.pack("<II", 1252, 0), 1) +
            attribute(0x00069002, bytes(14)) + attribute(0x00018010, b"SHORT~1.DAT\0") + attribute(0x0006800F, content) +
            attribute(0x00069005, properties))


def notebook(content):
    return NOTEBOOK + FILE_DATA + struct.pack("<QIQ", len(content), 0, 0) + content + bytes(16)


class Wrapped(ContentCase):
    def openssl(self, *arguments, data=b""):
        return subprocess.run(["openssl", *arguments], input=data, cwd=self.directory, capture_output=True, check=True).stdout

    def make_certificate(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=anna", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2")

    def smime(self, data):
        """A whole message around what openssl made of its content."""
        return b"From: anna@sender.example\r\nTo: <a@example.org>\r\nSubject: signed\r\n" + data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def test_files_in_winmail_dat_are_looked_at(self):
        self.start()
        self.assertIn("attachment.dangerous", self.found(mixed(part(winmail("report.exe", b"text"), "winmail.dat", "application/ms-tnef"))))
        self.assertIn("attachment.dangerous", self.found(mixed(part(winmail("report.txt", PROGRAM), "winmail.dat"))))
        codes = self.found(mixed(part(winmail("report.txt", b"hello"), "winmail.dat", "application/ms-tnef")))
        self.assertFalse({code for code in codes if code.startswith(("attachment.", "archive.", "mime.", "scan."))}, codes)

    def test_signed_mail_is_opened_and_encrypted_mail_is_told(self):
        self.start()
        self.make_certificate()
        inner = mixed(part(PROGRAM, "run.exe")).split(b"MIME-Version: 1.0\r\n")[1]
        signer = ["cms", "-sign", "-signer", "cert.pem", "-inkey", "key.pem", "-nodetach", "-binary"]
        for name, arguments in {"as DER": [], "streamed": ["-stream"], "without attributes": ["-noattr", "-nocerts"]}.items():
            with self.subTest(name):
                self.assertIn("attachment.dangerous", self.found(self.smime(self.openssl(*signer, *arguments, data=inner))))
        harmless = self.found(self.smime(self.openssl(*signer, data=b"Content-Type: text/plain\r\n\r\nhello\r\n")))
        self.assertFalse({code for code in harmless if code.startswith(("attachment.", "archive.", "mime.", "scan."))}, harmless)
        self.assertIn("attachment.dangerous", self.found(mixed(part(
            self.openssl(*signer, "-outform", "DER", data=PROGRAM), "invoice.pdf.p7m", "application/pkcs7-mime"))))
        detached = self.openssl("cms", "-sign", "-signer", "cert.pem", "-inkey", "key.pem", data=inner)
        self.assertIn("attachment.dangerous", self.found(self.smime(detached)))
        sealed = self.found(self.smime(self.openssl("cms", "-encrypt", "-aes256", "-binary", "cert.pem", data=inner)))
        self.assertIn("mime.encrypted", sealed)
        self.assertNotIn("attachment.encrypted", sealed)

    def test_files_in_notebooks_are_looked_at(self):
        self.start()
        codes = self.found(mixed(part(notebook(PROGRAM), "invoice.one")))
        self.assertTrue({"attachment.dangerous", "office.embedded"} <= codes, codes)
        named = NOTEBOOK + struct.pack("<HII", 1, 0x1C001D9C, 26) + "Open me.cmd\0".encode("utf-16-le") + b"\0\0"
        self.assertIn("attachment.dangerous", self.found(mixed(part(named, "invoice.one"))))
        codes = self.found(mixed(part(notebook(b"hello"), "notes.one")))
        self.assertNotIn("attachment.dangerous", codes)

    def code(self, text):
        """A PNG."""
        try:
            return subprocess.run(["qrencode", "-s", "4", "-o", "-", text], capture_output=True, check=True).stdout
        except FileNotFoundError:
            self.skipTest("qrencode is not installed")

    def test_codes_in_pictures_lead_where_they_lead(self):
        self.start()
        leads = self.code("https://evil.example/login")
        with open(os.path.join(os.path.dirname(__file__), "qr.jpg"), "rb") as file:
            photo = file.read()
        encoded = base64.b64encode(leads).decode()
        for name, message in {
                "PNG": mixed(part(leads, "code.png", "image/png")),
                "JPEG": mixed(part(photo, "code.jpg", "image/jpeg")),
                "in a document": mixed(part(zipped(("word/media/image1.png", leads), ("[Content_Types].xml", b"<x/>")), "a.docx")),
                "in HTML": html(f'<p>scan this</p><img src="data:image/png;base64,{encoded}">'),
                "in a PDF": mixed(part(b"%PDF-1.4\n1 0 obj\n<< /Subtype /Image /Filter /DCTDecode >>\nstream\n" + photo + b"\nendstream\n", "a.pdf")),
        }.items():
            with self.subTest(name):
                codes = self.found(message)
                self.assertTrue({"url.qr", "url.foreign"} <= codes, codes)
        self.assertIn("url.lookalike", self.found(mixed(part(self.code("http://www.paypa1.com/x"), "code.png"))))
        self.assertIn("url.address", self.found(mixed(part(self.code("http://0xc6336407/x"), "code.png"))))
        codes = self.found(mixed(part(self.code("no address"), "code.png", "image/png")))
        self.assertFalse({code for code in codes if code.startswith(("url.", "scan."))}, codes)
        self.assertEqual(self.server.log_lines("scanner.died"), [])
