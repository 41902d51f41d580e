# SPDX-License-Identifier: Apache-2.0
"""The server's side of SMTP over a real socket: order, limits, silence, TLS, PROXY. Replies are RFC 5321's."""
import hashlib
import socket
import ssl
import struct
import unittest

from harness import Case, Client, free_port, make_certificate, split_trace, wait_for

MESSAGE = b"Subject: x\r\n\r\nx\r\n"


class Protocol(Case):
    def start(self, more="", **keywords):
        self.inside = self.sink()
        return self.gateway(self.domain(f"smtp://127.0.0.1:{self.inside.port}", recipients="any") + more, **keywords)

    def test_a_pipelined_session_in_one_packet_or_octet_by_octet(self):
        server = self.start()
        before = (b"EHLO client.test\r\nMAIL FROM:<a@example.com> SIZE=20 BODY=8BITMIME\r\n"
                  b"RCPT TO:<one@example.org>\r\nRCPT TO:<two@elsewhere.example>\r\nDATA\r\n")
        after = MESSAGE + b".\r\nNOOP\r\nVRFY x\r\nEXPN x\r\nHELP\r\nRSET\r\nQUIT\r\n"
        for size in (1000, 1, 7, 61):
            with server.client() as client:
                for part, codes in ((before, ["250", "250", "250", "550", "354"]),
                                    (after, ["250", "250", "252", "502", "214", "250", "221"])):
                    for i in range(0, len(part), size):
                        client.send(part[i:i + size])
                    self.assertEqual([client.reply()[:3] for _ in codes], codes, f"in pieces of {size}")
                self.assertTrue(client.closed())
        self.assertEqual(len(self.inside.wait(4)), 4)

    def test_a_message_that_does_not_wait_for_354_is_refused(self):
        server = self.start()
        with server.client() as client:
            client.ask("EHLO client.test")
            client.send(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<r@example.org>\r\nDATA\r\n" + MESSAGE + b".\r\n")
            said = client.rest()
        self.assertNotIn("354", said)
        self.assertIn("554 5.5.0", said)
        self.assertEqual(self.inside.messages, [])

    def test_wrong_order_and_unknown_commands(self):
        server = self.start()
        with server.client() as client:
            self.assertTrue(client.ask("MAIL FROM:<a@example.com>").startswith("503"))
            client.ask("EHLO client.test")
            self.assertTrue(client.ask("RCPT TO:<one@example.org>").startswith("503"))
            self.assertTrue(client.ask("DATA").startswith("503"))
            self.assertTrue(client.ask("BLAH").startswith("500"))
            self.assertTrue(client.ask("STARTTLS")[:1] in "45")
            self.assertTrue(client.ask("MAIL FROM:<a@example.com>").startswith("250"))
            self.assertTrue(client.ask("MAIL FROM:<a@example.com>").startswith("503"))
            self.assertTrue(client.ask("MAIL FROM:a b c")[:1] == "5")
            self.assertTrue(client.ask("RCPT TO:<one@example.org>").startswith("250"))
            self.assertTrue(client.data(MESSAGE).startswith("250"))

    def test_chunks_by_bdat(self):
        server = self.start()
        body = b"Subject: chunks\r\n\r\n" + b".\r\n" * 100 + b"end\r\n"
        with server.client() as client:
            client.envelope("a@example.com", ["one@example.org"])
            for i in range(0, len(body), 37):
                chunk = body[i:i + 37]
                client.send(b"BDAT %d\r\n" % len(chunk) + chunk)
                self.assertTrue(client.reply().startswith("250"))
            self.assertTrue(client.ask("BDAT 0 LAST").startswith("250"))
            # and pipelined
            client.send(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<one@example.org>\r\nBDAT 3\r\nAB:" + b"BDAT 9 LAST\r\n"
                        b" c\r\n\r\nd\r\nQUIT\r\n")
            self.assertEqual([client.reply()[:3] for _ in range(5)], ["250", "250", "250", "250", "221"])
        messages = self.inside.wait(2)
        self.assertEqual(split_trace(messages[0]["body"])[1], body)
        self.assertEqual(split_trace(messages[1]["body"])[1], b"AB: c\r\n\r\nd\r\n")

    def test_an_overlong_line_is_refused_and_the_session_goes_on(self):
        server = self.start()
        with server.client() as client:
            client.ask("EHLO client.test")
            self.assertTrue(client.ask("NOOP " + "x" * 5000).startswith("500"))
            self.assertTrue(client.ask("NOOP").startswith("250"))

    def test_too_many_errors_end_the_session(self):
        server = self.start("[limits]\nerrors = 5\n")
        with server.client() as client:
            client.ask("EHLO client.test")
            client.send(b"BLAH\r\n" * 10)
            answers = client.rest().splitlines()
        self.assertEqual([answer[:3] for answer in answers[:5]], ["500"] * 5)
        self.assertTrue(answers[-1].startswith("421 4.7.0"), answers)
        self.assertLessEqual(len(answers), 7)

    def test_too_many_commands_without_mail_end_the_session(self):
        server = self.start("[limits]\nidle-commands = 10\n")
        with server.client() as client:
            client.ask("EHLO client.test")
            for _ in range(11):
                answer = client.ask("NOOP")
                if answer.startswith("421"):
                    break
            self.assertTrue(answer.startswith("421"), answer)

    def test_silence_ends_the_session_with_421(self):
        server = self.start('[limits]\ncommand-timeout = "1s"\ndata-timeout = "1s"\n')
        with server.client() as idle, server.client() as half:
            half.envelope("a@example.com", ["one@example.org"])
            half.ask("DATA")
            half.send(b"Subject: never ends\r\n")
            for client in (idle, half):
                self.assertTrue(client.reply().startswith("421"))
                self.assertTrue(client.closed())
        self.assertEqual(self.inside.messages, [])

    def test_too_many_connections_of_one_address(self):
        server = self.start("[limits]\nconnections-per-address = 3\n")
        # the probe that waited for the greeting may still be on its way out
        wait_for(lambda: "mailreeve_sessions 0" in server.get("/metrics")[1], "no open session")
        clients = [server.client() for _ in range(5)]
        self.assertEqual([client.greeting[:3] for client in clients], ["220"] * 3 + ["421"] * 2)
        with server.client(source="127.0.0.2") as other:
            self.assertTrue(other.greeting.startswith("220"))
        for client in clients:
            client.socket.close()
        wait_for(lambda: server.client().greeting.startswith("220"), "room again")

    def test_size_limits(self):
        server = self.start('[limits]\nmessage-size = "64KiB"\nrecipients = 3\n')
        with server.client() as client:
            client.ask("EHLO client.test")
            self.assertTrue(client.ask("MAIL FROM:<a@example.com> SIZE=70000").startswith("552"))
            answers = client.envelope("a@example.com", [f"r{i}@example.org" for i in range(4)], hello=None)
            self.assertTrue(answers[3].startswith("250"), answers)
            self.assertTrue(answers[4].startswith("452"), answers)
            self.assertTrue(client.data(b"x" * 70 + b"\r\n" * 40000).startswith("552"))
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE, hello=None).startswith("250"))
        self.assertEqual(len(self.inside.wait(1)), 1)

    def test_utf8_addresses(self):
        server = self.start()
        with server.client() as client:
            answer = client.mail("jürgen@example.com", ["märchen@example.org"], "Subject: grün\r\n\r\nx\r\n".encode(),
                                 parameters=" SMTPUTF8")
            self.assertTrue(answer.startswith("250"), answer)
            client.ask("RSET")
            self.assertTrue(client.ask("MAIL FROM:<jürgen@example.com>")[:1] == "5")
        [message] = self.inside.wait(1)
        self.assertEqual((message["sender"], message["recipients"]), ("jürgen@example.com", ["märchen@example.org"]))
        self.assertIn("UTF8SMTP", split_trace(message["body"])[0])

    def test_messages_arrive_octet_by_octet(self):
        server = self.start()
        messages = [b"", b"\r\n", b".\r\n", b"..\r\n.\r\n...\r\n", MESSAGE, b"X: " + b"y" * 990 + b"\r\n\r\n",
                    b"Subject: 8\r\n\r\n" + bytes(c for c in range(1, 256) if c not in (10, 13)) + b"\r\n",
                    b"Subject: big\r\n\r\n" + b"".join(b".%d" % i + b"z" * 60 + b"\r\n" for i in range(80000))]
        sent = set()
        with server.client() as client:
            client.ask("EHLO client.test")
            for number, message in enumerate(messages):
                answer = client.mail(f"m{number}@example.com", ["one@example.org"], message, hello=None)
                self.assertTrue(answer.startswith("250"), (number, answer))
                sent.add((f"m{number}@example.com", hashlib.sha256(message).hexdigest()))
        got = {(m["sender"], hashlib.sha256(split_trace(m["body"])[1]).hexdigest())
               for m in self.inside.wait(len(messages))}
        self.assertEqual(got, sent)

    def test_loops_are_broken(self):
        server = self.start()
        with server.client() as client:
            client.ask("EHLO client.test")
            hop = b"Received: from a.test by b.test; Sat, 21 Nov 2026 00:00:00 +0000\r\n"
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], hop * 101 + MESSAGE, hello=None)
                            .startswith("554 5.4.6"))
            own = b"Received: from a.test by mx.test; Sat, 21 Nov 2026 00:00:00 +0000\r\n"
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], own * 10 + MESSAGE, hello=None)
                            .startswith("554 5.4.6"))
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], hop * 20 + MESSAGE, hello=None)
                            .startswith("250"))

    def test_a_client_that_vanishes_leaves_nothing(self):
        server = self.start()
        for _ in range(20):
            with server.client() as client:
                client.envelope("a@example.com", ["r@example.org"])
                client.ask("DATA")
                client.send(b"Subject: half\r\n\r\nx")
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wait_for(lambda: "mailreeve_sessions 0" in server.get("/metrics")[1], "sessions gone")
        self.assertEqual(self.inside.messages, [])
        self.assertEqual(server.queue_list(), [])


class Tls(Case):
    def start(self, **keywords):
        certificate, key = make_certificate(self.directory)
        self.inside = self.sink()
        return self.gateway(self.domain(f"smtp://127.0.0.1:{self.inside.port}", recipients="any") +
                            f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n', **keywords)

    def test_nothing_sent_in_clear_survives_starttls(self):
        server = self.start()
        with server.client() as client:
            client.ask("EHLO in-clear.test")
            client.ask("MAIL FROM:<clear@example.com>")
            client.start_tls()
            self.assertTrue(client.ask("RCPT TO:<r@example.org>").startswith("503"))
            self.assertTrue(client.ask("MAIL FROM:<a@example.com>").startswith("503"))
            hello = client.ask("EHLO client.test")
            self.assertNotIn("STARTTLS", hello)
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE, hello=None).startswith("250"))
        trace, _ = split_trace(self.inside.wait(1)[0]["body"])
        self.assertIn("ESMTPS", trace)
        self.assertNotIn("in-clear", trace)

    def test_commands_injected_behind_starttls_are_not_run(self):
        server = self.start()
        for injected in (b"NOOP\r\n", b"MAIL FROM:<evil@example.com>\r\nRCPT TO:<r@example.org>\r\n", b"EHLO evil\r\n"):
            with server.client() as client:
                client.ask("EHLO client.test")
                client.send(b"STARTTLS\r\n" + injected)
                try:
                    answer = client.reply()
                except ConnectionError:
                    continue  # no TLS, and the session is over: nothing was run
                if answer.startswith("220"):
                    try:
                        context = ssl.create_default_context()
                        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                        client.socket = context.wrap_socket(client.socket)
                    except (ssl.SSLError, OSError):
                        continue  # the clear text broke the handshake: fine
                    client.buffer = b""
                    self.assertTrue(client.ask("EHLO client.test").startswith("250"))
                    self.assertTrue(client.ask("RCPT TO:<r@example.org>").startswith("503"))
                else:
                    self.assertIn(answer[:1], "45")
        self.assertEqual(self.inside.messages, [])

    def test_required_and_implicit_tls(self):
        implicit, required = free_port(), free_port()
        self.start(extra=f'[[listener]]\nrole = "mx"\naddress = "127.0.0.1:{implicit}"\ntls = "implicit"\n'
                         f'[[listener]]\nrole = "mx"\naddress = "127.0.0.1:{required}"\ntls = "required"\n')
        with Client(required) as client:
            client.ask("EHLO client.test")
            self.assertTrue(client.ask("MAIL FROM:<a@example.com>").startswith("530"))
            client.start_tls()
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE).startswith("250"))
        with Client(implicit, greet=False) as client:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            client.socket = context.wrap_socket(client.socket)
            self.assertTrue(client.reply().startswith("220"))
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE).startswith("250"))

    def test_a_broken_handshake_harms_nobody(self):
        server = self.start()
        with server.client() as client:
            client.ask("EHLO client.test")
            client.ask("STARTTLS")
            client.send(b"this is no handshake\r\n" * 10)
            client.rest()
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE).startswith("250"))


class Proxy(Case):
    def start(self, trusted):
        self.inside = self.sink()
        return self.gateway(self.domain(f"smtp://127.0.0.1:{self.inside.port}", recipients="any"),
                            listener=f'proxy-protocol = ["{trusted}"]')

    def logged_client(self, server):
        return wait_for(lambda: server.log_lines("transaction"), "a transaction")[-1]["client"]

    def test_version_1_from_a_trusted_balancer(self):
        server = self.start("127.0.0.1")
        with server.client(greet=False) as client:
            client.send(b"PROXY TCP4 203.0.113.9 127.0.0.1 4711 25\r\n")
            self.assertTrue(client.reply().startswith("220"))
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE).startswith("250"))
        self.assertEqual(self.logged_client(server), "203.0.113.9")
        self.assertIn("203.0.113.9", split_trace(self.inside.wait(1)[0]["body"])[0])

    def test_version_2_in_pieces(self):
        server = self.start("127.0.0.1")
        header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + socket.inet_aton("203.0.113.10") + socket.inet_aton(
            "127.0.0.1") + struct.pack("!HH", 4711, 25)
        with server.client(greet=False) as client:
            for octet in header:
                client.send(bytes([octet]))
            self.assertTrue(client.reply().startswith("220"))
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE).startswith("250"))
        self.assertEqual(self.logged_client(server), "203.0.113.10")

    def test_a_stranger_s_header_is_not_believed(self):
        server = self.start("127.0.0.77")
        with server.client(greet=False) as client:
            client.send(b"PROXY TCP4 203.0.113.9 127.0.0.1 4711 25\r\n")
            self.assertTrue(client.reply().startswith("220"))
            self.assertTrue(client.reply().startswith("500"))
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE).startswith("250"))
        self.assertEqual(self.logged_client(server), "127.0.0.1")

    def test_a_balancer_without_a_header_is_turned_away(self):
        server = self.start("127.0.0.1")
        with server.client(greet=False) as client:
            client.send(b"EHLO client.test\r\n")
            self.assertNotIn("250", client.rest())


if __name__ == "__main__":
    unittest.main()
