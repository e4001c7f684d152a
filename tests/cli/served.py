# SPDX-License-Identifier: Apache-2.0
"""For tests that need "tocsin serve" itself: Served(program, folder, *options) runs it until stop().
Standard library only. check() prints TAP; done() ends it."""
import base64
import http.client
import json
import select
import signal
import subprocess
import sys
import time

SECONDS = 60
count = bad = 0


def check(name, ok, detail=""):
    global count, bad
    count += 1
    bad += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}", flush=True)
    if not ok:
        print("\n".join(f"# {line}" for line in str(detail).splitlines()), flush=True)


def done():
    print(f"1..{count}")
    sys.exit(1 if bad or not count else 0)


def until(says, ask):
    """Asks again until it is so; an answer that is false after a minute is a failure."""
    end = time.monotonic() + SECONDS
    while not (got := ask()):
        if time.monotonic() > end:
            raise AssertionError(says)
        time.sleep(0.02)
    return got


class Tocsin:
    """The program as a person calls it."""

    def __init__(self, program):
        self.program = program

    def __call__(self, *words, stdin="", **more):
        return subprocess.run([self.program, *map(str, words)], input=stdin, capture_output=True,
                              text=True, timeout=SECONDS * 2, **more)


class Served:
    def __init__(self, program, folder, *options):
        self.process = subprocess.Popen([program, "serve", str(folder), "--listen", "127.0.0.1:0",
                                         *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if "http" not in line:
            self.process.kill()
            raise RuntimeError(f"serve said {line!r} and {self.process.stderr.read()!r}")
        self.url = line.split(": ", 1)[1].strip()
        self.login = "admin:seven quiet bells"

    def call(self, method, path, body=None, **headers):
        """(status, text)"""
        c = http.client.HTTPConnection(self.url.split("//")[1], timeout=SECONDS)
        given = {"Authorization": "Basic " + base64.b64encode(self.login.encode()).decode()}
        given.update({k.replace("_", "-"): v for k, v in headers.items()})
        try:
            c.request(method, path, body.encode() if isinstance(body, str) else body, given)
        except BrokenPipeError:
            pass  # it was answered before it was sent whole
        answer = c.getresponse()
        text = answer.read().decode()
        c.close()
        return answer.status, text

    def json(self, path):
        status, text = self.call("GET", path)
        assert status == 200, (path, status, text)
        return json.loads(text)

    def status(self):
        return self.json("/api/v1/status")

    def stop(self, sig=signal.SIGTERM):
        """(exit status, what stands on standard error)"""
        self.process.send_signal(sig)
        _, said = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, said


def node(program, folder):
    """A node whose administrator can sign in by password."""
    made = Tocsin(program)("init", folder, "--title", "Test node", "--country", "NL",
                           "--password-file", "-", stdin="seven quiet bells\n")
    assert made.returncode == 0, made.stderr
