# SPDX-License-Identifier: Apache-2.0
"""What recipients see and do: digests with links, their own page, their lists, letting in who waits."""
import base64
import email
import email.policy
import hmac
import http.client
import json
import os
import re
import stat
import struct
import time
import unittest

from control import Control
from harness import Case, Client, wait_for

ZONE = r'''
$TTL 300
mx.test.            A 127.0.0.1
good.example.       MX 10 mx.good.example.
good.example.       TXT "v=spf1 ip4:198.51.100.10 -all"
mx.good.example.    A 198.51.100.10
10.100.51.198.in-addr.arpa. PTR mx.good.example.
plain.example.      MX 10 mx.good.example.
'''

CHECKS = '''
[[checks.keyword.rule]]
name = "offer"
match = "GREAT OFFER"
in = ["subject"]
weight = 9.0
[[checks.keyword.rule]]
name = "doubtful"
match = "PERHAPS"
in = ["subject"]
weight = 4.5
[[checks.keyword.rule]]
name = "awful"
match = "AWFUL"
in = ["subject"]
weight = 30.0
'''

HOLDING = '''
[policy.holding]
label = "As usual"
greylist = 4.0
quarantine = 8.0
reject = 20.0
keep-refused = true
[policy.holding.action]
"virus.found" = "reject"
"attachment.dangerous" = "quarantine"
"scan.crashed" = "quarantine"
[policy.open]
label = "I like newsletters"
quarantine = 100.0
[policy.open.action]
"virus.found" = "reject"
"attachment.dangerous" = "quarantine"
"scan.crashed" = "quarantine"
'''

OFFER = "GREAT OFFER for you"


class Web:
    """One browser: keeps its cookie, sends its CSRF token."""

    def __init__(self, server):
        self.server = server
        self.cookie = None
        self.csrf = None

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.web_port, timeout=20)
        try:
            headers = {"Content-Type": "application/json"}
            if self.cookie:
                headers["Cookie"] = self.cookie
            if self.csrf:
                headers["X-CSRF-Token"] = self.csrf
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            cookie = response.getheader("Set-Cookie")
            if cookie:
                self.cookie = cookie.split(";")[0]
            data = response.read()
            try:
                return response.status, json.loads(data)
            except ValueError:
                return response.status, data.decode("utf-8", "replace")
        finally:
            connection.close()

    def ask(self, method, path, body=None):
        status, answer = self.call(method, "/api/v1" + path, body)
        if status != 200:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return answer


class Recipients(Case):
    def start(self, more=""):
        self.server = self.gateway(
            self.people("anna@example.org", "bert@example.org", "postmaster@example.org") +
            self.to_maildir(more='policy = "holding"\nmay-choose = ["open"]\n') + CHECKS + HOLDING + more,
            listener='proxy-protocol = ["127.0.0.1"]', zone=ZONE)
        self.web = Web(self.server)
        self.control = Control(self.server)

    def send(self, subject, *, to=("anna@example.org",), author="Offers <info@good.example>", sender="info@good.example",
             client="198.51.100.10", body="text\r\n"):
        with Client(self.server.port, greet=False) as connection:
            connection.send(f"PROXY TCP4 {client} 192.0.2.1 40000 25\r\n")
            connection.reply()
            text = (f"From: {author}\r\nTo: <a@example.org>\r\nSubject: {subject}\r\n"
                    f"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@test>\r\n\r\n{body}").encode()
            return connection.mail(sender, list(to), text, hello="EHLO mx.good.example")

    def mails(self, user="anna", subject=None):
        found = [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.maildir(user)]
        return [mail for mail in found if subject is None or subject in mail["Subject"]]

    def digest(self, user="anna", count=1):
        self.server.command("quarantine", "digest", "--now", f"{user}@example.org", "--config", self.server.config)
        wait_for(lambda: len(self.mails(user, "kept back for you")) >= count, "no digest came")
        return self.mails(user, "kept back for you")[-1]

    def links(self, digest):
        text = digest.get_body(("plain",)).get_content()
        return dict(re.findall(r"  ([A-Z][a-z ]+): (http\S+)", text))

    def token(self, link):
        return link.rsplit("/", 1)[1]

    def sign_in(self, user="anna"):
        web = Web(self.server)
        before = len(self.mails(user, "Sign in"))
        web.call("POST", "/api/v1/session/link", {"address": f"{user}@example.org"})
        wait_for(lambda: len(self.mails(user, "Sign in")) > before, "no link came")
        text = self.mails(user, "Sign in")[-1].get_body(("plain",)).get_content()
        secret = re.search(r"/sign-in#(\S+)", text).group(1)
        session = web.ask("POST", "/session/token", {"token": secret})
        self.assertEqual(session["kind"], "recipient")
        web.csrf = session["csrf"]
        return web

    def held(self, web, query=""):
        return web.ask("GET", "/own/quarantine" + query)["items"]


class Digests(Recipients):
    def test_a_link_releases_after_a_question_and_once(self):
        self.start()
        self.assertEqual(self.send(OFFER)[:3], "250")
        digest = self.digest()
        self.assertEqual(digest["Subject"], "1 message kept back for you")
        self.assertEqual(digest["Auto-Submitted"], "auto-generated")
        self.assertIn("postmaster@example.org", digest["From"])
        text = digest.get_body(("plain",)).get_content()
        self.assertIn(f"Subject: {OFFER}", text)
        self.assertIn("it looks like spam: it uses words that are watched for here", text)
        html = digest.get_body(("html",)).get_content()
        self.assertIn(OFFER, html)
        self.assertNotRegex(html, r"<(img|script|link|style)\b|src=|url\(")
        links = self.links(digest)
        self.assertEqual(set(links), {"Release", "Release and allow sender", "Delete"})
        token = self.token(links["Release"])
        # A scanner that follows links changes nothing.
        for _ in range(2):
            self.web.call("GET", "/link/" + token)
            status, shown = self.web.call("POST", "/api/v1/link/show", {"token": token})
            self.assertEqual((status, shown["action"], shown["address"]), (200, "release", "anna@example.org"), shown)
            self.assertEqual((shown["subject"], shown["kind"]), (OFFER, "held"))
        self.assertEqual(self.mails(subject=OFFER), [])
        status, done = self.web.call("POST", "/api/v1/link/act", {"token": token})
        self.assertEqual((status, done["changed"]), (200, 1), done)
        wait_for(lambda: self.mails(subject=OFFER), "it was not delivered")
        status, again = self.web.call("POST", "/api/v1/link/act", {"token": token})
        self.assertEqual((status, again["detail"]), (410, "this was already done"))
        # The other link of the same message finds that it is decided.
        status, late = self.web.call("POST", "/api/v1/link/act", {"token": self.token(links["Delete"])})
        self.assertEqual((status, late["changed"]), (200, 0), late)
        self.assertEqual(len(self.mails(subject=OFFER)), 1)
        noted = self.control.get("/audit?action=own")["entries"]
        self.assertEqual({entry["who"] for entry in noted}, {"link (anna@example.org)"})
        self.assertIn("own.release", {entry["action"] for entry in noted})

    def test_what_is_no_link_of_ours_does_nothing(self):
        self.start()
        self.send(OFFER)
        token = self.token(self.links(self.digest())["Release"])
        middle = len(token) // 2
        changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1:]
        for wrong in (changed, token[:-1], token + "A", "x", "A" * 200, "é"):
            for act in ("show", "act"):
                status, answer = self.web.call("POST", f"/api/v1/link/{act}", {"token": wrong})
                self.assertEqual(status, 404, f"{wrong}: {answer}")
        for body in ({}, {"token": 7}, {"token": "x" * 5000}, {"token": token, "more": 1}, []):
            self.assertEqual(self.web.call("POST", "/api/v1/link/act", body)[0], 400, body)
        self.assertEqual(self.mails(subject=OFFER), [])
        self.assertEqual(self.web.call("GET", "/api/v1/link/act")[0], 405)

    def sign(self, action, message, address, expires):
        """A link as the gateway makes it: whoever has its key could."""
        path = os.path.join(self.server.data_dir, "link.key")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, "rb") as file:
            key = file.read()
        payload = bytes([action]) + message + struct.pack(">QQ", int(expires), 7) + address.encode()
        mac = hmac.new(key, b"mailreeve link 1\n" + payload, "sha256").digest()
        return base64.urlsafe_b64encode(payload + mac).rstrip(b"=").decode()

    def test_a_link_is_for_its_time_and_its_recipient(self):
        self.start()
        self.send(OFFER)
        own = self.token(self.links(self.digest())["Release"])
        message = base64.urlsafe_b64decode(own + "=" * (-len(own) % 4))[1:17]
        now = time.time()
        for token, detail in ((self.sign(1, message, "anna@example.org", now - 1), "expired"),
                              (self.sign(1, message, "bert@example.org", now + 600), "not in quarantine"),
                              (self.sign(1, bytes(16), "anna@example.org", now + 600), "not in quarantine")):
            for act in ("show", "act"):
                status, answer = self.web.call("POST", f"/api/v1/link/{act}", {"token": token})
                self.assertEqual(status, 410, answer)
                self.assertIn(detail, answer["detail"])
        unknown = self.sign(9, message, "anna@example.org", now + 600)
        self.assertEqual(self.web.call("POST", "/api/v1/link/act", {"token": unknown})[0], 404)
        self.assertEqual(self.mails(subject=OFFER), [])
        good = self.sign(1, message, "Anna+tag@example.org", now + 600)
        self.assertEqual(self.web.call("POST", "/api/v1/link/act", {"token": good})[0], 200)

    def test_what_was_told_is_told_once_and_blocked_senders_never(self):
        self.start()
        self.send(OFFER)
        self.send(OFFER + " 2", to=("bert@example.org",))
        self.digest()
        self.server.stop()
        self.server.start()
        done = self.server.command("quarantine", "digest", "--now", "--json", "--config", self.server.config)
        self.assertEqual(json.loads(done.stdout), {"sent": 1}, "only Bert's is new")
        wait_for(lambda: self.mails("bert", "kept back"), "no digest came")
        web = self.sign_in()
        web.ask("POST", "/own/lists", {"list": "block", "op": "add", "entry": "info@good.example"})
        self.send(OFFER + " 3")
        self.send(OFFER + " 4", author="other@plain.example", sender="other@plain.example")
        digest = self.digest(count=2)
        text = digest.get_body(("plain",)).get_content()
        self.assertIn(OFFER + " 4", text)
        self.assertNotIn(OFFER + " 3", text)

    def test_refused_mail_stands_apart_and_can_be_asked_for(self):
        self.start()
        self.assertEqual(self.send("AWFUL thing")[:3], "550")
        digest = self.digest()
        text = digest.get_body(("plain",)).get_content()
        self.assertIn("Their senders were told", text)
        links = self.links(digest)
        self.assertEqual(set(links), {"Ask for release", "Delete"})
        status, done = self.web.call("POST", "/api/v1/link/act", {"token": self.token(links["Ask for release"])})
        self.assertEqual((status, done["changed"]), (200, 1), done)
        wait_for(lambda: self.mails("postmaster", "Somebody asks for held mail"), "nobody was told of the request")
        asked = self.control.get("/quarantine?state=asked")["items"]
        self.assertEqual([item["subject"] for item in asked], ["AWFUL thing"])
        result = self.control.post("/quarantine/actions", {"action": "release", "ids": [asked[0]["id"]]})
        self.assertTrue(result["results"][0]["ok"], result)
        wait_for(lambda: self.mails(subject="AWFUL"), "it was not delivered")
        self.send("AWFUL again")
        anna = self.sign_in()
        anna.ask("POST", "/own/actions", {"action": "ask", "ids": [self.held(anna)[0]["id"]]})
        self.assertEqual(len(self.mails("postmaster", "held mail")), 1, "once an hour")

    def test_release_and_allow_lets_the_next_one_through(self):
        self.start()
        self.send(OFFER)
        token = self.token(self.links(self.digest())["Release and allow sender"])
        self.assertEqual(self.web.call("POST", "/api/v1/link/act", {"token": token})[0], 200)
        self.send(OFFER + " again")
        wait_for(lambda: self.mails(subject="again"), "an allowed and proven sender was held")
        self.send(OFFER + " forged", client="198.51.100.77", sender="x@plain.example")
        self.assertEqual([item["subject"] for item in self.held(self.sign_in())], [OFFER + " forged"],
                         "nothing proves that it is the allowed sender")

    def test_what_the_sender_chooses_stays_text(self):
        self.start()
        self.send("=?utf-8?Q?GREAT_OFFER_<img_src=3Dx_onerror=3Dalert(1)>_=E2=80=AEgnp.exe_\"'&?=",
                  author='"<script>alert(2)</script>" <info@good.example>')
        html = self.digest().get_body(("html",)).get_content()
        self.assertNotIn("<script", html)
        self.assertNotIn("<img", html)
        self.assertNotIn("\u202e", html)
        self.assertIn("&lt;img src=x onerror=alert(1)&gt;", html)
        self.assertIn("&lt;script&gt;", html)


class OwnPage(Recipients):
    def test_a_recipient_decides_about_his_own_mail_alone(self):
        self.start()
        self.send(OFFER, to=("anna@example.org", "bert@example.org"))
        self.send(OFFER + " for Bert", to=("bert@example.org",))
        anna, bert = self.sign_in("anna"), self.sign_in("bert")
        theirs = {item["subject"]: item["id"] for item in self.held(bert)}
        self.assertEqual([item["subject"] for item in self.held(anna)], [OFFER])
        self.assertEqual(set(theirs), {OFFER, OFFER + " for Bert"})
        alone = theirs[OFFER + " for Bert"]
        for action in ("release", "release_and_allow", "ask", "delete", "delete_and_block"):
            result = anna.ask("POST", "/own/actions", {"action": action, "ids": [alone]})["results"][0]
            self.assertEqual((result["ok"], result["changed"]), (False, 0), result)
        for path in ("preview", "preview.html"):
            self.assertEqual(anna.call("GET", f"/api/v1/own/quarantine/{alone}/{path}")[0], 404)
            self.assertEqual(bert.call("GET", f"/api/v1/own/quarantine/{alone}/{path}")[0], 200)
        # Somebody signed in as a recipient reaches nothing else.
        for path in ("/quarantine", f"/quarantine/{alone}", "/queue", "/history", "/waiting", "/audit", "/users"):
            self.assertEqual(anna.call("GET", "/api/v1" + path)[0], 403, path)
        # One message of two recipients: each decides for himself.
        result = anna.ask("POST", "/own/actions", {"action": "release", "ids": [theirs[OFFER]]})["results"][0]
        self.assertEqual((result["ok"], result["changed"]), (True, 1), result)
        wait_for(lambda: self.mails("anna", OFFER), "it was not delivered")
        self.assertEqual(self.mails("bert", OFFER), [])
        self.assertEqual([item["state"] for item in self.held(bert, "?text=offer")], ["waiting", "waiting"])
        self.assertEqual(self.held(anna), [])
        self.assertEqual([item["state"] for item in self.held(anna, "?state=any")], ["released"])

    def test_lists_and_the_chosen_policy_change_verdicts(self):
        self.start()
        anna = self.sign_in()
        settings = anna.ask("GET", "/own/settings")
        self.assertEqual((settings["address"], settings["policy"]), ("anna@example.org", "holding"))
        self.assertEqual(settings["policies"], [{"name": "holding", "label": "As usual"},
                                                {"name": "open", "label": "I like newsletters"}])
        self.assertEqual(settings["digest"], "daily")
        # blocked
        settings = anna.ask("POST", "/own/lists", {"list": "block", "op": "add", "entry": "*@Good.Example"})
        self.assertEqual(settings["block"], ["good.example"])
        self.send("quite harmless", to=("anna@example.org", "bert@example.org"))
        wait_for(lambda: self.mails("bert", "quite harmless"), "it was not delivered to the other")
        self.assertEqual([item["why"] for item in self.held(anna)], ["you block this sender"])
        anna.ask("POST", "/own/lists", {"list": "block", "op": "remove", "entry": "good.example"})
        self.send("harmless again")
        wait_for(lambda: self.mails("anna", "harmless again"), "it was not delivered")
        # the policy
        settings = anna.ask("PUT", "/own/settings", {"policy": "open", "digest": "weekly"})
        self.assertEqual((settings["policy"], settings["digest"]), ("open", "weekly"))
        self.send(OFFER, to=("anna@example.org", "bert@example.org"))
        wait_for(lambda: self.mails("anna", OFFER), "her policy was not used")
        self.assertEqual(self.mails("bert", OFFER), [])
        self.assertEqual(anna.ask("PUT", "/own/settings", {"policy": "holding"})["policy"], "holding")
        for wrong in ({"policy": "strict"}, {"policy": "observe"}, {"digest": "monthly"}, {"other": 1}):
            self.assertEqual(anna.call("PUT", "/api/v1/own/settings", wrong)[0], 400, wrong)
        for wrong in ({"list": "block", "op": "add", "entry": "nonsense"}, {"list": "x", "op": "add", "entry": "a.example"},
                      {"list": "allow", "op": "add"}):
            self.assertEqual(anna.call("POST", "/api/v1/own/lists", wrong)[0], 400, wrong)

    def test_dangerous_mail_is_only_asked_for(self):
        self.start('[quarantine]\nask-only = ["keyword.offer"]\n')
        self.send(OFFER)
        anna = self.sign_in()
        item = self.held(anna)[0]
        self.assertFalse(item["can_release"])
        result = anna.ask("POST", "/own/actions", {"action": "release", "ids": [item["id"]]})["results"][0]
        self.assertFalse(result["ok"], result)
        result = anna.ask("POST", "/own/actions", {"action": "ask", "ids": [item["id"]]})["results"][0]
        self.assertTrue(result["ok"], result)
        self.assertEqual(self.held(anna)[0]["state"], "asked")
        self.assertEqual(self.mails("anna", OFFER), [])

    def test_delete_and_block(self):
        self.start()
        self.send(OFFER)
        anna = self.sign_in()
        item = self.held(anna)[0]
        result = anna.ask("POST", "/own/actions", {"action": "delete_and_block", "ids": [item["id"]]})["results"][0]
        self.assertEqual(result["changed"], 1, result)
        self.assertEqual(anna.ask("GET", "/own/settings")["block"], ["info@good.example"])
        self.assertEqual(self.held(anna), [])


class LettingIn(Recipients):
    def test_the_next_try_passes(self):
        self.start()
        self.assertEqual(self.send("PERHAPS")[:3], "451")
        self.assertEqual(self.send("PERHAPS", to=("bert@example.org",))[:3], "451")
        anna = self.sign_in()
        waiting = anna.ask("GET", "/own/waiting")["items"]
        self.assertEqual([(item["kind"], item["recipients"]) for item in waiting], [("greylist", ["anna@example.org"])])
        self.assertEqual(len(self.control.get("/waiting")["items"]), 2)
        result = anna.ask("POST", "/own/waiting/let-in", {"ids": [waiting[0]["id"]]})["results"][0]
        self.assertTrue(result["ok"], result)
        self.assertTrue(anna.ask("GET", "/own/waiting")["items"][0]["let_in"])
        self.assertEqual(self.send("PERHAPS", to=("bert@example.org",))[:3], "451", "another recipient")
        self.assertEqual(self.send("PERHAPS")[:3], "250")
        wait_for(lambda: self.mails("anna", "PERHAPS"), "it was not delivered")
        self.assertEqual(anna.ask("GET", "/own/waiting")["items"], [], "it came back")
        left = self.control.get("/waiting")["items"]
        self.assertEqual([(item["recipients"], item["tries"]) for item in left], [(["bert@example.org"], 2)])
        self.assertEqual(self.control.get("/audit?action=waiting.let-in")["entries"][0]["who"], "anna@example.org")


if __name__ == "__main__":
    unittest.main()
