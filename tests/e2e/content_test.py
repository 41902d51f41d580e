# SPDX-License-Identifier: Apache-2.0
"""What a message carries: files, archives, bombs, links, forged names; and scanners that die."""
import base64
import concurrent.futures
import gzip
import hashlib
import json
import os
import signal
import subprocess
import zipfile
from email.utils import formatdate

from content_case import PROGRAM, ContentCase, html, is_gone, mixed, part, tarred, zipped
from harness import wait_for


class Content(ContentCase):
    def test_dangerous_files_are_found_wherever_they_hide(self):
        self.start()
        rtlo = "invoice\u202efdp.exe"
        encoded = f"=?utf-8?B?{base64.b64encode(rtlo.encode()).decode()}?="
        for name, message in {
                "by name": mixed(part(b"just text", "run.exe")),
                "by content": mixed(part(PROGRAM, "holiday.jpg", "image/jpeg")),
                "in a zip": mixed(part(zipped(("a/b.scr", b"x")), "a.zip")),
                "in a zip in a zip": mixed(part(zipped(("inner.zip", zipped(("c.js", b"x")))), "a.zip")),
                "in a tar": mixed(part(tarred("d.vbs", b"x"), "a.tar.gz")),
                "compressed alone": mixed(part(gzip.compress(PROGRAM), "picture.gz")),
                "by the name that RFC 2231 gives": mixed("Content-Type: application/octet-stream; name=\"a.txt\"\r\n"
                                                         "Content-Disposition: attachment; filename=\"a.txt\"; filename*=utf-8''b.exe\r\n\r\nx"),
                "in pieces of a name": mixed("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; "
                                             "filename*0=\"a.e\"; filename*1=\"xe\"\r\n\r\nx"),
                "by an encoded name": mixed(f'Content-Type: text/plain; name="{encoded}"\r\n\r\nx'),
                "in the second of two types": mixed().replace(b"Content-Type: multipart/mixed; boundary=b",
                                                              b"Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b", 1)
                    .replace(b"--b--", b"--b\r\n" + part(PROGRAM, "x.exe").encode() + b"\r\n--b--"),
                "behind the end": mixed() + b"--b\r\n" + part(PROGRAM, "x.exe").encode() + b"\r\n--b--\r\n",
                "in uuencode": mixed(text="begin 644 x.exe\r\n#34I0\r\n`\r\nend"),
                "in a message in the message": mixed("Content-Type: message/rfc822\r\n\r\n" + mixed(part(PROGRAM, "x.exe")).decode()),
                "behind very many others": mixed(part(zipped(*[(f"{n}.txt", b"") for n in range(1500)], ("z.exe", b"x"), ("last.txt", b"")), "a.zip")),
                "as a shortcut": mixed(part(b"[InternetShortcut]\r\nURL=file://x/\r\n", "note.txt", "text/plain")),
                "as a disk image": mixed(part(b"\0" * 32769 + b"CD001" + b"\0" * 100, "data.bin")),
        }.items():
            with self.subTest(name):
                self.assertIn("attachment.dangerous", self.found(message), name)

    def test_ordinary_mail_is_left_alone(self):
        self.start()
        for name, message in {
                "text": b"From: <anna@sender.example>\r\nTo: <a@example.org>\r\nSubject: hi\r\n\r\nhello\r\n",
                "files": mixed(part(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "report.pdf", "application/pdf"),
                               part(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "logo.png", "image/png"), part(zipped(("a.txt", "hello")), "a.zip"),
                               part(zipped(("inner.zip", zipped(("a.txt", "hello"))), compression=zipfile.ZIP_STORED), "b.zip")),
                "documents": mixed(part(zipped(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>"),
                                               ("xl/printerSettings/printerSettings1.bin", b"H\0P\0")), "Kosten.xlsx"),
                                   part(b"%PDF-1.4\n%%EOF", "Rechnung amazon.com", "application/pdf"), part(b"\0\1", "config.bin")),
                "html": html('<p>Read <a href="https://news.sender.example/1">our news</a></p><img src="https://cdn.sender.example/x.png">'),
                "links of every day": html('<a href="https://anna@git.sender.example/x.git">x</a> <a href="http://192.168.1.10/wiki">wiki</a>'
                                           '<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2F">'
                                           'https://shop.example/</a><a href="http://u1.ct.sendgrid.net/x">www.sender.example</a>'),
        }.items():
            with self.subTest(name):
                codes = {code for code in self.found(message)
                         if code.split(".")[0] in ("attachment", "archive", "scan", "mime", "url", "office", "pdf", "html")}
                self.assertEqual(codes - {"url.foreign", "url.counted"}, set(), name)

    def test_tricks_with_names_and_documents_are_told(self):
        self.start()
        both = zipped(("a.txt", b"hello"))
        renamed = both.replace(b"a.txt", b"b.exe", 1)
        for code, message in {
                "attachment.double-extension": mixed(part(b"x", "report.pdf.exe")),
                "attachment.hidden-characters": mixed("Content-Type: text/plain\r\nContent-Disposition: attachment; "
                                                      "filename*=utf-8''a%E2%80%AEfdp.exe\r\n\r\nx"),
                "attachment.disguised": mixed(part(PROGRAM, "picture.png", "image/png")),
                "attachment.polyglot": mixed(part(b"%PDF-1.4\n" + zipped(("a.txt", b"x")), "a.pdf")),
                "archive.ambiguous": mixed(part(renamed, "a.zip")),
                "archive.broken": mixed(part(both[:len(both) // 3], "a.zip")),
                "office.macro": mixed(part(zipped(("word/vbaProject.bin", b"x"), ("[Content_Types].xml", b"<x/>")), "a.docx")),
                "pdf.javascript": mixed(part(b"%PDF-1.4\n<< /OpenAction << /S /J#61vaScript /JS (app.alert) >> >>", "a.pdf")),
                "pdf.launch": mixed(part(b"%PDF-1.4\n<< /S /Launch /F (cmd.exe) >>", "a.pdf")),
                "html.smuggling": mixed(part(b"<html><script>var b = new Blob([atob('TVo=')]); a.href = URL.createObjectURL(b); "
                                             b"a.download = 'x.exe'; a.click()</script></html>", "a.html", "text/html")),
                "html.password": mixed(part(b"<html><form><input type=password></form></html>", "login.html", "text/html")),
                "mime.ambiguous": mixed().replace(b"boundary=b\r\n", b"boundary=b; boundary=c\r\n"),
                "mime.partial": b"From: <a@sender.example>\r\nMIME-Version: 1.0\r\nContent-Type: message/partial; id=x; number=1\r\n\r\nx\r\n",
        }.items():
            with self.subTest(code):
                self.assertIn(code, self.found(message))

    def test_history_says_what_was_carried_and_never_the_text(self):
        self.start()
        self.found(mixed(part(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "report.pdf", "application/pdf"),
                         text="a very private sentence, see http://www.sender.example/x"))
        done = self.server.command("history", "search", "--limit", "1", "--json", "--config", self.server.config)
        record = json.loads(done.stdout)["records"][0]
        shown = self.server.command("history", "show", record["id"], "--json", "--config", self.server.config).stdout
        digest = hashlib.sha256(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n").hexdigest()
        for expected in ("report.pdf", digest, "www.sender.example", '"type":"pdf"'):
            self.assertIn(expected, shown)
        self.assertNotIn("private", shown)
        people = self.server.command("history", "show", record["id"], "--config", self.server.config).stdout
        self.assertIn("Carried:", people)
        self.assertIn(f"sha256 {digest}", people)

    def test_encrypted_archives_do_what_is_set(self):
        self.start('[checks.attachment]\nencrypted-archives = "reject"\n')
        path = os.path.join(self.directory, "secret.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("secret")
        try:
            subprocess.run(["zip", "-q", "-j", "-P", "word", path + ".zip", path], check=True)
        except FileNotFoundError:
            self.skipTest("zip is not installed")
        with open(path + ".zip", "rb") as file:
            secret = file.read()
        for attached in (part(secret, "secret.zip"), part(zipped(("secret.zip", secret)), "outer.zip")):
            self.assertRegex(self.send(mixed(attached)), r"^550 5\.7\.1 attachment\.encrypted: .*secret\.zip")

    def test_bombs_end_at_their_limits(self):
        self.start()
        zeros = b"\0" * (100 << 20)
        deep = PROGRAM
        for number in range(60):
            deep = zipped((f"{number}.zip", deep), compression=zipfile.ZIP_STORED)
        nested = b"From: <a@sender.example>\r\n"
        for number in range(200):
            nested += b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x%d\r\n\r\n--x%d\r\n" % (number, number)
        for code, message in {
                "scan.limit.ratio": mixed(part(zipped(("zeros", zeros)), "a.zip")),
                "scan.limit.bomb": mixed(part(zipped(("a", zeros), ("b", zeros), ("c", zeros)), "a.zip")),
                "scan.limit.depth": mixed(part(deep, "a.zip")),
                "scan.limit.parts": mixed(*["\r\nx"] * 3000),
                "scan.limit.items": mixed(part(zipped(*[(f"{n}.txt", b"") for n in range(12000)]), "a.zip")),
                "scan.limit.header": mixed("X-Long: " + "x" * 300_000 + "\r\n\r\nx"),
                "scan.limit.links": html("".join(f'<a href="http://h{n}.example/">x</a>' for n in range(3000))),
        }.items():
            with self.subTest(code):
                self.assertIn(code, self.found(message))
        self.assertIn("scan.limit.depth", self.found(nested + b"\r\nend\r\n"))
        self.assertEqual(self.server.log_lines("scanner.died"), [])

    def test_links_and_shown_names_that_mislead_are_told(self):
        self.start()
        for code, message in {
                "url.mismatch": html('<a href="http://evil.example/">https://www.bank.example/</a>'),
                "url.lookalike": html('<a href="http://www.paypa1.com/">pay</a>'),
                "url.address": html('<a href="http://0xc6336407/login">x</a>'),
                "url.userinfo": html('<a href="http://www.bank.example@evil.example/">x</a>'),
                "url.shortener": html('<a href="https://bit.ly/abc">x</a>'),
                "url.punycode": html('<a href="http://i\u2764.example/">x</a>'),
                "url.many": html("".join(f'<a href="http://h{n}.example/">x</a>' for n in range(150))),
                "from.display-forged": mixed(author='"boss@example.org" <thief@sender.example>'),
                "from.own-domain": mixed(author="<boss@example.org>"),
                "from.reply-elsewhere": mixed(extra="Reply-To: <thief@elsewhere.example>\r\n"),
                "from.display-address": mixed(author='"friend@other.example" <thief@sender.example>'),
        }.items():
            with self.subTest(code):
                self.assertIn(code, self.found(message))

    def test_who_counts_clicks_vouches_for_nobody_elses_name(self):
        self.start()
        link = '<a href="http://u1.ct.sendgrid.net/x">https://www.{}/</a>'
        self.assertIn("url.mismatch", self.found(html(link.format("bank.example"))))
        self.assertNotIn("url.mismatch", self.found(html(link.format("sender.example"))))

    def test_borrowed_names_of_own_people_are_told(self):
        self.start('[checks.display]\npeople = ["Anna Muster <anna.private@other.example>", "Jürgen Müller"]\n',
                   people='"Clara Listed" <a@example.org>')
        cyrillic = base64.b64encode("Аnna Мuster".encode()).decode()
        for name, author in {
                "as it is": '"Anna Muster" <thief@sender.example>',
                "in capitals, last name first": '"MUSTER, Anna" <thief@sender.example>',
                "in letters that look alike": f"=?utf-8?B?{cyrillic}?= <thief@sender.example>",
                "without accents": "Juergen Mueller <thief@sender.example>",
                "with a title and a trade": '"Dr. Anna Muster (CEO)" <thief@sender.example>',
                "out of a list of recipients": "Clara Listed <thief@sender.example>",
        }.items():
            with self.subTest(name):
                self.assertIn("from.display-forged", self.found(mixed(author=author)))
        for name, author in {
                "the first name alone": "Anna <anna@sender.example>",
                "her own address elsewhere": "Anna Muster <anna.private@other.example>",
                "somebody else": "Anna Master <anna@sender.example>",
                "an own address": "Anna Muster <a@example.org>",
        }.items():
            with self.subTest(name):
                self.assertNotIn("from.display-forged", self.found(mixed(author=author)))

    def test_links_are_looked_up_in_lists(self):
        with open(os.path.join(self.directory, "zone"), "w", encoding="utf-8") as file:
            file.write("listed.example.rh.test. A 127.0.1.2\ntest.rh.test. A 127.0.1.2\n")
        self.start('[checks.rhsbl]\nlists = [{ zone = "rh.test", finding = "rhsbl.test", weight = 5.0, of = ["urls"] }]\n')
        self.assertIn("url.listed", self.found(html('<a href="http://www.listed.example/">x</a>')))

    def test_a_scanner_that_died_while_idle_is_replaced(self):
        self.start()
        self.found(mixed())
        cells = self.cells()
        for pid in cells:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: all(is_gone(pid) for pid in cells), "the scanners' end")
        for number in range(4):
            answer = self.send(mixed(text=f"mail {number}"))
            self.assertTrue(answer.startswith("250"), answer)
        self.assertTrue(self.server.log_lines("scanner.died"))

    def test_more_messages_than_scanners_wait_in_line(self):
        self.start("[scan]\ncells = 1\n")
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: self.send(mixed(part(PROGRAM * 500, "a.dat"))), range(40)))
        self.assertEqual([answer for answer in answers if not answer.startswith("250")], [])

    def test_content_that_ends_scanners_waits_once_and_is_held_then(self):
        self.start('[scan]\ncells = 1\ntime-limit = "2s"\n', '[policy.test.action]\n"scan.crashed" = "quarantine"\n')
        message = mixed(text="again and again")
        answers = []
        for _ in range(20):
            # A scanner that is stopped looks like one that never ends. Which loop's is asked is not ours to choose.
            self.found(mixed(text="other mail goes on"))
            for pid in self.cells():
                os.kill(pid, signal.SIGSTOP)
            answers.append(self.send(message))
            for pid in self.cells():
                os.kill(pid, signal.SIGCONT)
            if "scan.crashed" in self.codes():
                break
        self.assertIn("scan.crashed", self.codes())
        waits = [answer for answer in answers if not answer.startswith("250")]
        self.assertEqual(len(waits), 1, answers)
        self.assertRegex(waits[0], r"^451 4\.7\.0 scan\.unavailable: .*reference \S+; contact ")
        self.assertEqual(len(self.server.log_lines("scanner.died")), 2)
        self.assertEqual([state for _, state in self.server.held()], ["waiting"])
        self.assertTrue(self.send(message).startswith("250"), "it is not tried again")
        self.assertEqual(len(self.server.log_lines("scanner.died")), 2)

    def test_scanners_go_with_the_gateway(self):
        self.start()
        self.found(mixed())
        cells = self.cells()
        self.assertTrue(cells)
        self.server.kill()
        wait_for(lambda: all(is_gone(pid) for pid in cells), "the scanners' end")

    def test_words_languages_and_headers_are_looked_at(self):
        self.start("""[checks.language]
unwanted = ["de"]
[[checks.keyword.rule]]
name = "prize"
match = '(?i)\\byou have won\\b'
weight = 2.5
[[checks.keyword.rule]]
name = "tool"
in = ["headers"]
match = 'X-Mailer: EvilMailer'
[[checks.keyword.rule]]
name = "host"
in = ["urls", "names"]
match = 'bad-?host'
""")
        now = formatdate()
        ordinary = f"Date: {now}\r\nMessage-ID: <1@sender.example>\r\n"
        prize = base64.b64encode("Congratulations, YOU HAVE WON a prize".encode("utf-16-le")).decode()
        german = ("Sehr geehrte Damen und Herren, wir freuen uns, Ihnen mitteilen zu können, dass Ihre Bestellung heute versandt wurde "
                  "und in den nächsten Tagen bei Ihnen eintreffen wird. Mit freundlichen Grüßen")
        for code, message in {
                "keyword.prize": f"From: <a@sender.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-16le\r\n"
                                 f"Content-Transfer-Encoding: base64\r\n\r\n{prize}\r\n",
                "keyword.prize ": f"From: <a@sender.example>\r\n{ordinary}\r\n" + "some other words\r\n" * 25_000 + "you have won\r\n",
                "keyword.tool": f"From: <a@sender.example>\r\nX-Mailer: EvilMailer 1\r\n{ordinary}\r\nx\r\n",
                "keyword.host": f"From: <a@sender.example>\r\n{ordinary}\r\nsee http://www.bad-host.example/ now\r\n",
                "language.unwanted": f"From: <a@sender.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{german}\r\n",
                "header.no-date": "From: <a@sender.example>\r\n\r\nx\r\n",
                "header.bad-date": "From: <a@sender.example>\r\nDate: soon\r\n\r\nx\r\n",
                "header.old": "From: <a@sender.example>\r\nDate: Fri, 20 Nov 2015 10:00:00 +0000\r\n\r\nx\r\n",
                "header.future": "From: <a@sender.example>\r\nDate: Fri, 20 Nov 2105 10:00:00 +0000\r\n\r\nx\r\n",
                "header.no-message-id": "From: <a@sender.example>\r\n\r\nx\r\n",
                "header.repeated": f"From: <a@sender.example>\r\nSubject: a\r\nSubject: b\r\n{ordinary}\r\nx\r\n",
                "bulk.newsletter": f"From: <a@sender.example>\r\nList-Unsubscribe: <https://x.example/>\r\n{ordinary}\r\nx\r\n",
                "receipt.requested": f"From: <a@sender.example>\r\nDisposition-Notification-To: <a@sender.example>\r\n{ordinary}\r\nx\r\n",
        }.items():
            with self.subTest(code):
                self.assertIn(code.strip(), self.found(message.encode()))
        plain = f"From: <a@sender.example>\r\nTo: <a@example.org>\r\nSubject: hi\r\n{ordinary}\r\nhello, see you tomorrow\r\n"
        codes = {code for code in self.found(plain.encode()) if code.split(".")[0] in ("keyword", "language", "header", "bulk", "receipt")}
        self.assertEqual(codes, set())

    def test_a_wrong_pattern_is_told_with_its_place(self):
        self.start()
        with open(self.server.config, "a", encoding="utf-8") as file:
            file.write("[[checks.keyword.rule]]\nname = \"odd\"\nmatch = '(?=x)'\n")
        done = self.server.command("config", "check", "--config", self.server.config, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout + done.stderr, r"toml:\d+:\d+: error: match of \"odd\": ")
