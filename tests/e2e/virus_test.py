# SPDX-License-Identifier: Apache-2.0
"""Anti-virus: a real clamd with a small signature database of its own, and engines that are down, slow or lie."""
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import threading

from content_case import EICAR, ContentCase, mixed, part, zipped
from harness import free_port, wait_for


class RealClamd(ContentCase):
    def setUp(self):
        super().setUp()
        if shutil.which("clamd") is None and not os.path.exists("/usr/sbin/clamd"):
            self.skipTest("clamd is not installed")
        database = os.path.join(self.directory, "signatures")
        os.mkdir(database)
        with open(os.path.join(database, "test.ndb"), "w", encoding="ascii") as file:
            file.write(f"Test.Eicar:0:*:{EICAR.hex()}\n")
        self.socket = os.path.join(self.directory, "clamd.ctl")
        config = os.path.join(self.directory, "clamd.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"LocalSocket {self.socket}\nDatabaseDirectory {database}\nForeground yes\nStreamMaxLength 1M\n"
                       "OfficialDatabaseOnly no\nConcurrentDatabaseReload no\n")
        os.chmod(self.directory, 0o755)
        self.clamd_command = ["/usr/sbin/clamd", "-c", config]
        self.run_clamd()

    def run_clamd(self):
        self.clamd = subprocess.Popen(self.clamd_command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.clamd.wait)
        self.addCleanup(self.clamd.kill)

        def is_up():
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(self.socket)
                    probe.sendall(b"zPING\0")
                    return probe.recv(10).startswith(b"PONG")
            except OSError:
                return False
        wait_for(is_up, "clamd", 60)

    def test_what_it_knows_is_refused_wherever_it_is(self):
        self.start(f'[checks.virus]\nclamd = "unix:{self.socket}"\n', '[policy.test.action]\n"virus.found" = "reject"\n')
        for name, message in {"attached": mixed(part(EICAR, "a.txt", "text/plain")),
                              "in the text": mixed(text=EICAR.decode()),
                              "in a zip in a zip": mixed(part(zipped(("b.zip", zipped(("e.txt", EICAR)))), "a.zip"))}.items():
            with self.subTest(name):
                self.assertRegex(self.send(message), r"^550 5\.7\.1 virus\.found: Test\.Eicar\.UNOFFICIAL; reference ")
        self.assertTrue(self.send(mixed(part(b"harmless", "a.txt"))).startswith("250"))

    def test_a_file_is_scanned_with_it_too(self):
        self.start(f'[checks.virus]\nclamd = "unix:{self.socket}"\n')
        path = os.path.join(self.directory, "message.eml")
        with open(path, "wb") as file:
            file.write(mixed(part(EICAR, "a.txt", "text/plain")))
        shown = self.server.command("scan", path, "--config", self.server.config, "--zone", os.path.join(self.directory, "zone")).stdout
        self.assertIn("virus.found", shown)
        self.assertIn("Test.Eicar.UNOFFICIAL", shown)

    def test_down_and_up_again(self):
        self.start(f'[checks.virus]\nclamd = "unix:{self.socket}"\n')
        self.clamd.kill()
        self.clamd.wait()
        self.assertRegex(self.send(mixed()), r"^451 4\.7\.0 virus\.unavailable: ")
        self.run_clamd()
        self.assertTrue(self.send(mixed()).startswith("250"))

    def test_what_is_too_large_for_it_was_not_examined(self):
        self.start(f'[checks.virus]\nclamd = "unix:{self.socket}"\n')
        self.assertIn("virus.too-large", self.found(mixed(part(os.urandom(3 << 20), "big.dat"))))
        warning = self.server.log_lines("virus.too-large")[0]
        self.assertIn("StreamMaxLength", warning["advice"], "coming back would not make it smaller")
        self.assertNotIn("virus.too-large", self.found(mixed()))

    def send_too_large(self, setting):
        never = "".join(f'{action} = "never"\n' for action in ("greylist", "quarantine", "reject"))
        self.start(f'[policy.balanced]\n{never}[checks.virus]\nclamd = "unix:{self.socket}"\n{setting}', named="balanced")
        return self.found(mixed(part(os.urandom(3 << 20), "big.dat")))

    def test_built_in_policies_hold_what_was_too_large(self):
        self.assertIn("virus.too-large", self.send_too_large(""))
        self.assertEqual(self.server.held(), [("a@example.org", "waiting")])

    def test_who_lets_mail_in_unchecked_gets_what_was_too_large(self):
        self.assertIn("virus.unchecked", self.send_too_large('when-down = "accept"\n'))
        self.assertEqual(self.server.states(), [])

    def test_who_is_put_off_is_told_so_in_history(self):
        self.start(f'[checks.virus]\nclamd = "unix:{self.socket}"\n')
        self.clamd.kill()
        self.clamd.wait()
        self.send(mixed())
        done = self.server.command("history", "search", "--limit", "1", "--json", "--config", self.server.config)
        record = json.loads(done.stdout)["records"][0]
        self.assertEqual((record["verdict"], record["decided_by"]), ("defer", "virus.unavailable"))
        shown = self.server.command("history", "show", record["id"], "--config", self.server.config).stdout
        self.assertIn("(policy test): defer", shown)
        self.assertIn("the sender is asked to come back", shown)
        self.assertIn("examined, with nothing more found, it would be: accept", shown)


class RealIcap(RealClamd):
    """c-icap, with clamd behind it."""

    def setUp(self):
        super().setUp()
        modules = "/usr/lib/x86_64-linux-gnu/c_icap"
        if shutil.which("c-icap") is None or not os.path.exists(f"{modules}/virus_scan.so"):
            self.skipTest("c-icap with virus_scan is not installed")
        self.port = free_port()
        config = os.path.join(self.directory, "c-icap.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"PidFile {self.directory}/c-icap.pid\nCommandsSocket {self.directory}/c-icap.ctl\nPort 127.0.0.1:{self.port}\n"
                       f"TmpDir {self.directory}\nModulesDir {modules}\nServicesDir {modules}\nServerLog {self.directory}/c-icap.log\n"
                       f"AccessLog {self.directory}/c-icap.access\nTemplateDir /usr/share/c_icap/templates/\n"
                       "TemplateDefaultLanguage en\nStartServers 1\nService antivirus_module virus_scan.so\n"
                       "ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple\n"
                       "virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE DOCUMENT\n"
                       "virus_scan.MaxObjectSize 5M\nvirus_scan.DefaultEngine clamd\nModule common clamd_mod.so\n"
                       f"clamd_mod.ClamdSocket {self.socket}\n")
        server = subprocess.Popen(["c-icap", "-N", "-D", "-f", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  start_new_session=True)
        self.addCleanup(server.wait)
        self.addCleanup(os.killpg, server.pid, signal.SIGKILL)

        def is_up():
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
                return True
            except OSError:
                return False
        wait_for(is_up, "c-icap", 30)

    def test_what_it_knows_is_refused_wherever_it_is(self):
        self.start(f'[checks.virus]\nicap = "icap://127.0.0.1:{self.port}/avscan"\n', '[policy.test.action]\n"virus.found" = "reject"\n')
        self.assertRegex(self.send(mixed(part(EICAR, "a.txt", "text/plain"))), r"^550 5\.7\.1 virus\.found: Test\.Eicar")
        self.assertTrue(self.send(mixed(part(b"harmless", "a.txt"))).startswith("250"))

    test_a_file_is_scanned_with_it_too = None
    test_down_and_up_again = None
    test_what_is_too_large_for_it_was_not_examined = None
    test_built_in_policies_hold_what_was_too_large = None
    test_who_lets_mail_in_unchecked_gets_what_was_too_large = None


class OddEngine(ContentCase):
    def engine(self, answer, read_all=True, end=b"\0\0\0\0"):
        """Listens, reads the whole message or nothing, says `answer`; None: never says anything."""
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve():
            held = []
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        def talk(connection):
            try:
                data = b""
                while read_all and not data.endswith(end):
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    data += piece
                if answer is not None:
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
            except OSError:
                pass
        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    def test_only_a_plain_answer_counts(self):
        for name, engine in {"silence": self.engine(None), "garbage": self.engine(b"\xff\xfe\0"), "an error": self.engine(b"stream: no ERROR\0"),
                             "nothing": self.engine(b""), "no end": self.engine(b"x" * 5000),
                             "two answers": self.engine(b"stream: OK\0stream: OK\0"),
                             "clean before the message": self.engine(b"stream: OK\0", read_all=False),
                             "nobody": free_port()}.items():
            with self.subTest(name):
                self.start(f'[checks.virus]\nclamd = "tcp:127.0.0.1:{engine}"\ntime-limit = "1s"\n')
                text = base64.b64encode(os.urandom(3 << 20)).decode()
                answer = self.send(mixed(text="\r\n".join(text[i:i + 76] for i in range(0, len(text), 76))))
                self.assertRegex(answer, r"^451 4\.7\.0 virus\.unavailable: ", name)
                self.server.stop()
                self.inside.stop()

    def test_a_second_engine_over_icap(self):
        end = b"0\r\n\r\n"
        clean = self.engine(b'ICAP/1.0 204 No Content\r\nISTag: "1"\r\n\r\n', end=end)
        found = self.engine(b"ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Test;\r\n"
                            b"Encapsulated: null-body=0\r\n\r\n", end=end)
        broken = self.engine(b"ICAP/1.0 500 Server error\r\n\r\n", end=end)
        http = self.engine(b"HTTP/1.1 200 OK\r\n\r\n", end=end)
        for engine, answer in ((clean, r"^250 "), (found, r"^550 5\.7\.1 virus\.found: Eicar-Test; "),
                               (broken, r"^451 4\.7\.0 virus\.unavailable: "), (http, r"^451 4\.7\.0 virus\.unavailable: "),
                               (self.engine(None, end=end), r"^451 4\.7\.0 virus\.unavailable: ")):
            self.start(f'[checks.virus]\nicap = "icap://127.0.0.1:{engine}/avscan"\ntime-limit = "1s"\n',
                       '[policy.test.action]\n"virus.found" = "reject"\n')
            self.assertRegex(self.send(mixed()), answer)
            self.server.stop()
            self.inside.stop()

    def test_an_answer_over_tcp(self):
        engine = self.engine(b"stream: Some.Virus FOUND\0")
        self.start(f'[checks.virus]\nclamd = "tcp:127.0.0.1:{engine}"\n', '[policy.test.action]\n"virus.found" = "reject"\n')
        self.assertRegex(self.send(mixed()), r"^550 5\.7\.1 virus\.found: Some\.Virus; ")
