# SPDX-License-Identifier: Apache-2.0
"""What the overview, the history's stories and the settings page say about a gateway that takes real mail."""
import json

from control import Control
from harness import Case, wait_for

VERDICTS = {"accept", "tag", "greylist", "quarantine", "reject", "disconnect", "defer", "abort"}


class Overview(Case):
    def start(self, more="", **keywords):
        settings = self.people("anna@example.org", "bert@example.org") + self.to_maildir(**keywords) + more
        self.server = self.gateway(settings)
        self.control = Control(self.server)

    def send(self, recipient="anna@example.org", sender="s@sender.example", subject="hello"):
        with self.server.client() as client:
            return client.mail(sender, [recipient], f"From: <{sender}>\r\nSubject: {subject}\r\n\r\nhello\r\n".encode())

    def test_verdicts_are_counted_in_minutes_and_after_a_restart(self):
        self.start()
        self.send()
        self.send()
        self.send("nobody@example.org")
        counted = lambda: self.control.get("/overview")["totals"]
        wait_for(lambda: counted()["accept"] == 2 and counted()["reject"] == 1, "not counted")
        for name, count, step in (("1h", 60, 60), ("24h", 96, 900), ("7d", 168, 3600)):
            overview = self.control.get(f"/overview?range={name}")
            self.assertEqual((overview["range"], overview["step"], len(overview["buckets"])), (name, step, count))
            self.assertEqual(set(overview["totals"]), VERDICTS)
            self.assertEqual(overview["totals"]["accept"], 2, name)
            self.assertEqual(sum(bucket["accept"] for bucket in overview["buckets"]), 2)
            self.assertEqual(sorted(b["time"] for b in overview["buckets"]), [b["time"] for b in overview["buckets"]])
        self.server.stop()
        self.server.start()
        self.assertEqual(counted()["accept"], 2)
        status, _, _ = self.control.call("GET", "/api/v1/overview?range=1y")
        self.assertEqual(status, 400)

    def test_events_come_at_once_and_when_something_changed(self):
        self.start()
        with self.control.events() as events:
            self.assertEqual(next(events)["totals"]["accept"], 0)
            self.send()
            for overview in events:
                if overview["totals"]["accept"] == 1:
                    break

    def test_a_record_tells_where_it_went_and_what_the_log_says(self):
        self.start()
        self.send(subject="story")
        record = wait_for(lambda: (self.control.get("/history?text=s@sender.example")["records"] or [None])[0], "none")
        entry = wait_for(lambda: (lambda e: e if e["deliveries"] else None)(self.control.get("/history/" + record["id"])),
                         "no delivery")
        self.assertEqual([(d["recipient"], d["outcome"]) for d in entry["deliveries"]],
                         [("anna@example.org", "delivered")])
        self.assertTrue(entry["log_complete"])
        events = [json.loads(line)["event"] for line in entry["log"]]
        self.assertIn("transaction", events)
        self.assertIsNone(entry["held"])
        self.server.stop()
        self.server.start()
        entry = self.control.get("/history/" + record["id"])
        self.assertFalse(entry["log_complete"], "what was logged before the start is only in the log")
        self.assertEqual(len(entry["deliveries"]), 1)

    def test_words_find_records(self):
        self.start()
        self.send(sender="alice@wonder.example")
        self.send("nobody@example.org", sender="bob@builder.example")
        found = lambda text: [r["sender"] for r in self.control.get("/history?text=" + text)["records"]]
        wait_for(lambda: found("wonder.example") == ["alice@wonder.example"], "not found")
        self.assertEqual(found("BUILD"), ["bob@builder.example"])
        self.assertEqual(found("nobody@example.org"), ["bob@builder.example"])
        self.assertEqual(found("nobody@example.org%20alice"), [])
        self.assertEqual(len(found("example")), 2)

    def test_settings_show_what_is_in_force_without_secrets(self):
        key = "abcdefghij0123456789klmnop"
        self.start(more=f'[checks.rspamd]\nserver = "http://127.0.0.1:9"\npassword = "hush-hush"\n[checks.dnsbl]\n'
                        f'lists = [{{ zone = "{key}.zen.dq.test", weight = 3, finding = "dnsbl.zen" }}]\n')
        self.send()
        shown = self.control.get("/settings")
        self.assertEqual(shown["file"], self.server.config)
        self.assertIn('hostname = "mx.test"', shown["toml"])
        self.assertNotIn("hush-hush", json.dumps(shown))
        self.assertNotIn(key, json.dumps(shown))
        names = [policy["name"] for policy in shown["policies"]]
        self.assertTrue({"lenient", "balanced", "strict"} <= set(names))
        self.assertEqual([d["name"] for d in shown["domains"]], ["example.org"])
        fired = lambda: {f["code"]: f["fired"] for c in self.control.get("/settings")["checks"] for f in c["findings"]}
        wait_for(lambda: fired().get("rdns.none", 0) + fired().get("spf.none", 0) > 0, "nothing fired")

    def test_destinations_say_why_their_mail_waits(self):
        sink = self.sink()
        port = sink.port
        sink.stop()
        self.server = self.gateway(self.people("anna@example.org") + self.domain(f"smtp://127.0.0.1:{port}") +
                                   '[outbound]\nconnect-timeout = "2s"\n')
        self.control = Control(self.server)
        self.send()
        waiting = lambda: [d for d in self.control.get("/queue/destinations")["destinations"] if d["last_reply"]]
        one = wait_for(waiting, "nothing waits")[0]
        self.assertEqual((one["destination"], one["queued"], one["held"]), ("example.org", 1, 0))
        self.assertGreater(one["bytes"], 20)
        self.assertIsNotNone(one["next"])
        self.assertEqual(self.control.get("/overview")["queue"]["queued"], 1)

    def test_health_knows_what_was_asked(self):
        self.start()
        self.send()
        health = {entry["name"]: entry["state"] for entry in self.control.get("/overview")["health"]}
        self.assertEqual(health["dns"], "ok")
        self.assertEqual(health["scanners"], "ok")
        self.assertIn(health["disk"], ("ok", "warning"))
        self.assertEqual(self.control.get("/doctor"), {"available": False, "results": []})
