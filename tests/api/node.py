# SPDX-License-Identifier: Apache-2.0
"""A live node for a test, and the small amount of HTTP that the tests need: standard library only.

Node(args...) starts tests/api/live (its path in TOCSIN_LIVE) on a folder of its own; close() stops
it and fails when it left anything on standard error that a sanitizer wrote."""
import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import uuid

TAXII = "application/taxii+json;version=2.1"
FORUM = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
ADDING = "365fed99-08fa-fdcd-a1b3-fb247eb41d01"
READ_ONLY = "52892447-4d7e-4f70-b94d-d7f22742ff63"
OTHER = "64993447-4d7e-4f70-b94d-d7f33742ee63"
PUBLIC = "0b1c6f8e-4a55-4d1f-9c0e-6f2f5f0c7a11"
ROOT = "/taxii2/root/"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Node:
    def __init__(self, *options, keep=None):
        self.dir = keep or os.path.join(tempfile.mkdtemp(prefix="tocsin-api-"), "node")
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([os.environ["TOCSIN_LIVE"], self.dir, *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise RuntimeError("the node did not start: " + self.errors.read())
        said = json.loads(line)
        self.url, self.code = said["url"], said["code"]
        host, port = self.url.split("//")[1].rsplit(":", 1)
        self.address = (host.strip("[]"), int(port))

    def close(self, keep=False):
        self.process.stdin.close()
        status = self.process.wait(60)
        self.process.stdout.close()
        self.errors.seek(0)
        said = self.errors.read()
        self.errors.close()
        if not keep:
            shutil.rmtree(os.path.dirname(self.dir))
        if status or "Sanitizer" in said or "runtime error" in said:
            raise AssertionError(f"the node ended with {status}:\n{said}")
        return said

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def call(self, method, path, body=None, login="officer", headers=None, connection=None):
        given = {"Accept": TAXII if path.startswith("/taxii2") else "*/*"}
        if login:
            given["Authorization"] = basic(login)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            given["Content-Type"] = TAXII if path.startswith("/taxii2") else "application/json"
        given.update(headers or {})
        given = {k: v for k, v in given.items() if v is not None}
        c = connection or http.client.HTTPConnection(*self.address, timeout=30)
        c.request(method, path, body, given)
        r = c.getresponse()
        answer = Answer(r.status, r.headers, r.read())
        if not connection:
            c.close()
        return answer

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body, **more):
        return self.call("POST", path, body, **more)

    def add(self, objects, collection=FORUM, **more):
        return self.post(f"{ROOT}collections/{collection}/objects/", {"objects": objects}, **more)

    def objects(self, collection=FORUM, query="", **more):
        return self.get(f"{ROOT}collections/{collection}/objects/{query}", **more)

    def connect(self):
        s = socket.create_connection(self.address, timeout=30)
        return s

    def raw(self, data, timeout=30):
        """Sends bytes as they are, returns everything until the node hangs up or is silent."""
        s = self.connect()
        s.settimeout(timeout)
        s.sendall(data)
        got = b""
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except (TimeoutError, ConnectionResetError):
            pass
        s.close()
        return got


def basic(login, password=None):
    text = f"{login}:{password or login + ', quiet bells'}"
    return "Basic " + base64.b64encode(text.encode()).decode()


def indicator(n=None, **more):
    o = {"type": "indicator", "spec_version": "2.1", "id": f"indicator--{n or uuid.uuid4()}",
         "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
         "name": "Test", "pattern": "[ipv4-addr:value = '198.51.100.3']", "pattern_type": "stix",
         "valid_from": "2026-01-01T00:00:00Z"}
    o.update(more)
    return o


def run():
    """The tests of a file, in the form that meson reads."""
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    flat = []

    def spread(t):
        for x in t:
            spread(x) if isinstance(x, unittest.TestSuite) else flat.append(x)
    spread(tests)
    print(f"1..{len(flat)}", flush=True)

    class Tap(unittest.TestResult):
        def say(self, ok, test, why=""):
            print(f"{ok} {self.testsRun} - {test.id().split('.', 1)[1]}{why}", flush=True)

        def addSuccess(self, test):
            self.say("ok", test)

        def addSkip(self, test, why):
            super().addSkip(test, why)
            self.say("ok", test, f" # SKIP {why}")

        def addFailure(self, test, err):
            super().addFailure(test, err)
            self.say("not ok", test)
            print("\n".join("# " + x for x in self.failures[-1][1].splitlines()), flush=True)

        def addError(self, test, err):
            super().addError(test, err)
            if hasattr(test, "_testMethodName"):
                self.say("not ok", test)
            print("\n".join("# " + x for x in self.errors[-1][1].splitlines()), flush=True)

        def addSubTest(self, test, subtest, err):
            """Of a test with parts only the first part that failed is its result."""
            super().addSubTest(test, subtest, err)
            if err and test not in failed:
                failed.add(test)
                self.say("not ok", test)
            if err:
                print(f"# {subtest.id()[-200:]!r}: {err[1]!r}"[:1000], flush=True)

    failed = set()
    result = Tap()
    unittest.TestSuite(tests).run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
