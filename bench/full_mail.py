# SPDX-License-Identifier: Apache-2.0
"""The mail of bench/full.py, and the DNS in which it is honest: every sender's domain has MX, SPF, DKIM key and DMARC, every
client a name that leads back to it."""
import concurrent.futures
import datetime
import email.utils
import json
import os
import random
import subprocess

import make_corpus
import phrases
from harness import binary, free_port
from loopback import wait_for

DOMAINS = 60
KEYS = 6
LISTS = ("block.lists.invalid", "allow.lists.invalid", "domains.lists.invalid", "links.lists.invalid")


def domain(number):
    """Names under real top-level domains, which list and link readers know; all DNS is local."""
    return f"mr-bench-{number % DOMAINS}.{('com', 'net', 'org', 'de', 'fr')[number % 5]}"


def address(number):
    return f"198.51.{100 + number // 250 % 100}.{1 + number % 250}"


def client(number):
    return f"mx{number}.{domain(number)}"


def small_pdf(chance, size):
    """One page whose text is as long as it takes."""
    words = " ".join(chance.choice(phrases.PEOPLE) for _ in range(size // 6))[:size]
    stream = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET".encode()
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream), b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def letter(number, size):
    """multipart/alternative with links; of 32 KiB and more with a PDF. About `size` octets when signed."""
    def written(sentences):
        chance = random.Random(f"{number} {size}")
        writer = make_corpus.Writer(chance)
        writer.language = ("en", "de", "fr", "es")[number % 4]
        bank = phrases.NEWSLETTER if number % 4 == 3 else phrases.LETTER
        paragraphs = writer.letter(writer.sentences(bank, sentences))
        hosts = [f"www.{domain(number)}", *(f"www.{domain(number + k)}" for k in range(7, 7 + min(10, size // 1500)))]
        links = [(f"https://{host}/{chance.randrange(10**6)}/{chance.choice(['news', 'order', 'page'])}?id={chance.randrange(10**8)}",
                  writer.gap("thing")) for host in hosts]
        person = writer.gap("person")
        now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=number)
        headers = [("Received", f"from desk.{domain(number)} ([10.1.{number % 200}.7]) by {client(number)} with ESMTPSA id {chance.randrange(10**9):x}; "
                    + email.utils.format_datetime(now)),
                   ("From", f"{person} {writer.gap('surname')} <{person.lower()}@{domain(number)}>"), ("To", f"reader{number % 50}@bench.test"),
                   ("Subject", writer.sentences(bank, 1)[0]), ("Date", email.utils.format_datetime(now)),
                   ("Message-ID", f"<{number}.{chance.randrange(10**12)}@{domain(number)}>")]
        text = "\n\n".join(paragraphs) + "\n\n" + "\n".join(address for address, _ in links[:2]) + "\n"
        pdf = ("minutes.pdf", "application/pdf", small_pdf(chance, 4000)) if size >= 32768 else None
        message = make_corpus.compose(headers, text, make_corpus.to_html(paragraphs, links, "Letter"), pdf)
        return message.as_bytes(), f"{person.lower()}@{domain(number)}"

    sentences = max(1, size // 250)
    for _ in range(6):
        octets, sender = written(sentences)
        aim = size - 700  # what a signature takes
        if abs(len(octets) - aim) < size // 25:
            break
        one = (len(octets) - len(written(max(1, sentences // 2))[0])) / (sentences - max(1, sentences // 2) or 1)
        sentences = max(1, round(sentences + (aim - len(octets)) / max(one, 50)))
    return octets, sender


def make_keys(directory):
    """[(path, what is published)]"""
    found = []
    for number in range(KEYS):
        path = os.path.join(directory, f"key{number}.pem")
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", path, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", path, "-pubout"], check=True, capture_output=True, text=True).stdout
        found.append((path, "".join(line for line in public.splitlines() if not line.startswith("-"))))
    return found


def write_letters(folder, keys, size, count):
    """`count` letters, none like another, each signed by its sender's domain; returns their mean size."""
    os.makedirs(folder)

    def make(number):
        octets, sender = letter(number, size)
        name = f"{number:04d}.eml"
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(octets)
        done = subprocess.run([binary(), "dkim", "sign", "--domain", domain(number), "--selector", "s", "--key",
                               keys[number % DOMAINS % KEYS][0], path], check=True, capture_output=True)
        with open(path, "wb") as file:
            file.write(done.stdout)
        return {"file": name, "ip": address(number), "helo": client(number), "from": sender, "to": f"reader{number % 50}@bench.test"}, len(done.stdout)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        made = list(pool.map(make, range(count)))
    with open(os.path.join(folder, "letters.json"), "w", encoding="utf-8") as file:
        json.dump([entry for entry, _ in made], file)
    return sum(length for _, length in made) // count


class Unbound:
    """Answers for everything that the letters name, and denies the rest at once."""

    def __init__(self, directory, keys, count):
        self.port = free_port()
        config = os.path.join(directory, "unbound.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'server:\n  interface: 127.0.0.1\n  port: {self.port}\n  do-daemonize: no\n  use-syslog: no\n  chroot: ""\n'
                       f'  username: ""\n  directory: "{directory}"\n  pidfile: ""\n  module-config: "iterator"\n'
                       '  local-zone: "." static\n  local-data: ". 3600 IN SOA ns.invalid. root.invalid. 1 3600 600 86400 600"\n')
            file.writelines(f"  local-data: '{record}'\n" for record in self.records(keys, count))
            file.write("remote-control:\n  control-enable: no\n")
        self.process = subprocess.Popen(["/usr/sbin/unbound", "-d", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: domain(0) in subprocess.run([binary(), "lookup", "mx0." + domain(0), "--json", "--resolver", f"127.0.0.1:{self.port}"],
                                                     capture_output=True, text=True, check=False).stdout, "unbound does not answer")

    @staticmethod
    def records(keys, count):
        for number in range(DOMAINS):
            name = domain(number)
            public = keys[number % KEYS][1]
            pieces = '" "'.join(["v=DKIM1; k=rsa; p=" + public[:200], public[200:]])
            yield f"{name}. 3600 IN MX 10 mx{number}.{name}."
            yield f"{name}. 3600 IN A {address(number)}"
            yield f"www.{name}. 3600 IN A {address(number)}"
            yield f'{name}. 3600 IN TXT "v=spf1 mx ip4:198.51.0.0/16 -all"'
            yield f'_dmarc.{name}. 3600 IN TXT "v=DMARC1; p=reject"'
            yield f's._domainkey.{name}. 3600 IN TXT "{pieces}"'
        for number in range(max(count, DOMAINS)):
            yield f"{client(number)}. 3600 IN A {address(number)}"
            yield ".".join(reversed(address(number).split("."))) + f".in-addr.arpa. 3600 IN PTR {client(number)}."
        for zone in LISTS:  # test entries (RFC 5782 5)
            yield f"2.0.0.127.{zone}. 600 IN A 127.0.0.2"
            yield f"test.{zone}. 600 IN A 127.0.0.2"

    def stop(self):
        self.process.kill()
        self.process.wait()
