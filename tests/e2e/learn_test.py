# SPDX-License-Identifier: Apache-2.0
"""Statistics: what people sort teaches, through a running gateway and without one; what was learnt judges new mail."""
import json
import mailbox
import os
import random

from content_case import ContentCase

WANTED = "agenda budget minutes quarterly schedule attached department invoice project review".split()
UNWANTED = "casino jackpot prize winner lottery claim million bonus exclusive congratulations".split()
COMMON = "the and you for with this that have from are was will".split()


def letter(words, number, seed=0):
    chance = random.Random(number * 1000 + seed)
    body = " ".join(chance.choice(words if chance.random() < 0.5 else COMMON) for _ in range(60))
    return (f"From: <s{number}@sender.example>\nTo: <a@example.org>\nSubject: {' '.join(chance.sample(words, 3))}\n"
            f"Message-ID: <{words[0]}{number}.{seed}@sender.example>\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n\n{body}\n")


class Learn(ContentCase):
    def write_many(self, name, words, count):
        folder = os.path.join(self.directory, name)
        os.makedirs(folder)
        for number in range(count):
            with open(os.path.join(folder, f"{number}.eml"), "w", encoding="ascii") as file:
                file.write(letter(words, number))
        return folder

    def learn(self, *arguments):
        done = self.server.command("learn", *arguments, "--json", "--config", self.server.config)
        return json.loads(done.stdout)

    def start_with(self, **keywords):
        self.start("[checks.bayes]\nmin-learned = 20\n" + keywords.pop("more", ""), **keywords)

    def judged(self, words):
        codes = self.found(letter(words, 999, 1).replace("\n", "\r\n").encode())
        return {code for code in codes if code.startswith("bayes.")}

    def test_what_was_sorted_judges_new_mail(self):
        self.start_with()
        spam = self.write_many("spam", UNWANTED, 25)
        ham = self.write_many("ham", WANTED, 25)
        self.assertEqual(self.learn("spam", spam)["learnt"], 25)
        self.assertEqual(self.judged(UNWANTED), set(), "silent before both classes are known well enough")
        self.assertEqual(self.learn("ham", ham)["judging"], True)
        self.assertEqual(self.judged(UNWANTED), {"bayes.spam"})
        self.assertEqual(self.judged(WANTED), {"bayes.ham"})
        shown = self.server.command("scan", "--config", self.server.config, os.path.join(spam, "1.eml"), check=False).stdout
        self.assertIn("bayes.spam", shown, "scan says the same")
        self.assertRegex(shown, r'strongest: "[^"]+" \(\d+ spam, 0 ham\)')

    def test_learning_anew_moves_and_forgetting_takes_back(self):
        self.start_with()
        spam = self.write_many("spam", UNWANTED, 25)
        ham = self.write_many("ham", WANTED, 25)
        self.learn("spam", spam)
        self.learn("ham", ham)
        answer = self.learn("spam", spam)
        self.assertEqual((answer["learnt"], answer["known"], answer["spam"]), (0, 25, 25))
        answer = self.learn("ham", os.path.join(spam, "1.eml"))
        self.assertEqual((answer["moved"], answer["spam"], answer["ham"]), (1, 24, 26))
        answer = self.learn("forget", spam)
        self.assertEqual((answer["forgotten"], answer["spam"], answer["ham"]), (25, 0, 25))
        self.assertEqual(self.judged(UNWANTED), set())

    def test_mailboxes_are_read_and_nothing_is_lost_at_a_restart(self):
        self.start_with()
        box = mailbox.mbox(os.path.join(self.directory, "spam.mbox"))
        for number in range(25):
            box.add(letter(UNWANTED, number) + "From here on it is quoted.\n")
        box.close()
        folder = mailbox.Maildir(os.path.join(self.directory, "Ham"))
        for number in range(25):
            key = folder.add(letter(WANTED, number))
            if number % 2:
                message = folder[key]
                message.set_subdir("cur")
                message.set_flags("S")
                folder[key] = message
        self.assertEqual(self.learn("spam", os.path.join(self.directory, "spam.mbox"))["learnt"], 25)
        self.assertEqual(self.learn("ham", os.path.join(self.directory, "Ham"))["learnt"], 25)
        self.server.kill()
        answer = self.learn("show")
        self.assertEqual((answer["spam"], answer["ham"]), (25, 25), "from the store itself, when no gateway runs")
        extra = self.write_many("more", UNWANTED, 30)
        self.assertEqual(self.learn("spam", extra)["spam"], 55)
        self.server.start()
        self.assertEqual(self.judged(UNWANTED), {"bayes.spam"})

    def test_a_domain_that_taught_enough_goes_by_its_own_mail(self):
        self.start_with(more="per-domain = true\n")
        spam = self.write_many("spam", UNWANTED, 25)
        ham = self.write_many("ham", WANTED, 25)
        self.learn("spam", spam)
        self.learn("ham", ham)
        self.assertEqual(self.judged(UNWANTED), {"bayes.spam"}, "the domain has none of its own yet")
        # This domain is a casino: it sorts the other way round.
        self.learn("ham", spam, "--domain", "example.org")
        self.learn("spam", ham, "--domain", "example.org")
        self.assertEqual(self.judged(UNWANTED), {"bayes.ham"})
        self.assertEqual(self.learn("show", "--domain", "example.org")["spam"], 25)

    def test_what_cannot_be_read_is_told_and_the_rest_is_learnt(self):
        self.start_with()
        spam = self.write_many("spam", UNWANTED, 3)
        done = self.server.command("learn", "spam", "/nowhere/x.eml", spam, "--config", self.server.config, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/x.eml", done.stderr)
        self.assertIn("3 learnt as spam", done.stdout)
        self.assertIn("nothing is judged by them before there are 20 of each", done.stdout)

    def test_what_is_no_message_is_named_and_not_learnt(self):
        self.start_with()
        self.write_many("spam", UNWANTED, 2)
        odd = os.path.join(self.directory, "odd")
        for content in (b"", os.urandom(2000), b"root:x:0:0:root:/root:/bin/bash\n"):
            with open(odd, "wb") as file:
                file.write(content)
            done = self.server.command("learn", "spam", odd, os.path.join(self.directory, "spam"), "--config", self.server.config, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{odd}: no message", done.stderr)
            self.assertEqual(self.learn("show")["spam"], 2, "and the others are learnt")

    def test_remarks_about_folders_and_about_one_class_far_larger(self):
        self.start_with()
        folder = self.write_many("Spam", UNWANTED, 11)
        os.makedirs(os.path.join(folder, ".Junk", "cur"))
        os.makedirs(os.path.join(folder, "empty"))
        done = self.server.command("learn", "spam", folder, os.path.join(folder, "empty"), "--config", self.server.config)
        self.assertIn("folders not entered: .Junk, empty", done.stderr)
        self.assertIn("empty: no messages in it", done.stderr)
        self.assertIn("teach more ham", done.stdout)

    def test_an_open_data_folder_is_closed_at_the_start_and_learning_leaves_it_so(self):
        self.start_with()
        self.server.kill()
        data = self.server.data_dir
        os.chmod(data, 0o755)
        os.chmod(os.path.join(data, "queue.db"), 0o644)
        self.server.start()
        self.assertEqual(os.stat(data).st_mode & 0o777, 0o700)
        self.learn("spam", self.write_many("spam", UNWANTED, 2))
        for name in os.listdir(data):
            if ".db" in name:
                self.assertEqual(os.stat(os.path.join(data, name)).st_mode & 0o077, 0, name)

    def test_decisions_about_held_mail_teach(self):
        self.start("[checks.bayes]\nmin-learned = 1\n", "quarantine = -5.0\n")
        self.assertTrue(self.send(letter(WANTED, 1).replace("\n", "\r\n").encode()).startswith("250"))
        self.assertTrue(self.send(letter(UNWANTED, 2).replace("\n", "\r\n").encode()).startswith("250"))
        listed = self.server.command("quarantine", "list", "--json", "--config", self.server.config).stdout
        held = sorted(message["id"] for message in json.loads(listed)["items"])
        self.assertEqual(len(held), 2)
        self.server.command("quarantine", "release", held[0], "--learn", "ham", "--config", self.server.config)
        self.server.command("quarantine", "delete", held[1], "--learn", "spam", "--config", self.server.config)
        answer = self.learn("show")
        self.assertEqual((answer["spam"], answer["ham"]), (1, 1))
        self.assertEqual(self.server.queue("drop", "--all", "--learn", "spam", check=False).returncode, 2)
