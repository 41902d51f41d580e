#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a folder with ham/ and spam/ for `script/bench accuracy`: letters, threads and newsletters in four languages, and
pills, money, phishing and cold calls with words in common. The same seed writes the same mail.

Such mail shows that the machinery works, from learning to the verdict. How good anything is in the world it cannot show:
that takes mail that people received."""
import argparse
import base64
import os
import random
import re
from email.message import EmailMessage
from email.policy import SMTP

import phrases

LANGUAGES = ["en", "en", "en", "de", "de", "fr", "es"]
HAM_DOMAINS = [f"{name}.example" for name in ("north", "mill", "harbour", "orchard", "school", "union", "press", "clinic")]
SHOP_DOMAINS = [f"{name}.example" for name in ("shoes", "garden", "teahouse", "magazine")]
SPAM_DOMAINS = [f"{a}{b}.example" for a in ("best", "secure", "top", "mega", "fast") for b in ("deal", "mail", "offer", "info", "web")]
SYLLABLES = ["ar", "bel", "co", "dan", "el", "fur", "gra", "hol", "in", "kan", "lo", "mar", "nor", "os", "pra", "ri", "sol", "tur", "vi", "win"]
POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)


class Writer:
    """Fills the gaps of phrases."""

    def __init__(self, chance):
        self.chance = chance
        self.language = "en"

    def fill(self, text):
        return re.sub(r"\{(\w+)\}", lambda found: self.gap(found[1]), text)

    def gap(self, name):
        chance = self.chance
        if name == "person":
            return chance.choice(phrases.PEOPLE)
        if name == "surname":
            return chance.choice(phrases.SURNAMES)
        if name == "number":
            return str(chance.choice([2, 3, 5, 7, 10, 12, 24, 48, 120, chance.randrange(10000, 99999)]))
        if name == "percent":
            return f"{chance.choice([5, 10, 15, 20, 30, 50, 70, 80])}%"
        if name == "sum":
            return chance.choice(["$", "€", "EUR "]) + chance.choice(["4.50", "12", "49.90", "85", "250", "990", "1,400", "5,000"])
        if name == "hour":
            return f"{chance.randrange(8, 18)}:{chance.choice(['00', '15', '30'])}"
        if name == "date":
            return f"{chance.randrange(1, 29)}.{chance.randrange(1, 13)}."
        return chance.choice(phrases.WORDS[self.language][name])

    def sentences(self, bank, count):
        return [self.fill(self.chance.choice(bank[self.language])) for _ in range(count)]

    def paragraphs(self, sentences):
        """Two to four sentences each."""
        found = []
        while sentences:
            size = self.chance.randrange(2, 5)
            found.append(" ".join(sentences[:size]))
            sentences = sentences[size:]
        return found

    def letter(self, sentences):
        greeting, farewell = (self.fill(self.chance.choice(bank[self.language])) for bank in (phrases.GREETINGS, phrases.FAREWELLS))
        return [greeting, *self.paragraphs(sentences), farewell + "\n" + self.gap("person")]


def to_html(paragraphs, links, mark=""):
    """Paragraphs with a link now and then: (address, what it shows)."""
    blocks = [f"<p style=\"font-family:sans-serif;margin:0 0 12px\">{text}</p>".replace("\n", "<br>") for text in paragraphs]
    for number, (address, shown) in enumerate(links):
        blocks.insert((number + 1) * len(blocks) // (len(links) + 1), f'<p><a href="{address}">{shown}</a></p>')
    return f"<html><head><title>{mark}</title></head><body bgcolor=\"#ffffff\">\n" + "\n".join(blocks) + "\n</body></html>\n"


def compose(headers, text, html=None, attachment=None):
    message = EmailMessage(policy=POLICY)
    for name, value in headers:
        message[name] = value
    message.set_content(text, cte="quoted-printable")
    if html is not None:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    if attachment is not None:
        name, kind, octets = attachment
        message.add_attachment(octets, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=name)
    return message


class Corpus:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.writer = Writer(self.chance)
        self.number = 0

    def octets(self, message):
        """The same for the same seed: Python draws its boundaries itself."""
        data = message.as_bytes()
        for boundary in set(re.findall(rb'boundary="([^"]+)"', data)):
            data = data.replace(boundary, b"=-" + base64.b16encode(self.chance.randbytes(12)))
        return data

    def headers(self, domain, subject, *, name=None, faults=0.03):
        chance, writer = self.chance, self.writer
        self.number += 1
        who = name or f"{writer.gap('person')} {writer.gap('surname')}"
        local = who.split()[0].lower()
        date = f"{chance.randrange(1, 20):02d} Nov 2026 {chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}"
        found = [("Received", f"from mail.{domain} by mx.example.org with ESMTP; {date} +0000"), ("From", f"{who} <{local}@{domain}>"),
                 ("To", f"{writer.gap('person').lower()}@example.org"), ("Subject", subject)]
        if chance.random() >= faults:
            found.append(("Date", f"{date} +0100"))
        if chance.random() >= faults:
            found.append(("Message-ID", f"<{self.number}.{chance.randrange(10**9)}@{domain}>"))
        if chance.random() < 0.4:
            found.append(("X-Mailer", chance.choice(["Thunderbird", "Outlook 16.0", "Apple Mail", "Roundcube"])))
        return found

    def domain(self, own):
        """One of `own`, or, as most senders are seen once, any."""
        if self.chance.random() < 0.3:
            return self.chance.choice(own)
        return "".join(self.chance.choice(SYLLABLES) for _ in range(3)) + ".example"

    def some(self, bank, low, high):
        return self.writer.sentences(bank, self.chance.randrange(low, high))

    def ham(self):
        chance, writer = self.chance, self.writer
        writer.language = chance.choice(LANGUAGES)
        kind = chance.choices(["letter", "thread", "newsletter"], [5, 4, 3])[0]
        if kind == "newsletter":
            domain, sentences = chance.choice(SHOP_DOMAINS), self.some(phrases.NEWSLETTER, 4, 12)
            headers = self.headers(domain, writer.sentences(phrases.NEWSLETTER, 1)[0], name=domain.split(".")[0].title() + " News")
            headers += [("List-Id", f"<news.{domain}>"), ("List-Unsubscribe", f"<https://www.{domain}/leave/{chance.randrange(10**6)}>")]
            links = [(f"https://www.{domain}/{chance.randrange(1000)}", writer.gap("product")) for _ in range(chance.randrange(2, 8))]
            paragraphs = writer.paragraphs(sentences)
            return compose(headers, "\n\n".join(paragraphs) + "\n", to_html(paragraphs, links, "News"))
        domain = self.domain(HAM_DOMAINS)
        sentences = self.some(phrases.LETTER, 2, 12)
        if chance.random() < 0.15:  # people talk about spam, offers and passwords as well
            sentences.insert(chance.randrange(len(sentences)), self.some(chance.choice([phrases.PHISHING, phrases.PITCH, phrases.MONEY, phrases.PILLS]), 1, 2)[0])
        subject = writer.fill("{thing} {date}") if chance.random() < 0.6 else writer.sentences(phrases.LETTER, 1)[0]
        paragraphs = writer.letter(sentences)
        if kind == "thread":
            subject = ("Re: " if writer.language != "de" else "AW: ") + subject
            quoted = "\n\n".join(writer.letter(self.some(phrases.LETTER, 2, 8)))
            headers = self.headers(domain, subject) + [("In-Reply-To", f"<{chance.randrange(10**9)}@example.org>")]
            return compose(headers, "\n\n".join(paragraphs) + "\n\n" + "".join(f"> {line}\n" for line in quoted.splitlines()))
        html = to_html(paragraphs, [(f"https://www.{domain}/files/{chance.randrange(1000)}", writer.gap("thing"))]) if chance.random() < 0.5 else None
        attachment = ("minutes.txt", "text/plain", "\n".join(self.some(phrases.LETTER, 3, 9)).encode()) if chance.random() < 0.15 else None
        return compose(self.headers(domain, subject), "\n\n".join(paragraphs) + "\n", html, attachment)

    def spam(self):
        chance, writer = self.chance, self.writer
        writer.language = chance.choice(LANGUAGES)
        kind = chance.choices(["pills", "money", "phishing", "pitch"], [4, 3, 4, 2])[0]
        bank = {"pills": phrases.PILLS, "money": phrases.MONEY, "phishing": phrases.PHISHING, "pitch": phrases.PITCH}[kind]
        domain = self.domain(SPAM_DOMAINS)
        sentences = self.some(bank, 2, 6)
        if chance.random() < 0.5:  # looks like a letter to whoever counts words
            sentences += self.some(phrases.LETTER, 1, 5)
        if chance.random() < 0.15:
            sentences += self.some(phrases.NEWSLETTER, 1, 4)
        chance.shuffle(sentences)
        subject = writer.sentences(bank, 1)[0] if chance.random() < 0.6 else writer.fill("{thing} {number}")
        if chance.random() < 0.15:
            subject = "Re: " + subject
        headers = self.headers(domain, subject, faults=0.12)
        if chance.random() < 0.2:
            headers.append(("List-Unsubscribe", f"<http://{domain}/u/{chance.randrange(10**6)}>"))
        paragraphs = writer.letter(sentences)
        if chance.random() < 0.3 or kind == "money":
            return compose(headers, "\n\n".join(paragraphs) + "\n")
        shown = writer.gap("bank") if kind == "phishing" else writer.gap("pill")
        links = [(f"http://{self.domain(SPAM_DOMAINS)}/{chance.randrange(10**6)}", shown) for _ in range(chance.randrange(1, 4))]
        if kind == "phishing" and chance.random() < 0.3:
            links.append((f"http://{domain}/login", "https://www.paypal.com/signin"))
        return compose(headers, "\n\n".join(paragraphs) + "\n", to_html(paragraphs, links))


NOTE = "Synthetic mail shows that learning and judging work, not how good anything is in the world."


def write(directory, count, seed):
    for name in ("ham", "spam"):
        corpus = Corpus(f"{seed} {name}")
        make = getattr(corpus, name)
        folder = os.path.join(directory, name)
        os.makedirs(folder)
        for number in range(count):
            with open(os.path.join(folder, f"{number:05d}.eml"), "wb") as file:
                file.write(corpus.octets(make()))
    with open(os.path.join(directory, "SYNTHETIC"), "w", encoding="ascii") as file:
        file.write(f"Written by bench/make_corpus.py, {count} messages each, seed {seed}. {NOTE}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", help="where ham/ and spam/ are made; they must not be there yet")
    parser.add_argument("--count", type=int, default=1000, help="messages of each (%(default)s)")
    parser.add_argument("--seed", type=int, default=4, help="%(default)s")
    options = parser.parse_args()
    write(options.directory, options.count, options.seed)
    print(f"{options.count} messages each in {options.directory}/ham and {options.directory}/spam, written by seed {options.seed}.\n{NOTE}")


if __name__ == "__main__":
    main()
