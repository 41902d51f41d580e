# SPDX-License-Identifier: Apache-2.0
"""Real internal mail servers: Postfix and Dovecot, each with its own configuration in a temporary directory."""
import os
import pwd
import subprocess

from loopback import free_port, greets, read_maildir, wait_for


class Postfix:
    """A whole Postfix of its own in `directory`: needs root, and the package's users postfix and postdrop."""

    def __init__(self, directory, settings=None, *, services=""):
        self.directory = os.path.join(directory, "postfix")
        self.port = free_port()
        self.mail = os.path.join(self.directory, "mail")
        self.config = os.path.join(self.directory, "etc")
        self.queue = os.path.join(self.directory, "spool")
        self.data = os.path.join(self.directory, "lib")
        self.log = os.path.join(self.directory, "log", "mail.log")
        postfix = pwd.getpwnam("postfix")
        for path in (self.directory, self.mail, self.config, self.queue, self.data, os.path.dirname(self.log)):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, 0o755)
        os.chown(self.data, postfix.pw_uid, postfix.pw_gid)
        os.chown(self.mail, postfix.pw_uid, postfix.pw_gid)
        with open(os.path.join(self.config, "refused"), "w", encoding="ascii") as file:
            file.write("/^refused@/ REJECT 5.7.1 not this one\n/^later@/ DEFER 4.7.1 come back\n")
        main = {
            "compatibility_level": "3.6", "queue_directory": self.queue, "data_directory": self.data,
            "command_directory": "/usr/sbin", "daemon_directory": "/usr/lib/postfix/sbin",
            "mail_owner": "postfix", "setgid_group": "postdrop", "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4", "myhostname": "postfix.test", "mydestination": "", "mynetworks": "127.0.0.0/8",
            "alias_maps": "", "alias_database": "", "local_recipient_maps": "", "biff": "no",
            "maillog_file": self.log, "maillog_file_prefixes": os.path.dirname(self.log), "syslog_name": "postfix",
            "virtual_mailbox_domains": "example.org", "virtual_mailbox_base": self.mail,
            "virtual_mailbox_maps": "static:all/", "virtual_uid_maps": f"static:{postfix.pw_uid}",
            "virtual_gid_maps": f"static:{postfix.pw_gid}", "virtual_minimum_uid": "1",
            "smtpd_recipient_restrictions":
                f"check_recipient_access regexp:{self.config}/refused, permit_mynetworks, reject",
            "smtputf8_enable": "no", "message_size_limit": "52428800", "virtual_mailbox_limit": "0",
            "mailbox_size_limit": "0", "smtpd_client_connection_count_limit": "0",
            "smtpd_client_connection_rate_limit": "0", "smtpd_error_sleep_time": "0",
        }
        main.update(settings or {})
        with open(os.path.join(self.config, "main.cf"), "w", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in main.items())
        with open(os.path.join(self.config, "master.cf"), "w", encoding="ascii") as file:
            file.write(f"""127.0.0.1:{self.port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
{services}""")

    def start(self):
        self._run("start")
        wait_for(lambda: greets(self.port), "Postfix does not greet")
        return self

    def stop(self):
        subprocess.run(["postfix", "-c", self.config, "abort"], capture_output=True, check=False)

    def pid(self):
        with open(os.path.join(self.queue, "pid", "master.pid"), encoding="ascii") as file:
            return int(file.read())

    def _run(self, *arguments):
        done = subprocess.run(["postfix", "-c", self.config, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"postfix {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def delivered(self, user):
        """All mail lies in one Maildir; Delivered-To tells whose it is."""
        wanted = f"Delivered-To: {user}@".encode()
        return [message for message in read_maildir(os.path.join(self.mail, "all")) if wanted in message]

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


class Dovecot:
    """Dovecot's LMTP server, on a Unix socket and on TCP; `users` have a Maildir each."""

    def __init__(self, directory, users):
        self.directory = os.path.join(directory, "dovecot")
        # Unix socket paths hold 107 octets at most.
        self.socket = os.path.join(self.directory, "run", "lmtp")
        self.port = free_port()
        self.mail = os.path.join(self.directory, "mail")
        os.makedirs(os.path.join(self.directory, "run"))
        os.makedirs(self.mail)
        self.user = "dovecot" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        owner = pwd.getpwnam("mail" if os.geteuid() == 0 else self.user)
        os.chown(self.mail, owner.pw_uid, owner.pw_gid)
        os.chmod(directory, 0o755)
        passwd = os.path.join(self.directory, "users")
        with open(passwd, "w", encoding="ascii") as file:
            for user in users:
                file.write(f"{user}::{owner.pw_uid}:{owner.pw_gid}::{self.mail}/{user.split('@')[0]}::\n")
        self.config = os.path.join(self.directory, "dovecot.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f"""protocols = lmtp
listen = 127.0.0.1
base_dir = {self.directory}/run
state_dir = {self.directory}/run
log_path = {self.directory}/dovecot.log
ssl = no
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {self.user}
default_login_user = {"dovenull" if os.geteuid() == 0 else self.user}
mail_location = maildir:{self.mail}/%n
mail_home = {self.mail}/%n
postmaster_address = postmaster@example.org
passdb {{
  driver = passwd-file
  args = {passwd}
}}
userdb {{
  driver = passwd-file
  args = {passwd}
}}
service lmtp {{
  chroot =
  unix_listener lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
}}
""")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        wait_for(lambda: self._up() and greets(self.port), "Dovecot does not greet")
        return self

    def _up(self):
        if self.process.poll() is not None:
            raise AssertionError(self.process.stderr.read().decode() + self.log_text())
        return True

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stderr.close()
            self.process = None

    def log_text(self):
        try:
            with open(os.path.join(self.directory, "dovecot.log"), encoding="utf-8") as file:
                return file.read()
        except OSError:
            return ""

    def delivered(self, user):
        return read_maildir(os.path.join(self.mail, user))
