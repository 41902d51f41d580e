# SPDX-License-Identifier: Apache-2.0
"""Previews of messages as the scanner process makes them, by `mailreeve scan --preview`."""
import html.parser
import os
import subprocess

from harness import Case, binary

MESSAGE = (b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>\r\nTo: a@example.org\r\nSubject: =?iso-2022-jp?b?GyRCRnxLXBsoQg==?=\r\n"
           b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
           b"--b\r\nContent-Type: text/html; charset=koi8-r\r\n\r\n"
           b"<p onclick=x()>\xf0\xd2\xc9\xd7\xc5\xd4<script>alert(1)</script><img src=http://tracker.example/a.png alt=logo>"
           b"<a href='http://evil.example/'>www.bank.example</a><form action=http://evil.example/take><input name=password>\r\n"
           b"--b\r\nContent-Type: application/octet-stream; name=run.exe\r\n\r\nMZ\r\n--b--\r\n")


class Elements(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.names, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


class Preview(Case):
    def preview(self, message, *words):
        path = os.path.join(self.directory, "message.eml")
        with open(path, "wb") as file:
            file.write(message)
        done = subprocess.run([binary(), "scan", "--preview", path, *words], capture_output=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_a_message_is_shown_as_text(self):
        shown = self.preview(MESSAGE)
        for words in ("From:     Jürgen <j@example.com>", "Subject:  日本", "Привет", "run.exe", "evil.example",
                      "1 pictures from elsewhere, 2 scripts, 1 forms"):
            self.assertIn(words, shown)

    def test_its_page_has_nothing_that_acts(self):
        page = self.preview(MESSAGE, "--html")
        found = Elements()
        found.feed(page[page.index("<main>"):])
        self.assertLessEqual(found.names, {"main", "div", "p", "span"}, page)
        self.assertLessEqual(found.attributes, {"class", "title", "dir"}, page)
        self.assertIn("[evil.example]", page)

    def test_deep_and_large_messages_end(self):
        for html_text in (b"<div><b>" * 200_000, b"<table><tr><td>" * 100_000, b"&amp;" * 400_000, b"<a href=http://x.example/>y" * 50_000):
            shown = self.preview(b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + html_text, "--html")
            self.assertLess(len(shown), 600_000)
            self.assertIn("</html>", shown)
