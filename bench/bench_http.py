#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTTP figures: bench_http.py LOAD LIVE [nginx]. A node on loopback, the load generator beside
it on the same machine, nginx sending the same page as a file in the same run."""
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

load, live = sys.argv[1], sys.argv[2]
nginx = shutil.which(sys.argv[3] if len(sys.argv) > 3 else "nginx")
os.environ["TOCSIN_LIVE"] = live
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tests", "api"))
from node import ADDING, FORUM, ROOT, Node, basic, indicator  # noqa: E402
from test_hostile import memory  # noqa: E402

PATH = ROOT + f"collections/{ADDING}/objects/"
USER = "officer:officer, quiet bells"


def say(name, value, want=""):
    print(f"{name:46} {value:>22}   {want}", flush=True)


def measure(*args):
    out = subprocess.run([load, *map(str, args)], capture_output=True, text=True, timeout=120)
    r = json.loads(out.stdout)
    if r["bad"]:
        print(f"  {r['bad']} answers were not 2xx", file=sys.stderr)
    return r


def posts(n):
    measure("post", n.address[1], PATH, USER, 32, 500)
    r = measure("post", n.address[1], PATH, USER, 32, 20000)
    say("single POSTs, 32 connections, durable", f"{r['per_second']:.0f}/s", "at least 3000/s")
    say("  p50, p99, max", f"{r['p50_ms']} {r['p99_ms']} {r['max_ms']} ms", "p99 < 25 ms")
    r = measure("post", n.address[1], PATH, USER, 1, 1000)
    say("single POSTs, 1 connection", f"{r['per_second']:.0f}/s")


def page_objects():
    """Like real ones: 0.5 to 4 kB each."""
    for i in range(1000):
        yield indicator(name=f"object {i}", description="text " * (100 + 700 * (i % 7 == 0)))


def nginx_on(folder, body):
    port = free_port()
    with open(os.path.join(folder, "page"), "wb") as f:
        f.write(body)
    conf = os.path.join(folder, "conf")
    with open(conf, "w") as f:
        f.write(f"""daemon off; worker_processes 2; pid {folder}/pid; error_log /dev/null;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  default_type "application/taxii+json;version=2.1";
  server {{ listen 127.0.0.1:{port}; root {folder}; }} }}""")
    os.chmod(folder, 0o755)
    return port, subprocess.Popen([nginx, "-c", conf, "-p", folder], stderr=subprocess.DEVNULL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def pages(n):
    objects = list(page_objects())
    for i in range(0, 1000, 500):
        n.add(objects[i:i + 500], FORUM)
    page = ROOT + f"collections/{FORUM}/objects/?limit=1000"
    body = n.get(page).body
    count = len(json.loads(body)["objects"])
    say("the page", f"{count} objects, {len(body) / 1e6:.2f} MB")
    folder = tempfile.mkdtemp(prefix="tocsin-nginx-")
    port, process = nginx_on(folder, body) if nginx else (0, None)
    time.sleep(0.5)
    ratios = []
    for connections in (1, 4):
        pairs = []
        for _ in range(3):
            ours = measure("get", n.address[1], page, USER, connections, 2)
            theirs = measure("get", port, "/page", USER, connections, 2) if process else None
            pairs.append((ours, theirs))
        ours = statistics.median(p[0]["mb_per_second"] for p in pairs)
        say(f"TAXII page, {connections} connection(s)", f"{ours:.0f} MB/s",
            f"p99 {pairs[0][0]['p99_ms']} ms")
        if process:
            theirs = statistics.median(p[1]["mb_per_second"] for p in pairs)
            ratios.append(ours / theirs)
            say("  nginx, the same bytes as a file", f"{theirs:.0f} MB/s",
                f"ratio {ours / theirs:.2f}, at least 0.5")
    if process:
        process.terminate()
        process.wait()
    shutil.rmtree(folder)


def stream(n, rate=500, seconds=5):
    """POST sent to event received, at a steady rate."""
    sent, took, ready = {}, [], threading.Event()
    total = rate * seconds

    def listen():
        c = http.client.HTTPConnection(*n.address, timeout=20)
        c.request("GET", "/api/v1/stream", headers={"Authorization": basic("officer")})
        r = c.getresponse()
        r.fp.readline()
        ready.set()
        while len(took) < total:
            line = r.fp.readline()
            if not line:
                return
            if line.startswith(b"data: "):
                now = time.perf_counter()
                at = line.find(b'indicator--')
                began = sent.get(line[at + 11:at + 47].decode())
                if began:
                    took.append(now - began)
        c.close()

    def send(part):
        c = http.client.HTTPConnection(*n.address, timeout=20)
        start = time.perf_counter()
        for i in range(part, total, 8):
            wait = start + i / rate - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            u = str(uuid.uuid4())
            sent[u] = time.perf_counter()
            n.add([indicator(u)], ADDING, connection=c)
        c.close()
    threads = [threading.Thread(target=listen)]
    threads[0].start()
    ready.wait(10)
    threads += [threading.Thread(target=send, args=(i,)) for i in range(8)]
    for t in threads[1:]:
        t.start()
    for t in threads[1:]:
        t.join()
    threads[0].join(10)
    took.sort()
    if took:
        say(f"POST to event stream at {rate}/s ({len(took)} of {total})",
            f"p50 {took[len(took) // 2] * 1e3:.1f} p99 {took[int(len(took) * .99)] * 1e3:.1f} ms",
            "p99 < 100 ms (the sender is Python)")


def main():
    n = Node()
    time.sleep(0.5)
    say("idle node, resident", f"{memory(n) / 1024:.1f} MiB", "under 32 MB")
    n.get("/api/v1/me")
    pages(n)
    stream(n)
    posts(n)
    n.close()


main()
