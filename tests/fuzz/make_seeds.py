#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a seed corpus for the fuzz targets that read mail and what is in it: FOLDER/fuzz_NAME/*.

  make_seeds.py FOLDER

The same octets every time. `messages()` and `mutations()` are also what the differential tests feed on."""
import base64
import binascii
import bz2
import codecs
import gzip
import hashlib
import hmac
import io
import lzma
import os
import quopri
import random
import struct
import sys
import tarfile
import zipfile

TEXT = b"Hello Bob,\r\nplease look at the file.\r\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(range(256)) + b"This program cannot be run in DOS mode.\r\r\n$" + bytes(16)
HEAD = b"From: Alice <alice@example.com>\r\nTo: bob@example.org\r\nSubject: seed\r\nMessage-ID: <1@example.com>\r\n" \
       b"Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n"
MIME = HEAD + b"MIME-Version: 1.0\r\n"


# --- files ---------------------------------------------------------------------------------------------------------

def zip_of(files, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 8, 0, 0)), content)
        archive.comment = comment
    return out.getvalue()


def tar_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def ole_of(streams):
    """A compound file of version 3 with small streams in plain sectors ([MS-CFB])."""
    sectors, entries = [], []
    for name, content in streams.items():
        content = content.ljust(4096, b"\0")  # no mini stream
        first = len(sectors)
        count = -(-len(content) // 512)
        for i in range(count):
            sectors.append(content[i * 512:(i + 1) * 512].ljust(512, b"\0"))
        entries.append((name, first, len(content), count))
    chains = []
    for _, first, _, count in entries:
        chains += list(range(first + 1, first + count)) + [0xFFFFFFFE]

    def entry(name, kind, child, start, size, right=0xFFFFFFFF):
        coded = name.encode("utf-16le")
        return (coded.ljust(64, b"\0") + struct.pack("<HBBIII", len(coded) + 2, kind, 1, 0xFFFFFFFF, right, child) +
                bytes(16 + 4 + 16) + struct.pack("<IQ", start, size))
    directory = entry("Root Entry", 5, 1 if entries else 0xFFFFFFFF, 0xFFFFFFFE, 0)
    for i, (name, first, size, _) in enumerate(entries):
        directory += entry(name, 2, 0xFFFFFFFF, first, size, i + 2 if i + 1 < len(entries) else 0xFFFFFFFF)
    directory = directory.ljust(-(-len(directory) // 512) * 512, b"\0")
    directory_at = len(sectors)
    count = len(directory) // 512
    sectors += [directory[i * 512:(i + 1) * 512] for i in range(count)]
    chains += list(range(directory_at + 1, directory_at + count)) + [0xFFFFFFFE]
    fat_at = len(sectors)
    chains += [0xFFFFFFFD]
    fat = b"".join(struct.pack("<I", value) for value in chains).ljust(512, b"\xff")
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6) +
              struct.pack("<IIIIIIIII", 0, 1, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) +
              struct.pack("<I", fat_at) + b"\xff" * 432)
    return header + b"".join(sectors) + fat


def vba_of(source):
    """A container of one uncompressed run of literals ([MS-OVBA] 2.4.1)."""
    tokens = b"".join(b"\0" + source[i:i + 8] for i in range(0, len(source), 8))
    return b"\x01" + struct.pack("<H", 0xB000 | (len(tokens) + 2 - 3)) + tokens


def documents():
    macro = b"Attribute VB_Name = \"ThisDocument\"\r\nSub AutoOpen()\r\nShell \"cmd /c calc\"\r\nEnd Sub\r\n"
    pdf = (b"%PDF-1.7\n1 0 obj <</Type/Catalog/OpenAction 2 0 R>> endobj\n2 0 obj <</S/J#61vaScript/JS(app.alert\\(1\\))>> "
           b"endobj\n3 0 obj <</S/URI/URI(http://x.example/a)>> endobj\n4 0 obj <</S/Launch/F(cmd.exe)>> endobj\n"
           b"5 0 obj <</Filter/FlateDecode/Type/ObjStm/N 1/First 4>> stream\n" +
           codecs.encode(b"6 0 <</EmbeddedFile 1>>", "zlib") + b"\nendstream endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n")
    ooxml = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>",
             "word/vbaProject.bin": ole_of({"dir": vba_of(macro), "VBA": vba_of(macro)})}
    return {
        "ole": ole_of({"WordDocument": b"text", "Macros": b"x", "dir": vba_of(macro), "ThisDocument": vba_of(macro)}),
        "ole-encrypted": ole_of({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"x" * 100}),
        "pdf": pdf, "pdf-encrypted": pdf.replace(b"/Root", b"/Encrypt 7 0 R /Root"),
        "rtf": b"{\\rtf1{\\object\\objocx{\\*\\objdata 0105000002000000}}}",
        "docm": zip_of(ooxml), "vba": vba_of(macro),
        "lnk": b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(60), "exe": EXE,
        "onenote": b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3" + bytes(100) +
                   b"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac" + bytes(20) + EXE,
    }


def archives():
    inner = zip_of({"run.exe": EXE})
    encrypted = bytearray(inner)
    encrypted[6] |= 1
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    tar = tar_of({"a/run.exe": EXE, "b.txt": TEXT})
    return {
        "zip": inner, "zip-nested": zip_of({"in.zip": inner, "a.txt": TEXT}), "zip-encrypted": bytes(encrypted),
        "zip-comment": zip_of({"a.txt": TEXT}, b"PK\x05\x06" + bytes(18)), "zip-cut": inner[:-30], "zip-behind": EXE + inner,
        "zip-names": zip_of({"../../etc/passwd": TEXT, "a.txt    .exe": EXE, "b\u202etxt.exe": EXE}),
        "tar": tar, "tar.gz": gzip.compress(tar, mtime=0), "gz": gzip.compress(EXE, mtime=0), "bz2": bz2.compress(tar),
        "xz": lzma.compress(tar), "zip-bomb": zip_of({"zeros": bytes(3 << 20)}),
        "zip-many": zip_of({f"{i}.txt": b"x" for i in range(150)}),
    }


def html_texts():
    return {
        "links": b"<html><head><base href='http://x.example/'><meta http-equiv=refresh content='0; url=/y'></head><body>"
                 b"<a href=\"http://evil.example/?a=1&amp;b\">http://bank.example/</a><img src=//i.example/p.png alt=p>"
                 b"<form action=/go><input type=password></form><!-- <a href=no> --></body></html>",
        "script": b"<script>var b=new Blob([atob('TVo=')]);navigator.msSaveOrOpenBlob(b,'a.exe')</script><p onclick=x()>y",
        "broken": b"<a href=http://a.example/<b>x</a <img src='x\" alt=\xff\xfe><style>x{}</sty><textarea><a href=b></",
        "entities": b"<a href='&#106;ava&#x73;cript:x()'>&nbsp;&lt;&unknown;&#0;&#1114112;&#xD800;</a>",
        "svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>x</script><a xlink:href='u'/></svg>",
    }


def newsletters():
    """What previews are made of, as HTML and as mail."""
    table = b"<table width=600 align=center style='border-collapse:collapse;background:#fff url(http://t.example/x)'><tr><td " \
            b"valign=top style=\"font:12px/1.5 'Open Sans',serif;color:rgb(1,2,3);margin:-1px\"><h1>a</h1><p>b<b>c<p>d</b>" \
            b"<ul><li>e<li>f</ul><dl><dt>g<dd>h</dl><a href=http://evil.example/>www.bank.example</a><img src=cid:x alt=i>" \
            b"<td><table><td>j</table><pre>\nk</pre><center><font color=red size=+1>l</font></center></table><hr>m<br>"
    odd = b"<svg><style><p title=\"</style><img src=x onerror=y>\"></svg><math><mtext><table><mglyph><!--<select><a><p></a>" \
          b"<noscript><title></noscript><textarea></textarea>--!><form><input><button></form><template><td></template>"
    gif = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    whole = multi(part(table, b"Content-Type: text/html; charset=utf-8"),
                  part(base64.b64encode(gif), b"Content-Type: image/gif", b"Content-ID: <x>",
                       b"Content-Transfer-Encoding: base64"), subtype=b"related")
    return [table, odd, b"!" + table, b"!" + odd, whole,
            b"<img src='data:image/gif;base64," + base64.b64encode(gif) + b"'>"]


# --- messages ------------------------------------------------------------------------------------------------------

def b64(content):
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def qp(content):
    return quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def uu(content, name=b"run.exe", mode=b"644"):
    lines = [binascii.b2a_uu(content[i:i + 45]).rstrip(b"\n") for i in range(0, len(content), 45)]
    return b"begin " + mode + b" " + name + b"\r\n" + b"\r\n".join(lines) + b"\r\n`\r\nend\r\n"


def part(body, *fields):
    return b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def attached(content, type_=b"application/octet-stream; name=run.exe", coding=b"base64",
             disposition=b"attachment; filename=run.exe"):
    body = {b"base64": b64, b"quoted-printable": qp}.get(coding, lambda octets: octets)(content)
    return part(body, b"Content-Type: " + type_, b"Content-Transfer-Encoding: " + coding,
                b"Content-Disposition: " + disposition)


def multi(*parts, boundary=b"b1", subtype=b"mixed", head=MIME, preamble=b"", epilogue=b"", end=b"--", type_=None):
    out = head + (type_ or b"Content-Type: multipart/" + subtype + b"; boundary=\"" + boundary + b"\"") + b"\r\n\r\n"
    out += preamble
    for one in parts:
        out += b"--" + boundary + b"\r\n" + one + b"\r\n"
    return out + b"--" + boundary + end + b"\r\n" + epilogue


def inner_multi(*parts, boundary=b"b2", subtype=b"alternative", **more):
    return multi(*parts, boundary=boundary, subtype=subtype, head=b"", **more)


def plain(*fields, body=TEXT, head=MIME):
    return head + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


PLAIN = part(TEXT, b"Content-Type: text/plain; charset=utf-8")
HTML = part(b"<p>Hello <a href=\"http://x.example\">Bob</a></p>\r\n", b"Content-Type: text/html; charset=utf-8")


def plain_messages():
    yield "plain", plain()
    yield "no-mime", plain(head=HEAD)
    yield "empty", b""
    yield "only-header", HEAD
    yield "header-without-end", HEAD.rstrip(b"\r\n")
    yield "no-header", b"\r\n" + TEXT
    yield "html", plain(b"Content-Type: text/html", body=html_texts()["links"])
    for name, content in html_texts().items():
        yield "html-" + name, plain(b"Content-Type: text/html; charset=utf-8", body=content)
    for charset in ("utf-8", "utf-16", "utf-16le", "utf-7", "iso-8859-1", "iso-2022-jp", "gb18030", "koi8-r", "shift_jis"):
        text = {"iso-8859-1": "Grüße http://x.example/", "koi8-r": "Привет http://x.example/"}.get(
            charset, "日本 http://x.example/ <script>")
        for coding, code in (("base64", b64), ("quoted-printable", qp), ("8bit", lambda octets: octets)):
            yield f"text-{charset}-{coding}", plain(
                f"Content-Type: text/plain; charset={charset}".encode(),
                f"Content-Transfer-Encoding: {coding}".encode(), body=code(text.encode(charset)) + b"\r\n")
    yield "utf7", plain(b"Content-Type: text/html; charset=utf-7", body=b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-\r\n")
    yield "unknown-charset", plain(b"Content-Type: text/plain; charset=x-none", body=b"\xff\xfe\x80\r\n")
    yield "two-charsets", plain(b"Content-Type: text/plain; charset=utf-8; charset=utf-7", body=b"+ADw-\r\n")
    yield "nul", plain(b"Content-Type: text/plain", body=b"a\0b\r\n\0\r\n")
    yield "nul-in-header", plain(b"Content-Type: text/pl\0ain", b"X-A: \0")
    yield "8bit-header", plain(b"Subject: \xfc\xff \xc3\xa4", b"X-\xc3\xa4: 1")
    yield "long-line", plain(body=b"x" * 5000 + b"\r\n")
    yield "uuencoded", plain(body=TEXT + uu(EXE) + b"bye\r\n")
    yield "uuencoded-twice", plain(body=uu(EXE) + uu(TEXT, b"two words.txt", b"0755"))
    yield "uuencoded-cut", plain(body=uu(EXE)[:-60])
    yield "uuencoded-dialect", plain(body=uu(EXE).replace(b" ", b"`"))
    for name in (b"x-uuencode", b"uuencode", b"uue", b"x-uue"):
        yield "cte-" + name.decode(), plain(b"Content-Transfer-Encoding: " + name, body=uu(EXE))
    lines = uu(EXE).split(b"\r\n")
    yield "uuencoded-long-line", plain(b"Content-Transfer-Encoding: x-uuencode", body=b"\r\n".join([*lines[:3], lines[3] + b"ABC", *lines[4:]]))
    yield "uuencoded-8bit", plain(b"Content-Transfer-Encoding: x-uuencode", body=b"\r\n".join([*lines[:3], b"\xff" + lines[3][1:], lines[4][:9] + b"\xe9" + lines[4][10:], *lines[5:]]))
    yield "uuencoded-two-lines-in-one", plain(b"Content-Transfer-Encoding: x-uuencode", body=b"\r\n".join([*lines[:2], lines[2] + lines[3], *lines[4:]]))
    yield "yenc", plain(body=b"=ybegin line=128 size=5 name=a.exe\r\n" + bytes((c + 42) % 256 for c in b"MZ...") +
                        b"\r\n=yend size=5\r\n")
    yield "headers-1000", plain(*[b"X-%d: y" % i for i in range(1100)])


def coding_messages():
    whole = b64(EXE)
    cases = {
        "plain": whole, "one-line": base64.b64encode(EXE), "blanks": whole.replace(b"\r\n", b" \t\r\n"),
        "junk": whole[:20] + b"!*-#" + whole[20:], "padding-inside": base64.b64encode(EXE[:10]) + b"\r\n" + b64(EXE[10:]),
        "no-padding": base64.b64encode(EXE).rstrip(b"="), "one-letter-left": base64.b64encode(EXE[:9]) + b"A",
        "urlsafe": base64.urlsafe_b64encode(EXE + b"\xff\xfe\xfb" * 9), "cut": whole[:101],
        "empty-lines": whole.replace(b"\r\n", b"\r\n\r\n"), "8bit": whole[:40] + b"\xc3\xa4\xff" + whole[40:],
        "text-behind": whole + b"\r\n-- \r\nThis list has a footer.\r\n", "text-before": b"(see below)\r\n" + whole,
        "equals": b"====" + whole, "padding-only": b"=\r\n", "three-equals": base64.b64encode(EXE[:10]) + b"===\r\n",
        "nul": whole[:30] + b"\0" + whole[30:], "comment": b"(c)" + whole, "dots": whole.replace(b"\r\n", b"\r\n.\r\n"),
    }
    for name, body in cases.items():
        yield "b64-" + name, multi(PLAIN, part(body, b"Content-Type: application/octet-stream; name=run.exe",
                                               b"Content-Transfer-Encoding: base64"))
    quoted = {
        "plain": qp(EXE), "soft": b"one=\r\ntwo= \t\r\nthree=\r\n=\r\nfour\r\n", "bad-hex": b"=zz=4=4z=Z4 =\xff= x\r\n",
        "lower": b"=3d=c3=a4\r\n", "end": b"text=", "end-half": b"text=4", "blank-end": b"text \t \r\nmore\t\r\n",
        "bare-lf": b"one=\ntwo\nthree=\n", "bare-cr": b"one=\rtwo\rthree", "equals-cr": b"a=\r\r\nb=\r", "8bit": b"\xe4=E4\xff\r\n",
        "nul": b"a\0=00b\r\n", "coded-crlf": b"a=0D=0Ab=0D\r\n=0Ac\r\n", "double": b"==3D=3D=\r\n3D\r\n", "long": b"x" * 2000 + b"=\r\n",
    }
    for name, body in quoted.items():
        yield "qp-" + name, plain(b"Content-Transfer-Encoding: quoted-printable", body=body)
        yield "qp-part-" + name, multi(part(body, b"Content-Type: text/html", b"Content-Transfer-Encoding: quoted-printable"))
    for number, value in enumerate((
            b"BASE64", b" base64 ", b"base64 (yes)", b"(yes) base64", b"base64;", b"base64, 7bit", b"\"base64\"", b"base-64",
            b"x-base64", b"base64\r\n\t", b"\r\n base64", b"", b"7bit", b"unknown", b"quoted-printable base64", b"base64\xa0",
            b"b", b"binary", b"base64 7bit", b"ba\r\n se64", b"=?us-ascii?q?base64?=", b"base64\0")):
        yield f"cte-{number}", multi(PLAIN, part(b64(EXE), b"Content-Type: application/octet-stream; name=run.exe",
                                                 b"Content-Transfer-Encoding: " + value))
    for number, (one, two) in enumerate(((b"base64", b"7bit"), (b"7bit", b"base64"), (b"base64", b"quoted-printable"),
                                         (b"quoted-printable", b"base64"), (b"x", b"base64"), (b"base64", b"base64"))):
        yield f"cte-twice-{number}", multi(PLAIN, part(
            b64(EXE), b"Content-Transfer-Encoding: " + one, b"Content-Type: application/octet-stream; name=run.exe",
            b"Content-Transfer-Encoding: " + two))
    yield "cte-blank-colon", multi(part(b64(EXE), b"Content-Transfer-Encoding : base64", b"Content-Type : x/y; name=run.exe"))


def structure_messages():
    exe = attached(EXE)
    yield "mixed", multi(PLAIN, exe)
    yield "alternative", multi(PLAIN, HTML, subtype=b"alternative")
    yield "nested", multi(inner_multi(PLAIN, HTML), exe)
    deep = PLAIN
    for level in range(20):
        deep = inner_multi(deep, boundary=b"d%d" % level, subtype=b"mixed")
    yield "nested-20", multi(deep, exe)
    for level in range(20, 60):
        deep = inner_multi(deep, boundary=b"d%d" % level, subtype=b"mixed")
    yield "nested-60", multi(deep, exe)
    yield "same-boundary-nested", multi(inner_multi(PLAIN, HTML, boundary=b"b1"), exe)
    yield "prefix-nested", multi(inner_multi(PLAIN, HTML, boundary=b"b1b"), exe)
    yield "prefix-nested-inner", multi(inner_multi(PLAIN, HTML, boundary=b"b"), exe)
    yield "prefix-other", multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b"--b1x\r\nContent-Type: app")
    yield "prefix-end", multi(PLAIN, exe, end=b"--x")
    yield "end-one-dash", multi(PLAIN, exe, end=b"-")
    yield "end-missing", multi(PLAIN, exe)[:-len(b"--b1--\r\n")]
    yield "end-cut", multi(PLAIN, exe)[:-len(b"--\r\n")]
    yield "inner-end-missing", multi(inner_multi(PLAIN, HTML).replace(b"--b2--\r\n", b""), exe)
    yield "both-ends-missing", multi(inner_multi(PLAIN, HTML).replace(b"--b2--\r\n", b""), exe).replace(b"--b1--\r\n", b"")
    yield "outer-inside-inner", multi(inner_multi(PLAIN, HTML).replace(b"--b2\r\nContent-Type: text/html", b"--b1\r\nContent-Type: text/html"), exe)
    yield "trailing-blank", multi(PLAIN, exe).replace(b"--b1\r\n", b"--b1 \t \r\n")
    yield "trailing-junk", multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b"--b1 junk\r\nContent-Type: app")
    yield "end-trailing-blank", multi(PLAIN, exe, end=b"-- \t ")
    yield "end-trailing-junk", multi(PLAIN, exe, end=b"-- junk")
    yield "leading-blank", multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b" --b1\r\nContent-Type: app")
    yield "one-dash", multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b"-b1\r\nContent-Type: app")
    yield "three-dashes", multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b"---b1\r\nContent-Type: app")
    yield "case", multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b"--B1\r\nContent-Type: app")
    yield "never", multi(PLAIN, exe, type_=b"Content-Type: multipart/mixed; boundary=other")
    yield "behind-end", multi(PLAIN, epilogue=b"--b1\r\n" + exe + b"\r\n--b1--\r\n")
    yield "behind-end-twice", multi(PLAIN, epilogue=b"--b1--\r\n--b1\r\n" + exe + b"\r\n")
    yield "preamble", multi(PLAIN, exe, preamble=b"This is a multi-part message in MIME format.\r\n")
    yield "preamble-headers", multi(PLAIN, preamble=exe + b"\r\n")
    yield "epilogue", multi(PLAIN, exe, epilogue=b"and this\r\nhttp://x.example/\r\n")
    yield "epilogue-headers", multi(PLAIN, epilogue=b"\r\n" + exe)
    yield "empty-parts", multi(b"", b"\r\n", PLAIN, b"\r\n\r\n")
    yield "no-blank-line", multi(b"Content-Type: text/html", PLAIN)
    yield "part-is-body", multi(b"just text\r\n", PLAIN)
    yield "part-no-header", multi(b"\r\njust text", PLAIN)
    yield "no-parts", multi()
    yield "body-first-boundary", multi(PLAIN, exe).replace(b"\r\n\r\n--b1", b"\r\n--b1", 1)
    for number, value in enumerate((
            b"multipart/mixed; boundary=b1", b"multipart/mixed; boundary=\"b1\"", b"multipart/mixed; boundary=\"b1 \"",
            b"multipart/mixed; boundary=b1 ", b"multipart/mixed; boundary='b1'", b"multipart/mixed; boundary = b1",
            b"multipart/mixed;boundary=b1;", b"multipart/mixed; boundary=b1; boundary=b2", b"multipart/mixed; boundary=b2; boundary=b1",
            b"multipart/mixed; boundary*=us-ascii''b1", b"multipart/mixed; boundary*0=b; boundary*1=1",
            b"multipart/mixed; boundary*1=1; boundary*0=b", b"multipart/mixed; boundary=x; boundary*=us-ascii''b1",
            b"multipart/mixed; boundary=b1; boundary*=us-ascii''x", b"multipart/mixed; boundary=x; boundary*0=b1",
            b"multipart/mixed; (c) boundary=b1", b"multipart/mixed; boundary=(c)b1", b"multipart/mixed; boundary=b1 (c)",
            b"multipart/mixed; boundary=\"b\\1\"", b"multipart/mixed; boundary=\"b1", b"multipart/mixed; boundary=b1\"",
            b"multipart/mixed; BOUNDARY=b1", b"MULTIPART/MIXED; boundary=b1", b"multipart / mixed; boundary=b1",
            b"multipart/mixed (c); boundary=b1", b"(c) multipart/mixed; boundary=b1", b"multipart/(c)mixed; boundary=b1",
            b"multipart/mixed;\r\n\tboundary=b1", b"multipart/mixed; boundary=\r\n b1", b"multipart/mixed; boundary=\"b\r\n 1\"",
            b"multipart/mixed boundary=b1", b"multipart/mixed, boundary=b1", b"multipart/mixed; charset=\"x; boundary=b1",
            b"multipart/mixed; x=\"y\" boundary=b1", b"multipart/mixed; x=y boundary=b1", b"multipart/; boundary=b1",
            b"multipart; boundary=b1", b"/mixed; boundary=b1", b"mixed; boundary=b1", b"multipart/x-unknown; boundary=b1",
            b"multipart/mixed/x; boundary=b1", b"multipart/mixed; boundary=b%31", b"multipart/mixed; boundary=b1\0",
            b"multipart/mixed; boundary=\"\"", b"multipart/mixed; boundary=", b"multipart/mixed; boundary", b"multipart/mixed",
            b"text/plain; boundary=b1", b"", b"x", b";boundary=b1", b"multipart/mixed; bound\r\n ary=b1",
            b"=?us-ascii?q?multipart/mixed?=; boundary=b1", b"multipart/mixed; boundary==?us-ascii?q?b1?=",
            b"multipart/mixed; boundary=\"=?us-ascii?q?b1?=\"", b"multipart/mixed; boundary=b1; type=\"a\\\"b\"",
            b"multipart/mixed\r\n ;\r\n boundary\r\n =\r\n \"b1\"", b"multipart/mixed; =; ; boundary=b1", b"multipart/mixed;; boundary=b1")):
        yield f"type-{number}", multi(PLAIN, exe, type_=b"Content-Type: " + value)
    yield "boundaries-9", multi(PLAIN, exe, type_=b"Content-Type: multipart/mixed" + b"".join(b"; boundary=x%d" % i for i in range(9)) + b"; boundary=b1")
    yield "types-9", multi(PLAIN, exe, type_=b"Content-Type: text/plain\r\n" * 6 + b"Content-Type: multipart/mixed; boundary=b1")
    yield "names-30", multi(PLAIN, attached(EXE, b"x/y", disposition=b"attachment" + b"".join(b"; filename=%d.txt" % i for i in range(30)) + b"; filename=run.exe"))
    inside = multi(PLAIN, exe, boundary=b"b9")
    yield "message-cr-base64", multi(PLAIN, part(b64(inside.replace(b"\r\n", b"\r")), b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64"))
    yield "message-lf-base64", multi(PLAIN, part(b64(inside.replace(b"\r\n", b"\n")), b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64"))
    yield "no-empty-line-base64", multi(PLAIN, exe.replace(b"\r\n\r\n", b"\r\n", 1) + b"\r\n\r\nTVqQ\r\n")
    yield "colon-blank-base64", multi(PLAIN, exe.replace(b"\r\n\r\n", b"\r\nX : y\r\n\r\n", 1))
    long_ = b"b" * 200
    yield "boundary-200", multi(PLAIN, exe, boundary=long_)
    yield "boundary-empty", multi(PLAIN, exe, boundary=b"")
    yield "boundary-dashes", multi(PLAIN, exe, boundary=b"--")
    yield "boundary-ends-dashes", multi(PLAIN, exe, boundary=b"b--")
    yield "boundary-8bit", multi(PLAIN, exe, boundary=b"b\xc3\xa4\xff")
    yield "boundary-like-base64", multi(exe, boundary=b"TVqQ")
    mixed, text = b"Content-Type: multipart/mixed; boundary=b1", b"Content-Type: text/plain"
    other = b"Content-Type: multipart/mixed; boundary=b2"
    both = b"--b1\r\n" + PLAIN + b"\r\n--b2\r\n" + exe + b"\r\n--b1\r\n" + HTML + b"\r\n--b2--\r\n--b1--\r\n"
    for number, fields in enumerate(((mixed, text), (text, mixed), (mixed, other), (other, mixed), (mixed, mixed),
                                     (b"Content-Type: x", mixed), (mixed, b"Content-Type:"), (b"Content-type: text/html", mixed),
                                     (b"Content-Type : multipart/mixed; boundary=b1", text), (mixed, b"Content-Type : text/plain"),
                                     (b"CONTENT-TYPE: multipart/mixed; boundary=b1",), (b"Content-Type\t: multipart/mixed; boundary=b1",),
                                     (b"Content_Type: multipart/mixed; boundary=b1", text), (b"Content-Type:multipart/mixed;boundary=b1",))):
        yield f"types-{number}", plain(*fields, body=both)
    yield "no-version", multi(PLAIN, exe, head=HEAD)
    yield "version-2", multi(PLAIN, exe, head=HEAD + b"MIME-Version: 2.0\r\n")
    yield "version-comment", multi(PLAIN, exe, head=HEAD + b"MIME-Version: 1.(c)0\r\n")
    yield "mbox-line", b"From alice@example.com Sat Nov 21 08:00:00 2026\r\n" + multi(PLAIN, exe)
    yield "first-line-odd", b"this is no field\r\n" + multi(PLAIN, exe)
    yield "first-line-folded", b" folded\r\n" + multi(PLAIN, exe)
    yield "line-odd", multi(PLAIN, exe, head=HEAD + b"no field here\r\nMIME-Version: 1.0\r\n")
    yield "line-odd-in-part", multi(PLAIN, b"no field\r\n" + exe)
    yield "line-odd-later-in-part", multi(PLAIN, exe.replace(b"Content-Disp", b"no field\r\nContent-Disp"))
    yield "field-empty-name", multi(PLAIN, exe, head=HEAD + b": x\r\nMIME-Version: 1.0\r\n")
    yield "field-blank-name", multi(PLAIN, exe, head=HEAD + b"a b: x\r\nMIME-Version: 1.0\r\n")
    yield "fold-blank-only", multi(PLAIN, exe, head=HEAD + b"X: a\r\n \t \r\n b\r\n")
    yield "fold-of-nothing", multi(PLAIN, exe, head=HEAD + b"X-Y:\r\n \r\n")
    yield "header-end-blank", plain(b"Content-Type: text/html", body=TEXT).replace(b"\r\n\r\n", b"\r\n \r\n", 1)
    yield "cr-line-ends", multi(PLAIN, exe).replace(b"\r\n", b"\r")
    yield "lf-line-ends", multi(PLAIN, exe).replace(b"\r\n", b"\n")
    yield "mixed-line-ends", multi(PLAIN, exe).replace(b"\r\n--b1", b"\n--b1")
    yield "crcrlf", multi(PLAIN, exe).replace(b"\r\n", b"\r\r\n")
    yield "lf-header-end", multi(PLAIN, exe).replace(b"\r\n\r\n", b"\n\n")
    yield "bare-cr-boundary", multi(PLAIN, exe).replace(b"\r\n--b1\r\nContent-Type: app", b"\r--b1\r\nContent-Type: app")
    yield "bare-cr-header", multi(PLAIN, exe, head=HEAD + b"X: a\rContent-Type: text/html\r\n")
    yield "cr-behind-boundary", multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b"--b1\r\r\nContent-Type: app")
    for c in (b"\0", b"\v", b"\f", b"\x1c", b"\x85", b"\xe2\x80\xa8"):
        yield "odd-line-" + c.hex(), multi(PLAIN, exe).replace(b"\r\n--b1\r\nContent-Type: app", c + b"--b1\r\nContent-Type: app")
        yield "odd-in-boundary-line-" + c.hex(), multi(PLAIN, exe).replace(b"--b1\r\nContent-Type: app", b"--b1" + c + b"\r\nContent-Type: app")
        yield "odd-header-line-" + c.hex(), plain(b"X: a" + c + b"Content-Type: text/html", body=b"<p>x\r\n")
        yield "odd-empty-line-" + c.hex(), plain(b"Content-Type: text/html\r\n" + c, body=b"X: y\r\n\r\n<p>x\r\n")
    for coding, code in ((b"base64", b64), (b"quoted-printable", qp)):
        inside = multi(PLAIN, exe).split(b"\r\n\r\n", 1)[1]
        yield "multipart-" + coding.decode(), plain(b"Content-Type: multipart/mixed; boundary=b1",
                                                     b"Content-Transfer-Encoding: " + coding, body=code(inside))
        yield "multipart-said-" + coding.decode(), plain(b"Content-Type: multipart/mixed; boundary=b1",
                                                          b"Content-Transfer-Encoding: " + coding, body=inside)
        yield "message-" + coding.decode(), multi(PLAIN, part(
            code(multi(PLAIN, exe, boundary=b"b9")), b"Content-Type: message/rfc822; name=mail.eml", b"Content-Transfer-Encoding: " + coding))
        yield "message-said-" + coding.decode(), multi(PLAIN, part(
            multi(PLAIN, exe, boundary=b"b9"), b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: " + coding))
        yield "exe-as-message-" + coding.decode(), multi(PLAIN, part(
            code(EXE), b"Content-Type: message/rfc822; name=run.exe", b"Content-Transfer-Encoding: " + coding))
        yield "exe-as-multipart-" + coding.decode(), multi(PLAIN, part(
            code(EXE), b"Content-Type: multipart/mixed; name=run.exe", b"Content-Transfer-Encoding: " + coding))
        yield "exe-as-multipart-bounded-" + coding.decode(), multi(PLAIN, part(
            code(EXE), b"Content-Type: multipart/mixed; boundary=none; name=run.exe", b"Content-Transfer-Encoding: " + coding,
            b"Content-Disposition: attachment; filename=run.exe"))
        yield "whole-exe-multipart-" + coding.decode(), plain(
            b"Content-Type: multipart/mixed; boundary=none; name=run.exe", b"Content-Transfer-Encoding: " + coding, body=code(EXE))
    yield "message", multi(PLAIN, part(multi(PLAIN, exe, boundary=b"b9"), b"Content-Type: message/rfc822"))
    yield "message-same-boundary", multi(PLAIN, part(multi(PLAIN, exe), b"Content-Type: message/rfc822"))
    yield "message-global", multi(PLAIN, part(multi(PLAIN, exe, boundary=b"b9"), b"Content-Type: message/global"))
    yield "message-news", multi(PLAIN, part(multi(PLAIN, exe, boundary=b"b9"), b"Content-Type: message/news"))
    yield "message-unknown", multi(PLAIN, part(multi(PLAIN, exe, boundary=b"b9"), b"Content-Type: message/x-own"))
    yield "message-disposition", multi(PLAIN, part(multi(PLAIN, exe, boundary=b"b9"), b"Content-Type: message/disposition-notification"))
    nested = plain()
    for _ in range(12):
        nested = plain(b"Content-Type: message/rfc822", body=nested)
    yield "message-nested", nested
    yield "message-empty", multi(part(b"", b"Content-Type: message/rfc822"))
    yield "message-partial", plain(b"Content-Type: message/partial; id=x; number=1; total=2", body=multi(PLAIN, exe))
    yield "external-body", multi(part(b"Content-Type: text/plain\r\n\r\nx\r\n", b"Content-Type: message/external-body; access-type=URL; url=\"http://x.example/a.exe\""))
    yield "report-broken", multi(PLAIN, part(b"Reporting-MTA: dns; x.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nno field\r\n\r\n",
                                             b"Content-Type: message/delivery-status"), subtype=b"report")
    yield "report", multi(PLAIN, part(b"Reporting-MTA: dns; x.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n\r\n", b"Content-Type: message/delivery-status"),
                          part(b"Subject: x\r\n", b"Content-Type: text/rfc822-headers"), subtype=b"report")
    yield "digest", multi(b"\r\n" + multi(PLAIN, exe, boundary=b"b9"), b"\r\n" + plain(), subtype=b"digest")
    yield "digest-typed", multi(PLAIN, b"\r\n" + plain(), subtype=b"digest")
    yield "digest-broken", multi(b"Content-Type: x\r\n\r\n" + plain(), b"Content-Disposition: inline\r\n\r\n" + plain(), subtype=b"digest")
    yield "signed", multi(PLAIN, attached(b"0\x80\x06\x09*\x86H", b"application/pkcs7-signature; name=smime.p7s"), subtype=b"signed")
    yield "encrypted", multi(part(b"Version: 1\r\n", b"Content-Type: application/pgp-encrypted"),
                             part(b"-----BEGIN PGP MESSAGE-----\r\n", b"Content-Type: application/octet-stream"), subtype=b"encrypted")
    yield "related", multi(HTML, part(b64(b"\x89PNG\r\n\x1a\n"), b"Content-Type: image/png", b"Content-ID: <a@b>", b"Content-Transfer-Encoding: base64"), subtype=b"related")
    yield "many-parts", multi(*[PLAIN] * 300)
    for name, content in {**archives(), **documents()}.items():
        if len(content) < 20_000:
            yield "file-" + name, multi(PLAIN, attached(content, b"application/octet-stream; name=\"file." + name.split("-")[0].encode() + b"\"", disposition=b"attachment"))


def name_messages():
    for number, value in enumerate((
            b"filename=run.exe", b"filename=\"run.exe\"", b"filename='run.exe'", b"filename=run me.exe", b"filename=run.exe junk",
            b"filename=\"run.exe\"junk", b"filename=a.txt; filename=run.exe", b"filename=a.txt; filename*=utf-8''run.exe",
            b"filename*=utf-8''run.exe; filename=a.txt", b"filename*0=ru; filename*1=n.exe", b"filename*1=n.exe; filename*0=ru",
            b"filename*0=a.txt; filename*2=.exe", b"filename*0*=utf-8''r%75n; filename*1=%2eexe", b"filename*0*=utf-8''ru; filename*1*=n%2Eexe",
            b"filename*0=a; filename*0=b; filename*1=.exe", b"filename*00=a; filename*01=.exe", b"filename*0=\"a.txt\"; filename*1=\".exe\"",
            b"filename*1=run.exe", b"filename*=run.exe", b"filename*=utf-8'run.exe", b"filename*=''run.exe", b"filename*=x-none''run.exe",
            b"filename*=utf-16''r%00u%00n%00.%00e%00x%00e%00", b"filename*=utf-7''run+AC4-exe", b"filename*=\"utf-8''run%2eexe\"",
            b"filename*=utf-8''run%2", b"filename*=utf-8''run.exe%00.txt", b"filename*=utf-8'en'%E2%80%AEtxt.exe", b"filename*x=run.exe",
            b"filename**=run.exe", b"filename*=iso-8859-1''f%FCr.exe", b"filename==?utf-8?q?run=2Eexe?=", b"filename=\"=?utf-8?q?run=2Eexe?=\"",
            b"filename=\"=?utf-8?b?cnVuLmV4ZQ==?=\"", b"filename=\"=?utf-8?b?cnVu?= =?utf-8?b?LmV4ZQ==?=\"", b"filename=\"=?utf-8?b?cnVu?=.exe\"",
            b"filename=\"=?utf-8?q?run.exe\"", b"filename=\"=?x-none?q?run.exe?=\"", b"filename=\"a =?utf-8?q?run.exe?= b\"",
            b"filename=\"=?utf-8*en?q?run.exe?=\"", b"filename=\"=?iso-8859-1?q?f=FCr.exe?=\"", b"filename=\"=?utf-8?q?run_me.exe?=\"",
            b"filename=f\xfcr.exe", b"filename=\"f\xc3\xbcr.exe\"", b"filename=\"run\\.exe\"", b"filename=\"C:\\\\dir\\\\run.exe\"", b"filename=\"C:\\dir\\run.exe\"",
            b"filename=\"../../run.exe\"", b"filename=\"run.exe", b"filename=run.exe\"", b"filename=\"ru\r\n n.exe\"", b"filename=\"ru\r\n\tn.exe\"",
            b"filename=\r\n run.exe", b"filename\r\n =run.exe", b"file\r\n name=run.exe", b"filename (c)=run.exe", b"filename=(c)run.exe", b"filename=run.exe (c)",
            b"filename = \"run.exe\"", b"FILENAME=run.exe", b"filename=\"\"", b"filename=", b"filename", b"filename=\"run.exe\";", b"filename=\"run;.exe\"",
            b"filename=run.exe,x", b"filename=\"a\"b\".exe\"", b"filename=\" run.exe \"", b"filename=\"run.exe.\"", b"filename=\"run.exe\0.txt\"", b"filename=run.exe\0",
            b"filename=\"" + b"x" * 500 + b".exe\"", b"filename=\"a.txt" + b" " * 200 + b".exe\"", b"x=\"; filename=run.exe\"", b"x=\"; filename=run.exe",
            b"filename=a/b.exe", b"filename=<run.exe>", b"filename=run@.exe", b"filename=run?.exe", b"filename=[run].exe", b"filename=a=b.exe", b"filename:run.exe", b"filename=run.exe(.txt)", b"filename=b.txt(.exe)",
            b"x=(; filename=run.exe", b"x(; filename=run.exe", b"x=(; filename=run.exe; )", b"x=(; filename=run.exe; y=)", b"(filename=run.exe)",
            b"filename=run.exe@.txt", b"filename=\"a (1).exe\"",
            b"filename*0*=utf-8''a%; filename*1*=2Eexe", b"filename*0*=utf-8''%C3; filename*1*=%BC.exe", b"filename*0*=utf-8; filename*1*=''run.exe",
            b"filename*0=a; filename*1=b; filename*2=c; filename*3=d; filename*4=e; filename*5=f; filename*6=g; filename*7=h; filename*8=i; filename*9=j; filename*10=.exe",
            b"filename*-1=run.exe", b"filename*99999999999999999999=run.exe", b"filename*0*0=run.exe", b"filename*=utf-8''a'b.exe", b"filename*='run.exe")):
        yield f"name-{number}", multi(PLAIN, attached(EXE, b"application/octet-stream", disposition=b"attachment; " + value))
        yield f"type-name-{number}", multi(PLAIN, part(b64(EXE), b"Content-Transfer-Encoding: base64", b"Content-Type: application/octet-stream; " + value.replace(b"filename", b"name").replace(b"FILENAME", b"NAME")))
    yield "name-charset-wrong", multi(PLAIN, attached(EXE, b"x/y", disposition=b"attachment; filename*=ut-8'en'%E2%80%AEtxt.exe"))
    both = b"application/octet-stream; name=one.exe"
    yield "names-differ", multi(PLAIN, attached(EXE, both, disposition=b"attachment; filename=two.txt"))
    yield "names-type-only", multi(PLAIN, attached(EXE, both, disposition=b"attachment"))
    yield "names-empty", multi(PLAIN, attached(EXE, both, disposition=b"attachment; filename="))
    yield "dispositions", multi(PLAIN, attached(EXE, both, disposition=b"inline; filename=a.txt\r\nContent-Disposition: attachment; filename=b.exe"))
    yield "disposition-name", multi(PLAIN, attached(EXE, disposition=b"attachment; name=run.exe"))
    yield "type-filename", multi(PLAIN, attached(EXE, b"application/octet-stream; filename=run.exe", disposition=b"attachment"))
    yield "disposition-bad", multi(PLAIN, attached(EXE, both, disposition=b"; filename=b.exe"))
    yield "disposition-only-name", multi(PLAIN, attached(EXE, both, disposition=b"filename=b.exe"))
    yield "disposition-quoted", multi(PLAIN, attached(EXE, both, disposition=b"\"attachment\"; filename=b.exe"))
    yield "disposition-blank-colon", multi(PLAIN, part(b64(EXE), b"Content-Type: x/y", b"Content-Transfer-Encoding: base64", b"Content-Disposition : attachment; filename=run.exe"))
    yield "bad-type-name", multi(PLAIN, attached(EXE, b"octet; name=run.exe", disposition=b"attachment"))
    yield "top-level-attachment", plain(b"Content-Type: application/octet-stream; name=run.exe", b"Content-Transfer-Encoding: base64",
                                        b"Content-Disposition: attachment; filename=run.exe", body=b64(EXE))


def messages():
    """(name, octets) of every whole message."""
    for maker in (plain_messages, coding_messages, structure_messages, name_messages):
        yield from maker()


TOKENS = [b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"--", b"--b1", b"\r\n--b1\r\n", b"\r\n--b1--\r\n", b"\r\n--b2\r\n", b"=", b";", b"\"", b"\\", b"(", b")", b":",
          b" ", b"\t", b"\0", b"\xff", b"%", b"*", b"'", b"=?", b"?=", b"Content-Type: text/plain\r\n", b"Content-Type: multipart/mixed; boundary=b1\r\n",
          b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"boundary=b1", b"name=x.exe", b"filename*0=", b"begin 644 a\r\n"]


LINES = [*uu(EXE).split(b"\r\n")[:3], *b64(EXE).split(b"\r\n")[:3], *HEAD.split(b"\r\n")[:3], b"MIME-Version: 1.0", b"no field", b"X : y",
         b"Content-Type: text/html", b"Content-Type: message/rfc822", b"Content-Type: multipart/mixed; boundary=b1",
         b"Content-Type: application/octet-stream; name=x.exe", b"Content-Transfer-Encoding: base64",
         b"Content-Transfer-Encoding: quoted-printable", b"Content-Disposition: attachment; filename=run.exe (c)",
         b"Content-Disposition: attachment; filename*0*=utf-8; filename*1*=''run.exe", b"--b1", b"--b1--", b"--b2", b"--b2--", b"", b" folded"]


def mutations(seeds, count, seed=1):
    """`count` messages made of each of `seeds` (name, octets) by small changes. They depend on nothing but the message, its
    name and `seed`."""
    for name, octets, number in ((name, octets, number) for name, octets in seeds for number in range(count)):
        if not octets or len(octets) >= 8192:
            continue
        chance = random.Random(f"{name} {number} {seed}")
        out = bytearray(octets)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
            at = chance.randrange(len(out) + 1)
            kind = chance.randrange(7)
            if kind == 0:
                out[at:at] = chance.choice(TOKENS)
            elif kind == 1:
                del out[at:at + chance.choice((1, 1, 2, 4, 40))]
            elif kind == 2 and at < len(out):
                out[at] = chance.choice(b"\r\n=-;:\"\\ \0\xffAZaz09/+()*'%")
            elif kind == 3:  # a line goes, or comes twice
                lines = bytes(out).split(b"\r\n")
                which = chance.randrange(len(lines))
                if chance.random() < 0.5:
                    lines.insert(which, lines[which])
                else:
                    del lines[which]
                out = bytearray(b"\r\n".join(lines))
            elif kind == 4:  # a line from elsewhere
                lines = bytes(out).split(b"\r\n")
                lines.insert(chance.randrange(len(lines)), chance.choice(LINES))
                out = bytearray(b"\r\n".join(lines))
            elif kind == 5:  # two lines change places
                lines = bytes(out).split(b"\r\n")
                one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
                lines[one], lines[two] = lines[two], lines[one]
                out = bytearray(b"\r\n".join(lines))
            elif kind == 6 and chance.random() < 0.3:
                del out[at:]
        yield f"{name}~{number}", bytes(out)


def link_tokens():
    """Signed with the key of link_token_fuzz.cpp."""
    for action in range(1, 6):
        payload = bytes([action]) + bytes(range(16)) + struct.pack(">QQ", 1_790_000_000, 7) + b"anna@example.org"
        mac = hmac.new(bytes([1, 2, 3]) + bytes(29), b"mailreeve link 1\n" + payload, "sha256").digest()
        yield base64.urlsafe_b64encode(payload + mac).rstrip(b"=")


# --- the corpora ---------------------------------------------------------------------------------------------------

def corpora():
    """{target: [octets]}"""
    mails = [octets for _, octets in messages()]
    headers = [octets.split(b"\r\n\r\n")[0] + b"\r\n" for octets in mails]
    files, packed, pages = documents(), archives(), html_texts()
    readers = {  # document_fuzz.cpp: the first octet chooses the reader
        0: [content for name, content in files.items() if name.startswith("ole")],
        1: [content for name, content in files.items() if name.startswith("pdf")],
        2: list(pages.values()), 3: list(pages.values()) + [b"see http://x.example/a?b, www.y.example and a@b.example"],
        4: [b"http://user@x.example:80/a/../b?c#d", b"HTTP:\\\\x.example", b"//0x7f.1/", b"http://xn--bcher-kva.example/", b"java\tscript:x"],
        5: [field[field.index(b":") + 1:] for octets in mails for field in octets.split(b"\r\n") if field.lower().startswith(b"content-d")],
        6: [b"=?utf-8?q?a=C3=A4?= =?utf-8?b?w7w=?= x", b"=?utf-8?b?w?= =?utf-8?b?7w=?=", b"=?x?q?", b"=?iso-2022-jp?b?GyRCRnw=?="],
        7: [content for name, content in packed.items() if name.startswith("zip")], 8: [files["vba"]],
        9: [b"invoice.pdf     .exe", b"ex\xc3\xa4mple.org", *files.values()],
    }
    return {
        "scan": mails + list(files.values()) + list(packed.values()),
        "header": headers,
        "dkim_message": mails[:150],
        "link_token": list(link_tokens()),
        "credentials": [b"a=b; mailreeve=" + b"A" * 43 + b"; c", b"Bearer mrv_" + b"A" * 43,
                        b"1.2.3.4, [2001:db8::1]:80, 192.0.2.5", b"https://mx.example.org"],
        "preview": mails + list(pages.values()) + newsletters(),
        "document": [bytes([number]) + content for number, contents in readers.items() for content in contents],
    }


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for target, contents in corpora().items():
        folder = os.path.join(sys.argv[1], "fuzz_" + target)
        os.makedirs(folder, exist_ok=True)
        for content in contents:
            if len(content) > 200_000:
                continue
            with open(os.path.join(folder, hashlib.sha256(content).hexdigest()[:32]), "wb") as file:
                file.write(content)


if __name__ == "__main__":
    main()
