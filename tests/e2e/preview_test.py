# SPDX-License-Identifier: Apache-2.0
"""Previews of messages as the scanner process makes them, by `mailreeve scan --preview`."""
import html.parser
import io
import os
import random
import re
import shutil
import signal
import subprocess
import zipfile

from content_case import ContentCase
from control import Control
from harness import Case, binary

MESSAGE = (b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>\r\nTo: a@example.org\r\nSubject: =?iso-2022-jp?b?GyRCRnxLXBsoQg==?=\r\n"
           b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
           b"--b\r\nContent-Type: text/html; charset=koi8-r\r\n\r\n"
           b"<p onclick=x()>\xf0\xd2\xc9\xd7\xc5\xd4<script>alert(1)</script><img src=http://tracker.example/a.png alt=logo>"
           b"<a href='http://evil.example/'>www.bank.example</a><form action=http://evil.example/take><input name=password>\r\n"
           b"--b\r\nContent-Type: application/octet-stream; name=run.exe\r\n\r\nMZ\r\n--b--\r\n")


PIECES = ["<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<a href=http://a.example/>", "</a>", "<table>", "</table>", "<tr>", "</tr>",
          "<td>", "</td>", "<th>", "<tbody>", "</tbody>", "<caption>", "</caption>", "<ul>", "</ul>", "<ol>", "<li>", "</li>", "<dl>",
          "<dt>", "<dd>", "</dl>", "<h1>", "</h1>", "<h2>", "</h3>", "<div>", "</div>", "<center>", "<pre>", "</pre>", "<br>", "<hr>",
          "text", " ", "&lt;p&gt;", "<img src=http://i.example/ alt='\"<>'>", "<font color=red>", "</font>", "<blockquote>",
          "</blockquote>", "<code>", "</code>", "<q>", "<sub>", "<bdo dir=rtl>", "</bdo>", "<nobr>", "<button>", "</button>",
          "<select>", "<option>", "</select>", "<svg>", "<style>", "</style>", "<title>", "</title>", "</svg>", "<math>", "<mtext>",
          "<mglyph>", "<!--", "-->", "<noscript>", "</noscript>", "<template>", "</template>", "<form>", "</form>",
          "<p title='</noscript><img src=x onerror=alert(1)>'>", "<a title='-->&lt;img src onerror=alert(1)>'>", "<script>", "</script>"]


def as_serialised(markup):
    """What a browser writes for it, if it reads it as it stands: fewer references, and no first line end in <pre>."""
    markup = re.sub(r"(<pre[^>]*>)\n", r"\1", markup)

    def piece(match):
        text = match.group(0)
        if not text.startswith("<"):
            text = text.replace("&quot;", '"')
        return text.replace("&#39;", "'").replace("&#96;", "`").replace("\u00a0", "&nbsp;")
    return re.sub(r"<[^>]*>|[^<]+", piece, markup)


def escaped_values(match):
    """Browsers differ in whether they escape these in attributes."""
    return re.sub(r'"[^"]*"', lambda value: value.group(0).replace("<", "&lt;").replace(">", "&gt;"), match.group(0))


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

    def test_a_browser_reads_it_as_it_is_written(self):
        """Markup that a browser rearranges is what breaks sanitisers."""
        chromium = shutil.which("chromium")
        if chromium is None:
            self.skipTest("no Chromium here")
        chance = random.Random(20261121)
        for _ in range(3):
            parts = "".join("--b\r\nContent-Type: text/html\r\n\r\n" + "".join(chance.choices(PIECES, k=chance.randrange(1, 60))) + "\r\n"
                            for _ in range(400))
            page = self.preview(f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n".encode(), "--html")
            path = os.path.join(self.directory, "page.html")
            with open(path, "w", encoding="utf-8") as file:
                file.write(page)
            done = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.directory}/chromium",
                                   "--dump-dom", f"file://{path}"], capture_output=True, check=False, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr[-2000:])
            written = as_serialised(page[page.index("<main>"):page.index("</main>")])
            read = done.stdout.decode()
            read = read[read.index("<main>"):read.index("</main>")]
            read = re.sub(r'<[a-z][a-z0-9]*(?: [a-z]+="[^"]*")+>', escaped_values, read)
            self.assertGreater(len(written), 20_000)
            for number, (ours, theirs) in enumerate(zip(written.split("<hr>"), read.split("<hr>"))):
                self.assertEqual(ours, theirs, number)
            self.assertEqual(len(written.split("<hr>")), len(read.split("<hr>")))


class Held(ContentCase):
    """Over the API, of mail that is held: the scanners of the running gateway make the preview."""

    def hold(self, message, settings=""):
        self.start(settings, '[policy.test.action]\n"attachment.dangerous" = "quarantine"\n')
        self.assertTrue(self.send(message).startswith("250"))
        self.control = Control(self.server)
        return self.control.get("/quarantine")["items"][0]["id"]

    def test_a_held_message_is_shown_and_downloaded_without_harm(self):
        held = self.hold(MESSAGE)
        preview = self.control.get(f"/quarantine/{held}/preview")
        self.assertIn({"name": "From", "value": "Jürgen <j@example.com>"}, preview["headers"])
        self.assertEqual(preview["blocked"], {"images": 1, "scripts": 2, "forms": 1, "frames": 0})
        self.assertEqual([one["name"] for one in preview["attachments"]], ["run.exe"])
        self.assertIn({"shown": "www.bank.example", "url": "http://evil.example/", "host": "evil.example"}, preview["links"])
        status, headers, page = self.control.call("GET", f"/api/v1/quarantine/{held}/preview.html")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; img-src data:"), headers)
        self.assertIn("[evil.example]", page.decode())
        self.assertNotIn("alert", page.decode())
        status, headers, packed = self.control.call("GET", f"/api/v1/quarantine/{held}/eml")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/zip"))
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            self.assertEqual(archive.namelist(), [f"{held}.eml"])
            self.assertTrue(archive.read(f"{held}.eml", b"infected").endswith(MESSAGE))
            self.assertRaises(RuntimeError, archive.read, f"{held}.eml")

    def test_content_that_ends_scanners_is_not_shown_again(self):
        held = self.hold(MESSAGE, '[scan]\ncells = 1\ntime-limit = "2s"\n')
        ask = lambda: self.control.call("GET", f"/api/v1/quarantine/{held}/preview")[0]
        for expected in (503, 409):
            self.assertEqual(ask(), 200)
            # A scanner that is stopped looks like one that never ends.
            for pid in self.cells():
                os.kill(pid, signal.SIGSTOP)
            self.assertEqual(ask(), expected)
        self.assertEqual(ask(), 409)
        self.assertEqual(len(self.server.log_lines("scanner.died")), 2)
        self.assertEqual(self.control.call("GET", f"/api/v1/quarantine/{held}/eml")[0], 200)
