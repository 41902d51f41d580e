# SPDX-License-Identifier: Apache-2.0
"""Who may look: set-up link, sessions, tokens, throttled sign-in, trusted proxies, TLS; a recipient's directory."""
import email
import email.policy
import http.client
import json
import os
import re
import sqlite3
import ssl
import subprocess

from directory_test import PEOPLE, Slapd
from harness import Case, binary, free_port, make_certificate, wait_for

PASSWORD = "correct horse battery"


class Browser:
    """Keeps its cookies, as a browser does, and sends the CSRF token that it was told."""

    def __init__(self, port, *, context=None, headers=None, host="127.0.0.1"):
        self.port, self.context, self.host = port, context, host
        self.headers = headers or {}
        self.cookies, self.csrf, self.answer = {}, "", None

    def ask(self, method, path, body=None, headers=None):
        """The status; `answer` holds the response, `json` its body."""
        if self.context:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=15, context=self.context)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=15)
        sent = {**self.headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.csrf and method != "GET":
            sent["X-CSRF-Token"] = self.csrf
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(body)
        sent.update(headers or {})
        try:
            connection.request(method, path, body, sent)
            self.answer = connection.getresponse()
            text = self.answer.read().decode()
        finally:
            connection.close()
        for line in self.answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        self.json = json.loads(text) if "json" in self.answer.headers.get("Content-Type", "") else None
        if self.json and "csrf" in self.json:
            self.csrf = self.json["csrf"]
        return self.answer.status

    def sign_in(self, name, password=PASSWORD, **keywords):
        return self.ask("POST", "/api/v1/session", {"name": name, "password": password}, **keywords)


class AccessCase(Case):
    def start(self, more="", **keywords):
        self.mx = self.gateway(self.people("anna@example.org") + self.to_maildir() + more, **keywords)
        return self.mx

    def browser(self, **keywords):
        return Browser(self.mx.web_port, **keywords)

    def user(self, *arguments, password=None, check=True):
        done = subprocess.run([binary(), "user", *arguments, "--config", self.mx.config],
                              input=None if password is None else password + "\n", capture_output=True, text=True,
                              timeout=30, check=False)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def add_user(self, name, role="admin"):
        self.user("add", name, "--role", role, "--password-stdin", password=PASSWORD)

    def setup_token(self):
        found = wait_for(lambda: re.findall(r"/setup#(\S+)", self.mx.log_text()), "no set-up link")
        return found[-1]


class SetUp(AccessCase):
    def test_the_printed_link_makes_the_first_account_once(self):
        self.start()
        token = self.setup_token()
        events = self.mx.log_lines("setup")
        self.assertEqual(events[0]["level"], "warning")
        self.assertNotIn(token, json.dumps(events), "the link is no line of the log proper")
        page = self.browser()
        self.assertEqual(page.ask("GET", "/api/v1/session"), 200)
        self.assertTrue(page.json["needs_setup"])
        body = {"token": token, "name": "Alice", "password": PASSWORD}
        self.assertEqual(page.ask("POST", "/api/v1/setup", {**body, "password": "short"}), 400)
        self.assertEqual(page.ask("POST", "/api/v1/setup", {**body, "token": "x"}), 410)
        self.assertEqual(page.ask("POST", "/api/v1/setup", body), 200)
        self.assertEqual(page.json["role"], "admin")
        self.assertEqual(page.ask("GET", "/api/v1/users"), 200)
        self.assertEqual(self.browser().ask("POST", "/api/v1/setup", {**body, "name": "eve"}), 410)
        self.assertIn("there is an account already", self.user("setup-link", check=False).stderr)
        self.mx.stop()
        self.mx.start()
        wait_for(lambda: len(self.mx.log_lines("started")) == 2, "not started again")
        self.assertEqual(len(re.findall(r"/setup#", self.mx.log_text())), 1, "no link where there is an account")

    def test_a_new_link_replaces_the_printed_one(self):
        self.start()
        first = self.setup_token()
        second = self.user("setup-link").stdout.strip().partition("#")[2]
        body = {"token": first, "name": "eve", "password": PASSWORD}
        self.assertEqual(self.browser().ask("POST", "/api/v1/setup", body), 410)
        self.assertEqual(self.browser().ask("POST", "/api/v1/setup", {**body, "token": second}), 200)


class Sessions(AccessCase):
    def test_signing_in_looking_and_out(self):
        self.start()
        self.add_user("alice")
        page = self.browser()
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 401)
        self.assertEqual(page.answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual(page.sign_in("alice", "wrong password"), 401)
        self.assertEqual(page.cookies, {})
        self.assertEqual(page.sign_in("alice"), 200)
        cookie = page.answer.headers["Set-Cookie"]
        for part in ("mailreeve=", "HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie)
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 200)
        for header, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
                              ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
                              ("Content-Security-Policy", "default-src 'none'")):
            self.assertEqual(page.answer.headers[header], value)
        self.assertEqual(page.ask("DELETE", "/api/v1/session"), 204)
        self.assertEqual(page.cookies, {})
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 401)
        self.assertNotIn(PASSWORD, self.mx.log_text())
        self.assertTrue(self.mx.log_lines("sign-in refused"))

    def test_a_session_outlives_a_restart_and_ends_when_it_is_old(self):
        self.start()
        self.add_user("alice")
        page, other = self.browser(), self.browser()
        self.assertEqual(page.sign_in("alice"), 200)
        self.assertEqual(other.sign_in("alice"), 200)
        self.mx.stop()
        self.age(f"UPDATE session SET seen = seen - {31 * 60_000}, created = created - {31 * 60_000} WHERE key = 1")
        self.mx.start()
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 401)
        self.assertEqual(other.ask("GET", "/api/v1/queue"), 200)
        self.mx.stop()
        self.age(f"UPDATE session SET created = created - {12 * 3600_000}")
        self.mx.start()
        self.assertEqual(other.ask("GET", "/api/v1/queue"), 401)

    def age(self, sql):
        with sqlite3.connect(os.path.join(self.mx.data_dir, "people.db")) as database:
            database.execute(sql)
        database.close()

    def test_a_used_session_gets_a_new_cookie(self):
        self.start()
        self.add_user("alice")
        page = self.browser()
        self.assertEqual(page.sign_in("alice"), 200)
        first = dict(page.cookies)
        self.mx.stop()
        self.age(f"UPDATE session SET rotated = rotated - {16 * 60_000}")
        self.mx.start()
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 200)
        self.assertNotEqual(page.cookies, first)
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 200)

    def test_changes_need_the_token_and_our_own_pages(self):
        self.start()
        self.add_user("alice")
        page = self.browser()
        self.assertEqual(page.sign_in("alice"), 200)
        origin = f"http://127.0.0.1:{self.mx.web_port}"
        self.assertEqual(page.ask("POST", "/api/v1/reload", headers={"Origin": origin}), 200)
        self.assertEqual(page.ask("POST", "/api/v1/reload", headers={"Origin": "https://evil.example"}), 403)
        self.assertEqual(page.ask("POST", "/api/v1/reload", headers={"Sec-Fetch-Site": "cross-site"}), 403)
        self.assertEqual(page.ask("POST", "/api/v1/reload", headers={"X-CSRF-Token": "x"}), 403)
        page.csrf = ""
        self.assertEqual(page.ask("POST", "/api/v1/reload"), 403)
        self.assertEqual(page.ask("DELETE", "/api/v1/session"), 403)
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 200)

    def test_guessing_waits(self):
        self.start('[web]\ntrusted-proxies = ["127.0.0.1"]\n')
        self.add_user("alice")
        guesser = self.browser(headers={"X-Forwarded-For": "198.51.100.1"})
        statuses = [guesser.sign_in("alice", "not the password") for _ in range(6)]
        self.assertEqual(statuses[:5], [401] * 5)
        # Hashing may take longer than the first wait on a busy machine: then the sixth was let in, and one after it is not.
        while guesser.answer.status != 429:
            guesser.sign_in("alice", "not the password")
        self.assertGreaterEqual(int(guesser.answer.headers["Retry-After"]), 1)
        self.assertEqual(self.browser(headers={"X-Forwarded-For": "198.51.100.2"}).sign_in("alice"), 200)

    def test_what_the_operator_changes_counts_at_once(self):
        self.start()
        self.add_user("alice")
        self.add_user("bob", "reviewer")
        page = self.browser()
        self.assertEqual(page.sign_in("bob"), 200)
        self.assertEqual(page.json["role"], "reviewer")
        self.assertEqual(page.ask("GET", "/api/v1/users"), 403)
        self.user("disable", "bob")
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 401)
        self.assertEqual(page.sign_in("bob"), 401)
        self.user("enable", "bob")
        self.user("passwd", "bob", "--password-stdin", password="quite another one")
        self.assertEqual(page.sign_in("bob"), 401)
        self.assertEqual(page.sign_in("bob", "quite another one"), 200)
        self.assertIn("last admin", self.user("remove", "alice", check=False).stderr)

    def test_a_token_calls_the_api(self):
        self.start()
        self.add_user("alice")
        made = self.mx.command("token", "add", "ci", "--owner", "alice", "--scope", "queue.read", "--expires", "1d",
                               "--config", self.mx.config)
        program = self.browser(headers={"Authorization": "Bearer " + made.stdout.strip()})
        self.assertEqual(program.ask("GET", "/api/v1/queue"), 200)
        self.assertEqual(program.ask("POST", "/api/v1/queue/retry"), 403)
        listed = json.loads(self.mx.command("token", "list", "--json", "--config", self.mx.config).stdout)["tokens"]
        self.assertIsNotNone(listed[0]["last_used"])
        self.mx.command("token", "revoke", listed[0]["id"], "--config", self.mx.config)
        self.assertEqual(program.ask("GET", "/api/v1/queue"), 401)


class Ways(AccessCase):
    def test_a_proxys_word_counts_only_when_it_is_trusted(self):
        self.start()
        self.add_user("alice")
        self.assertEqual(self.mx.get("/metrics")[0], 200)
        page = self.browser(headers={"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"})
        self.assertEqual(page.ask("GET", "/metrics"), 401)
        self.assertEqual(page.sign_in("alice"), 200)
        self.assertIn("mailreeve", page.cookies)
        self.assertEqual(self.signed_in_from(page), "127.0.0.1")
        self.mx.write_settings(self.mx.settings + '[web]\nurl = "https://mail.example.org"\n'
                               'trusted-proxies = ["127.0.0.1"]\n')
        self.mx.command("reload", "--config", self.mx.config)
        page = self.browser(headers={"X-Forwarded-For": "1.2.3.4, 198.51.100.7", "X-Forwarded-Proto": "https",
                                     "Origin": "https://mail.example.org"})
        self.assertEqual(page.sign_in("alice"), 200)
        self.assertIn("__Host-mailreeve", page.cookies)
        self.assertIn("; Secure", page.answer.headers["Set-Cookie"])
        self.assertIn("max-age=", page.answer.headers["Strict-Transport-Security"])
        self.assertEqual(self.signed_in_from(page), "198.51.100.7")

    def signed_in_from(self, page):
        self.assertEqual(page.ask("GET", "/api/v1/audit?action=session.sign-in&limit=1"), 200)
        return page.json["entries"][0]["from"]

    def test_the_pages_come_over_tls(self):
        certificate, key = make_certificate(self.directory)
        port = free_port()
        self.start(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n[[listener]]\nrole = "web"\n'
                   f'address = "127.0.0.1:{port}"\ntls = "implicit"\n')
        self.add_user("alice")
        context = ssl.create_default_context(cafile=certificate)
        context.check_hostname = False
        page = Browser(port, context=context)
        self.assertEqual(page.sign_in("alice"), 200)
        self.assertIn("__Host-mailreeve", page.cookies)
        self.assertIn("max-age=", page.answer.headers["Strict-Transport-Security"])
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 200)
        self.assertEqual(page.ask("POST", "/api/v1/reload", headers={"Origin": f"https://127.0.0.1:{port}"}), 200)
        plain = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        with self.assertRaises((http.client.HTTPException, OSError)):
            plain.request("GET", "/healthz")
            plain.getresponse()
        plain.close()

    def test_accounts_are_kept_without_a_running_gateway_too(self):
        self.start()
        self.mx.stop()
        self.add_user("alice")
        self.assertIn("alice", self.user("list").stdout)
        self.mx.start()
        self.assertEqual(self.browser().sign_in("alice"), 200)


class Recipients(AccessCase):
    def test_recipients_sign_in_by_a_mailed_link_that_works_once(self):
        self.start('[web]\nurl = "https://mail.example.org"\n')
        self.add_user("alice")
        page = self.browser()
        self.assertEqual(page.ask("GET", "/api/v1/session"), 200)
        self.assertTrue(page.json["sign_in"]["link"])
        for address in ("nobody@example.org", "anna@elsewhere.example", "rubbish"):
            self.assertEqual(page.ask("POST", "/api/v1/session/link", {"address": address}), 202)
        self.assertEqual(page.ask("POST", "/api/v1/session/link", {"address": "Anna+x@example.org"}), 202)
        mails = wait_for(lambda: self.maildir("anna"), "the link does not arrive")
        self.assertEqual(len(mails), 1)
        text = email.message_from_bytes(mails[0], policy=email.policy.default).get_body(("plain",)).get_content()
        token = re.search(r"https://mail\.example\.org/sign-in#(\S+)", text).group(1)
        self.assertNotIn(token, self.mx.log_text())
        self.assertEqual(page.ask("POST", "/api/v1/session/token", {"token": token[:-1]}), 410)
        self.assertEqual(page.ask("POST", "/api/v1/session/token", {"token": token}), 200)
        self.assertEqual((page.json["kind"], page.json["name"]), ("recipient", "anna@example.org"))
        self.assertEqual(page.ask("GET", "/api/v1/own/settings"), 200)
        self.assertEqual(page.ask("GET", "/api/v1/history"), 403)
        self.assertEqual(self.browser().ask("POST", "/api/v1/session/token", {"token": token}), 410)

    def test_recipients_sign_in_against_their_directory(self):
        if not os.path.exists("/usr/sbin/slapd"):
            self.skipTest("slapd is not installed")
        people = PEOPLE.replace("mail: anna@example.org\n", "mail: anna@example.org\nuserPassword: annas own secret\n")
        slapd = Slapd(self.directory, people).start()
        self.addCleanup(slapd.stop)
        secret = os.path.join(self.directory, "ldap.secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("secret")
        directory = (f'[recipients.directory]\nkind = "ldap"\nurl = "ldap://127.0.0.1:{slapd.port}"\n'
                     f'base = "ou=people,dc=example,dc=org"\nfilter = "(mail={{address}})"\n'
                     f'bind-dn = "cn=reader,dc=example,dc=org"\nbind-password-file = "{secret}"\n')
        self.mx = self.gateway(directory + self.to_maildir(recipients="directory"))
        self.add_user("alice")
        page = self.browser()
        self.assertEqual(page.ask("GET", "/api/v1/session"), 200)
        self.assertTrue(page.json["sign_in"]["directory"])
        for name, password in (("anna@example.org", "wrong"), ("anna@example.org", ""), ("anna@example.org", "secret"),
                               ("nobody@example.org", "annas own secret"), ("*@example.org", "annas own secret"),
                               ("anna@elsewhere.example", "annas own secret")):
            self.assertEqual(page.sign_in(name, password, headers={}), 401, (name, password))
            self.assertEqual(page.cookies, {})
        self.assertEqual(page.sign_in("Anna+tag@Example.org", "annas own secret"), 200)
        self.assertEqual((page.json["kind"], page.json["name"], page.json["scopes"]),
                         ("recipient", "anna@example.org", ["own"]))
        self.assertEqual(page.ask("GET", "/api/v1/queue"), 403)
        self.assertEqual(page.ask("GET", "/api/v1/own/settings"), 200)
        slapd.stop()
        self.assertEqual(self.browser().sign_in("anna@example.org", "annas own secret"), 503, "nobody can say")
        self.assertEqual(page.ask("GET", "/api/v1/own/settings"), 200, "who is in stays in")
