# SPDX-License-Identifier: Apache-2.0
"""The API over the control socket, as the local operator."""
import contextlib
import http.client
import json
import os
import socket


class ControlConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Control:
    """Of one gateway: `get("/overview")` answers parsed JSON, `call` everything."""

    def __init__(self, server):
        self.path = os.path.join(server.data_dir, "control.sock")

    def call(self, method, path, body=None, headers=None):
        connection = ControlConnection(self.path)
        try:
            data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def ask(self, method, path, body=None):
        status, _, data = self.call(method, "/api/v1" + path, body)
        if status // 100 != 2:
            raise AssertionError(f"{method} {path}: {status} {data[:500]!r}")
        return json.loads(data) if data.strip() else None

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body):
        return self.ask("POST", path, body)

    @contextlib.contextmanager
    def events(self, path="/events"):
        """A generator of the data of a stream's events."""
        connection = ControlConnection(self.path)
        try:
            connection.request("GET", "/api/v1" + path, headers={"Accept": "text/event-stream"})
            response = connection.getresponse()
            if response.status != 200 or not response.getheader("Content-Type").startswith("text/event-stream"):
                raise AssertionError(f"{path}: {response.status} {response.getheaders()}")
            yield (json.loads(line[6:]) for line in iter(response.readline, b"") if line.startswith(b"data: "))
        finally:
            connection.close()
