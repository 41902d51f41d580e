#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends prepared mail in turn over many sessions at once, each from the client address it is said to come from (PROXY
header). One message a connection, as a mail exchanger gets it. Prints what happened as JSON.

    sender.py PORT COUNT SESSIONS FOLDER    FOLDER/letters.json: [{file, ip, helo, from, to}, ...]"""
import collections
import json
import os
import select
import socket
import sys
import time


def load(folder):
    """Of each letter what is said before, with and after DATA."""
    with open(os.path.join(folder, "letters.json"), encoding="utf-8") as file:
        letters = json.load(file)
    found = []
    for letter in letters:
        with open(os.path.join(folder, letter["file"]), "rb") as file:
            body = file.read().replace(b"\r\n.", b"\r\n..")
        envelope = f"MAIL FROM:<{letter['from']}>\r\nRCPT TO:<{letter['to']}>\r\nDATA\r\n".encode()
        hello = f"EHLO {letter['helo']}\r\n".encode()
        proxy = f"PROXY TCP4 {letter['ip']} 192.0.2.1 40000 25\r\n".encode()
        found.append((proxy, hello, envelope, body + b".\r\n"))
    return found


class Session:
    """220, 250 to EHLO, three replies to the envelope, 250 to the message, 221."""

    def __init__(self, number, letter, port):
        self.socket = socket.socket()
        # Many sources: the ports of one address would run out while closed connections are remembered.
        self.socket.bind((f"127.0.1.{1 + number % 250}", 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.letter = letter
        self.received = b""
        self.waiting = b""
        self.expected = [b"220"]
        self.step = 0
        self.accepted = False
        self.trouble = ""
        self.say(letter[0])

    def say(self, data):
        sent = self.socket.send(data)
        self.waiting = data[sent:]

    def flush(self):
        self.say(self.waiting)

    def hear(self):
        """False at the end of the session."""
        data = self.socket.recv(4096)
        if not data:
            if self.step < 5 and not self.trouble:
                self.trouble = "connection closed"
            return False
        self.received += data
        while (end := self.received.find(b"\n")) >= 0:
            line, self.received = self.received[:end], self.received[end + 1:]
            if line[3:4] != b"-":
                self.reply(line)
        return True

    def reply(self, line):
        if not self.expected or not line.startswith(self.expected.pop(0)):
            self.trouble = self.trouble or line.decode("latin-1").strip()
            self.expected = []
            self.step = 5
            self.say(b"QUIT\r\n")
        elif not self.expected:
            self.step += 1
            if self.step == 4:
                self.accepted = True
                self.step = 5
                self.expected = [b"221"]
                self.say(b"QUIT\r\n")
            elif self.step < 4:
                self.expected = [[b"250"], [b"250", b"250", b"354"], [b"250"]][self.step - 1]
                self.say(self.letter[self.step])


def send(port, count, at_once, letters):
    poll, sessions = select.epoll(), {}
    begun = accepted = 0
    troubles = collections.Counter()
    began = time.monotonic()
    while begun < count or sessions:
        while begun < count and len(sessions) < at_once:
            session = Session(begun, letters[begun % len(letters)], port)
            sessions[session.socket.fileno()] = session
            poll.register(session.socket.fileno(), select.EPOLLIN)
            begun += 1
        for number, event in poll.poll(60):
            session = sessions[number]
            goes_on = True
            try:
                had_waiting = bool(session.waiting)
                if event & select.EPOLLOUT:
                    session.flush()
                if event & ~select.EPOLLOUT:
                    goes_on = session.hear()
                if goes_on and had_waiting != bool(session.waiting):
                    poll.modify(number, select.EPOLLIN | (select.EPOLLOUT if session.waiting else 0))
            except OSError as error:
                session.trouble = session.trouble or str(error)
                goes_on = False
            if not goes_on:
                poll.unregister(number)
                session.socket.close()
                del sessions[number]
                accepted += session.accepted
                if session.trouble:
                    troubles[session.trouble] += 1
    return {"accepted": accepted, "seconds": time.monotonic() - began, "cpu": time.process_time(), "troubles": dict(troubles.most_common(5))}


if __name__ == "__main__":
    print(json.dumps(send(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), load(sys.argv[4]))))
