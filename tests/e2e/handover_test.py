# SPDX-License-Identifier: Apache-2.0
"""Giving mail to the internal server: while the sender waits, or by the queue; and what the operator can do there."""
import os
import subprocess
import unittest

from harness import Case, read_maildir, split_trace, wait_for

MESSAGE = b"Subject: x\r\n\r\nx\r\n"
QUICK = '[outbound]\nretry = ["1s"]\nconnect-timeout = "2s"\n'


class BeforeAccept(Case):
    def start(self, deliver, more=QUICK, **keywords):
        return self.gateway(self.domain(deliver, recipients="any") + more, **keywords)

    def test_dovecot_s_answer_for_each_recipient_by_lmtp(self):
        dovecot = self.dovecot(["known@example.org", "second@example.org"])
        for deliver in (f"lmtp://127.0.0.1:{dovecot.port}", f"lmtp+unix://{dovecot.socket}"):
            with self.subTest(deliver):
                server = self.start(deliver)
                with server.client() as client:
                    answer = client.mail("a@example.com", ["known@example.org"], MESSAGE)
                    self.assertTrue(answer.startswith("250"), answer)
                    answer = client.mail("a@example.com", ["unknown@example.org"], MESSAGE, hello=None)
                    self.assertTrue(answer.startswith("550 5.1.1"), answer)
                    answer = client.mail("a@example.com", ["unknown@example.org", "second@example.org"], MESSAGE,
                                         hello=None)
                    self.assertTrue(answer.startswith("250"), answer)  # one has it; the other's refusal is kept
                line = server.log_lines("transaction")[-1]
                self.assertIn("unknown@example.org: refused 550 5.1.1", " ".join(line["handover"]))
                self.assertEqual(server.states(), [("unknown@example.org", "refused")])
                server.queue("drop", server.queue_list()[0]["id"])
                server.stop()
        self.assertEqual(len(dovecot.delivered("known")), 2)
        self.assertEqual(len(dovecot.delivered("second")), 2)

    def test_postfix_takes_it_and_its_refusal_reaches_the_sender(self):
        postfix = self.postfix()
        server = self.start(f"smtp://127.0.0.1:{postfix.port}")
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["taken@example.org"], MESSAGE).startswith("250"))
            answer = client.mail("a@example.com", ["refused@example.org"], MESSAGE, hello=None)
            self.assertTrue(answer.startswith("554 5.7.1"), answer)
            self.assertIn("not this one", answer)
        wait_for(lambda: postfix.delivered("taken"), "the message in Postfix's Maildir")
        self.assertEqual(server.queue_list(), [])

    def test_a_4xx_of_postfix_queues_the_message(self):
        postfix = self.postfix()
        server = self.start(f"smtp://127.0.0.1:{postfix.port}")
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["later@example.org"], MESSAGE).startswith("250"))
        self.assertEqual(server.states(), [("later@example.org", "queued")])

    def test_refusals_at_every_step_reach_the_sender(self):
        for step in ("mail", "rcpt", "data", "dot"):
            with self.subTest(step):
                sink = self.sink(answers={step: "550 5.7.99 the inside says no at " + step})
                server = self.start(f"smtp://127.0.0.1:{sink.port}")
                with server.client() as client:
                    answer = client.mail("a@example.com", ["r@example.org"], MESSAGE)
                    self.assertTrue(answer.startswith("550 5.7.99"), answer)
                    self.assertIn("the inside says no", answer)
                self.assertEqual(server.queue_list(), [])
                server.stop()

    def test_trouble_at_every_step_queues_and_comes_through_later(self):
        for step, answer in (("connect", "drop"), ("connect", "421 4.3.2 busy"), ("mail", "451 4.3.0 later"),
                             ("rcpt", "450 4.2.1 later"), ("data", "451 4.3.0 later"), ("dot", "452 4.3.1 full"),
                             ("dot", "drop"), ("mail", "drop")):
            with self.subTest(f"{step}: {answer}"):
                sink = self.sink(answers={step: answer})
                server = self.start(f"smtp://127.0.0.1:{sink.port}")
                with server.client() as client:
                    said = client.mail("a@example.com", ["r@example.org"], MESSAGE)
                    self.assertTrue(said.startswith("250"), said)
                self.assertEqual(server.states(), [("r@example.org", "queued")])
                sink.answers = {}
                sink.wait(1)
                wait_for(lambda: server.queue_list() == [], "an empty queue")
                self.assertEqual(split_trace(sink.messages[0]["body"])[1], MESSAGE)
                self.assertEqual(len(sink.messages), 1)
                server.stop()

    def test_an_internal_server_that_is_down_costs_time_not_mail(self):
        sink = self.sink()
        sink.stop()
        server = self.start(f"smtp://127.0.0.1:{sink.port}")
        with server.client() as client:
            client.ask("EHLO client.test")
            for number in range(20):
                answer = client.mail(f"m{number}@example.com", ["r@example.org"], MESSAGE, hello=None)
                self.assertTrue(answer.startswith("250"), answer)
        self.assertEqual(len(server.queue_list()), 20)
        sink.start()
        sink.wait(20)
        wait_for(lambda: server.queue_list() == [], "an empty queue")
        self.assertEqual(sorted(m["sender"] for m in sink.messages), sorted(f"m{n}@example.com" for n in range(20)))

    def test_connections_to_the_inside_are_reused(self):
        sink = self.sink()
        server = self.start(f"smtp://127.0.0.1:{sink.port}")
        with server.client() as client:
            client.ask("EHLO client.test")
            for _ in range(50):
                self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE, hello=None).startswith("250"))
        self.assertEqual(len(sink.messages), 50)
        self.assertLessEqual(sink.connections, 2)

    def test_a_reused_connection_that_died_is_no_trouble(self):
        sink = self.sink()
        server = self.start(f"smtp://127.0.0.1:{sink.port}")
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE).startswith("250"))
            sink.stop()
            sink.start()
            self.assertTrue(client.mail("a@example.com", ["r@example.org"], MESSAGE, hello=None).startswith("250"))
        sink.wait(2)
        self.assertEqual(len(sink.messages), 2)

    def test_two_domains_one_down(self):
        up, down = self.sink(), self.sink()
        down.stop()
        server = self.gateway(self.domain(f"smtp://127.0.0.1:{up.port}", recipients="any") +
                              self.domain(f"smtp://127.0.0.1:{down.port}", name="example.net", recipients="any") + QUICK)
        with server.client() as client:
            answer = client.mail("a@example.com", ["x@example.org", "y@example.net"], MESSAGE)
            self.assertTrue(answer.startswith("250"), answer)
        self.assertEqual(len(up.wait(1)), 1)
        self.assertEqual(server.states(), [("y@example.net", "queued")])
        down.start()
        down.wait(1)
        wait_for(lambda: server.queue_list() == [], "an empty queue")
        self.assertEqual(len(up.messages), 1)


class Queue(Case):
    def start(self, sink, more=QUICK):
        return self.gateway(self.domain(f"smtp://127.0.0.1:{sink.port}", recipients="any",
                                        more='handover = "queue"') + more)

    def test_smtp_source_and_smtp_sink(self):
        if not os.path.exists("/usr/sbin/smtp-source"):
            self.skipTest("Postfix's smtp-source is not installed")
        sink = self.sink()
        server = self.start(sink)
        done = subprocess.run(["/usr/sbin/smtp-source", "-s", "10", "-m", "200", "-l", "4096", "-f", "a@example.com", "-t",
                               "r@example.org", f"inet:127.0.0.1:{server.port}"], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        sink.wait(200)
        wait_for(lambda: server.queue_list() == [], "an empty queue")
        self.assertEqual(len(sink.messages), 200)

    def test_refused_for_good_is_kept_and_nothing_goes_to_the_sender(self):
        sink = self.sink(answers={"dot": "550 5.7.1 never"})
        server = self.start(sink)
        with server.client() as client:
            self.assertTrue(client.mail("r@example.org", ["x@example.org"], MESSAGE).startswith("250"))
        wait_for(lambda: server.states() == [("x@example.org", "refused")], "the refusal")
        [message] = server.queue_list()
        self.assertIn("550 5.7.1 never", message["recipients"][0]["reply"])
        self.assertEqual(sink.messages, [])  # the sender is one of our own domain: a bounce would have come here
        # once the inside has been mended, the operator tries it again
        sink.answers = {}
        server.queue("retry", message["id"])
        sink.wait(1)
        wait_for(lambda: server.queue_list() == [], "an empty queue")

    def test_hold_show_release_retry_drop(self):
        sink = self.sink()
        sink.stop()
        server = self.start(sink, '[outbound]\nretry = ["1h"]\nconnect-timeout = "2s"\n')
        with server.client() as client:
            client.ask("EHLO client.test")
            for name in ("held", "dropped", "retried"):
                client.mail(f"{name}@example.com", ["r@example.org"], MESSAGE, hello=None)
        ids = {m["sender"].split("@")[0]: m["id"] for m in server.queue_list()}
        self.assertEqual(sorted(ids), ["dropped", "held", "retried"])
        wait_for(lambda: all(r["attempts"] >= 1 and not r["owner"] for m in server.queue_list()
                             for r in m["recipients"]), "the first attempts")
        server.queue("hold", ids["held"])
        server.queue("drop", ids["dropped"])
        self.assertEqual(server.states(), [("r@example.org", "held"), ("r@example.org", "queued")])
        shown = server.queue("show", ids["held"]).stdout
        self.assertIn("held@example.com", shown)
        self.assertIn("held", shown)
        sink.start()
        server.queue("retry", ids["retried"])
        sink.wait(1)
        self.assertEqual(sink.messages[0]["sender"], "retried@example.com")
        wait_for(lambda: server.states() == [("r@example.org", "held")], "one left")
        server.queue("release", ids["held"])
        sink.wait(2)
        wait_for(lambda: server.queue_list() == [], "an empty queue")
        self.assertNotEqual(server.queue("show", ids["dropped"], check=False).returncode, 0)

    def test_a_restart_picks_the_queue_up(self):
        sink = self.sink()
        sink.stop()
        server = self.start(sink)
        with server.client() as client:
            client.ask("EHLO client.test")
            for number in range(10):
                client.mail(f"m{number}@example.com", ["r@example.org"], MESSAGE, hello=None)
        server.stop()
        sink.start()
        server.start()
        sink.wait(10)
        wait_for(lambda: server.queue_list() == [], "an empty queue")
        self.assertEqual(len(sink.messages), 10)

    def test_maildir_from_the_queue(self):
        server = self.gateway(self.to_maildir(recipients="any", more='handover = "queue"'))
        with server.client() as client:
            self.assertTrue(client.mail("a@example.com", ["one@example.org"], MESSAGE).startswith("250"))
        wait_for(lambda: self.maildir("one"), "the message")
        wait_for(lambda: server.queue_list() == [], "an empty queue")
        self.assertEqual(len(read_maildir(os.path.join(self.directory, "mail", "example.org", "one"))), 1)


if __name__ == "__main__":
    unittest.main()
