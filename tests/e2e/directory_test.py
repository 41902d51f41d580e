# SPDX-License-Identifier: Apache-2.0
"""Who exists, asked of others: a real slapd, a SQLite file, the internal server itself."""
import os
import signal
import socket
import sqlite3
import subprocess

from harness import Case, Client, free_port, wait_for

PEOPLE = '''dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: cn=reader,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: secret

dn: cn=anna,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
cn: anna
sn: anna
mail: anna@example.org
'''


class Slapd:
    def __init__(self, directory, people=PEOPLE):
        self.directory = os.path.join(directory, "ldap")
        os.makedirs(os.path.join(self.directory, "data"))
        self.port = free_port()
        self.process = None
        self.certificate, self.key = (os.path.join(self.directory, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.certificate,
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        self.config = os.path.join(self.directory, "slapd.conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'''include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {self.certificate}
TLSCertificateKeyFile {self.key}
pidfile {self.directory}/pid
database mdb
suffix "dc=example,dc=org"
rootdn "cn=root,dc=example,dc=org"
rootpw root
directory {self.directory}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=example,dc=org" read by * none
''')
        ldif = os.path.join(self.directory, "people.ldif")
        with open(ldif, "w", encoding="utf-8") as file:
            file.write(people)
        subprocess.run(["/usr/sbin/slapadd", "-f", self.config, "-l", ldif], check=True, capture_output=True)

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/slapd", "-d", "0", "-f", self.config, "-h", f"ldap://127.0.0.1:{self.port}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: listens(self.port), "slapd does not listen")
        return self

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
            self.process = None


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Directories(Case):
    def start(self, recipients, deliver=None):
        self.inside = self.sink()
        self.server = self.gateway(recipients + self.domain(deliver or f"smtp://127.0.0.1:{self.inside.port}", recipients="who"))
        return self.server

    def rcpt(self, address):
        with Client(self.server.port) as client:
            client.envelope("a@sender.example", [])
            return client.ask(f"RCPT TO:<{address}>")

    def slapd(self):
        if not os.path.exists("/usr/sbin/slapd"):
            self.skipTest("slapd is not installed")
        server = Slapd(self.directory)
        self.addCleanup(server.stop)
        return server.start()

    def ldap_settings(self, slapd, more=""):
        secret = os.path.join(self.directory, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("secret\n")
        return (f'[recipients.who]\nkind = "ldap"\nurl = "ldap://127.0.0.1:{slapd.port}"\nbase = "ou=people,dc=example,dc=org"\n'
                f'filter = "(mail={{address}})"\nbind-dn = "cn=reader,dc=example,dc=org"\nbind-password-file = "{secret}"\n{more}')

    def test_ldap(self):
        slapd = self.slapd()
        self.start(self.ldap_settings(slapd))
        self.assertTrue(self.rcpt("anna@example.org").startswith("250"))
        self.assertTrue(self.rcpt("Anna+news@example.org").startswith("250"))
        self.assertTrue(self.rcpt("bert@example.org").startswith("550 5.1.1"))
        self.assertTrue(self.rcpt("*@example.org").startswith("550"), "a star is no wildcard")
        self.assertTrue(self.rcpt('"*)(uid=*"@example.org').startswith("5"), "nobody writes into the filter")
        self.assertTrue(self.rcpt("postmaster@example.org").startswith("250"))
        slapd.stop()
        self.assertTrue(self.rcpt("anna@example.org").startswith("250"), "what is remembered still counts")
        self.assertTrue(self.rcpt("carl@example.org").startswith("451 4.4.3"), "what is not known is put off")
        slapd.start()
        wait_for(lambda: self.rcpt("dora@example.org").startswith("550"), "it does not come back")

    def test_ldap_with_starttls_and_old_answers(self):
        slapd = self.slapd()
        self.start(self.ldap_settings(slapd, f'start-tls = true\nca-file = "{slapd.certificate}"\n'
                                             'cache = { found = "1s", missing = "1s" }\nwhen-down = "accept-cached"\n'))
        self.assertTrue(self.rcpt("anna@example.org").startswith("250"), self.server.log_text()[-2000:])
        self.assertTrue(self.rcpt("bert@example.org").startswith("550"))
        slapd.stop()
        wait_for(lambda: self.rcpt("bert@example.org").startswith("451"), "an old refusal counts")
        self.assertTrue(self.rcpt("anna@example.org").startswith("250"), "an old answer counts while nobody answers")

    def test_a_wrong_password_is_our_trouble(self):
        slapd = self.slapd()
        settings = self.ldap_settings(slapd)
        with open(os.path.join(self.directory, "secret"), "w", encoding="utf-8") as file:
            file.write("wrong\n")
        self.start(settings)
        self.assertTrue(self.rcpt("anna@example.org").startswith("451"))
        self.assertNotIn("wrong", self.server.command("config", "show", "--config", self.server.config).stdout)

    def test_sqlite(self):
        path = os.path.join(self.directory, "users.db")
        database = sqlite3.connect(path)
        database.executescript("CREATE TABLE users(mail TEXT); INSERT INTO users VALUES('anna@example.org');")
        database.commit()
        database.close()
        self.start(f'[recipients.who]\nkind = "sql"\nurl = "sqlite:{path}"\nquery = "SELECT 1 FROM users WHERE mail = {{address}}"\n'
                   'cache = { found = "0s", missing = "0s" }\n')
        self.assertTrue(self.rcpt("Anna@example.org").startswith("250"))
        self.assertTrue(self.rcpt("x'or'1'='1@example.org").startswith("550"))
        os.rename(path, path + ".away")
        wait_for(lambda: self.rcpt("new@example.org")[:3] in ("451", "550"), "no answer")

    def test_callahead(self):
        inner = self.postfix({"local_recipient_maps": "inline:{ anna=ok }", "mydestination": "example.org", "virtual_alias_maps": "",
                              "smtpd_relay_restrictions": "reject_unauth_destination"})
        self.server = self.gateway('[recipients.who]\nkind = "callahead"\n' +
                                   self.domain(f"smtp://127.0.0.1:{inner.port}", recipients="who"))
        self.assertTrue(self.rcpt("anna@example.org").startswith("250"), self.server.log_text()[-1500:])
        self.assertTrue(self.rcpt("nobody@example.org").startswith("550 5.1.1"))
        inner.stop()
        self.assertTrue(self.rcpt("anna@example.org").startswith("250"), "remembered")
        self.assertTrue(self.rcpt("carl@example.org").startswith("451"))
