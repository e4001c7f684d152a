#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fields that are sealed at rest: no byte of them is in any file of the node, those who may read get
the object as it came; keys that are missing, wrong or changed, also when the change is broken off.

usage: test_sealed.py TOCSIN"""
import base64
import json
import os
import resource
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from served import Served, Tocsin, check, done, node, until

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)
EXTENSION = "extension-definition--670108fa-ff1d-5a5b-a491-a12d9af1cf5e"
WHEN = "2026-01-01T00:00:00.000Z"
ROUTES = "/api/v1/objects/"


def word():
    return "zq" + secrets.token_hex(9)


class Person:
    """Objects as text, with words that are to be sealed and words that are not."""

    def __init__(self, n):
        self.sealed, self.open, self.texts = [], [], {}
        uuid = lambda k: f"{secrets.token_hex(4)}-0000-4000-8000-{n:06}{k:06}"
        self.put(f'{{"type":"user-account", "spec_version":"2.1","id":"user-account--{uuid(1)}",'
                 f'"user_id":"{self.o()}" , "credential":"{self.s()}\\u00e9\\n",\n'
                 f'"display\\u005fname" :  "{self.s()}" ,"account_login":"{self.o()}"}}')
        self.put(f'{{"type":"email-addr","spec_version":"2.1","id":"email-addr--{uuid(2)}",'
                 f'"display_name":"{self.s()}","value":"{self.o()}@a.example"}}')
        self.put(f'{{"type":"identity","spec_version":"2.1","id":"identity--{uuid(3)}","name":'
                 f'"{self.o()}","created":"{WHEN}","modified":"{WHEN}","contact_information":'
                 f'"{self.s()}","roles":["{self.s()}","{self.s()}"],"extensions":{{"{EXTENSION}":'
                 f'{{"extension_type":"property-extension","purpose":"case","sealed":'
                 f'["/contact_information","/roles"]}}}}}}')

    def s(self):
        self.sealed.append(word())
        return self.sealed[-1]

    def o(self):
        self.open.append(word())
        return self.open[-1]

    def put(self, text):
        self.texts[json.loads(text)["id"]] = text

    def bundle(self, path):
        return bundle(path, self.texts.values())

    def left(self, folder, words=None):
        """Sealed words that are in some file: as they are, UTF-16, hexadecimal, base64, escapes."""
        found = []
        for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
            try:
                raw = path.read_bytes()
            except FileNotFoundError:
                continue
            low = raw.lower()
            for w in self.sealed if words is None else words:
                for form in (w[5:].encode(), w[::-1].encode(), w.encode("utf-16-le"),
                             w.encode("utf-16-be"), w.encode().hex().encode(),
                             *(base64.b64encode(b"x" * k + w.encode())[4:20] for k in range(3)),
                             "".join(f"\\u{ord(c):04x}" for c in w).encode()):
                    if form in raw or form in low:
                        found.append((path.name, w))
        return found


def bundle(path, texts):
    path.write_text('{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000",'
                    '"objects":[' + ",".join(texts) + "]}")
    return path


def level(served):
    s = served.status()
    return s["watchers"] and all(w["lag"] == 0 for w in s["watchers"])


def key(top, name):
    r = tocsin("key", "new", top / name)
    assert r.returncode == 0, r
    return top / name


def given(served, person):
    """How many of the objects come back byte for byte."""
    return sum(text in served.call("GET", ROUTES + i)[1] for i, text in person.texts.items())


def keys_refused(top):
    r = tocsin("key", "new", top / "key")
    mode = (top / "key").stat().st_mode & 0o777
    check("a key is made for its owner only", r.returncode == 0 and mode == 0o600, (r, oct(mode)))
    was = (top / "key").read_bytes()
    r = tocsin("key", "new", top / "key")
    check("and never written over", r.returncode == 3 and "is there already" in r.stderr and
          (top / "key").read_bytes() == was, r)
    folder = top / "refusing"
    node(TOCSIN, folder)
    for name, text, mode, says in (("others", was, 0o640, "others may read it"),
                                   ("short", was[:40], 0o600, "tocsin key new makes one"),
                                   ("long", was + b"x", 0o600, "tocsin key new makes one")):
        (top / name).write_bytes(text)
        os.chmod(top / name, mode)
        r = tocsin("search", folder, "x", "--field-key", top / name)
        check(f"a bad key file is refused: {name}", r.returncode and says in r.stderr, r)
    (folder / "inside").write_bytes(was)
    os.chmod(folder / "inside", 0o600)
    r = tocsin("search", folder, "x", "--field-key", folder / "inside")
    check("one in the node's folder too", r.returncode and "lies in the node's folder" in r.stderr,
          r)
    r = tocsin("search", folder, "x", "--field-key", top / "nowhere")
    check("and one that is not there", r.returncode and "cannot be opened" in r.stderr, r)
    check("none of them was put down", not (folder / "field-keys").exists())


def without_key(top):
    folder, p = top / "plain", Person(1)
    node(TOCSIN, folder)
    said = tocsin("status", folder).stdout
    check("without a key, status says so", "sealed         nothing: no field key" in said, said)
    r = tocsin("import", folder, p.bundle(top / "in.json"))
    check("an object that asks for it is refused", r.returncode == 3 and
          "asks for fields to be sealed at rest, and this node has no field key" in r.stderr and
          not p.left(folder), (r, p.left(folder)))
    r = tocsin("import", folder, p.bundle(top / "in.json"), "--keep-going")
    check("what packs only mark is stored as it is", "2 added" in r.stdout, r)


def whole_life(top):
    folder, k = top / "node", top / "key"
    p, q = Person(2), Person(3)
    node(TOCSIN, folder)
    tocsin("community", "add", folder, "Forum", "--alias", "forum", "--field-key", k)
    tocsin("community", "join", folder, "forum", "1", "--field-key", k)
    served = Served(TOCSIN, folder, "--field-key", str(k))
    r = tocsin("import", folder, p.bundle(top / "in.json"))  # without the key: it goes to the node
    check("imported", r.returncode == 0 and "3 added" in r.stdout, r)
    inbox = "forum"
    status, text = served.call(
        "POST", f"/taxii2/root/collections/{inbox}/objects/",
        '{"objects":[' + ",".join(q.texts.values()) + "]}",
        Content_Type="application/taxii+json;version=2.1", Accept="application/taxii+json;version=2.1")
    check("posted by TAXII", status == 202 and '"failure_count":0' in text.replace(" ", ""), text)
    until("the readers come to the end", lambda: level(served))
    check("no file holds a byte of it while it runs", not p.left(folder) + q.left(folder),
          p.left(folder) + q.left(folder))
    for one in (p, q):
        held = {w for _, w in one.left(folder, one.open)}
        check("what is not sealed is there and indexed", held == set(one.open), held)
        check("who may read gets it as it came", given(served, one) == 3)
    page = served.call("GET", f"/taxii2/root/collections/{inbox}/objects/",
                       Accept="application/taxii+json;version=2.1")[1]
    check("by TAXII too", all(t in page for t in q.texts.values()), page[:2000])
    hits = served.json("/api/v1/search?q=" + p.sealed[0])["objects"]
    check("sealed words are not found by search", not hits, hits)
    hits = served.json("/api/v1/search?q=" + p.open[3])["objects"]
    check("the others are", len(hits) == 1, hits)
    for w, kind in ((p.sealed[2], "email-addr"), (p.sealed[4], "identity")):
        r = tocsin("subject", folder, "--value", w, "--json")
        told = [o["object"]["type"] for o in json.loads(r.stdout)["objects"]]
        check("what is held about somebody is found in sealed fields too", told == [kind], r)
    r = tocsin("subject", folder, "--value", "display_name", "--json")
    check("by what they say, not by the names of fields", not json.loads(r.stdout)["objects"], r)
    r = tocsin("import", folder, p.bundle(top / "in.json"))
    check("the same again is the same", r.returncode == 0 and "0 added" in r.stdout, r)
    other = {i: t.replace(p.sealed[0], word()) for i, t in p.texts.items()}
    r = tocsin("import", folder, bundle(top / "in.json", other.values()), "--keep-going")
    check("another value under the same id is another content", "1 skipped" in r.stdout, r)
    r = tocsin("export", folder)
    check("an export holds all", all(json.loads(t)["id"] in r.stdout for t in p.texts.values()) and
          all(w in r.stdout for w in p.sealed), r.stderr)
    said = tocsin("status", folder).stdout
    check("status counts", "6 entries, with the field key" in said, said)
    ids = list(q.texts)
    r = tocsin("erase", folder, *ids, "--why", "case 12")
    check("erased as any other", r.returncode == 0 and "3 objects, 3 entries; no file" in r.stdout, r)
    check("and gone", not q.left(folder, q.open + q.sealed) and given(served, q) == 0)
    served.stop()
    check("no file holds a byte of it after the end", not p.left(folder), p.left(folder))
    return folder, k, p


def keys_needed(top, folder, k, p):
    for name, env, words in (("none", {}, []), ("a wrong one", {}, ["--field-key", key(top, "k2")])):
        r = tocsin("export", folder, *words, env={**os.environ, **env})
        check(f"without its key nothing opens: {name}", r.returncode == 1 and
              "are sealed with the key" in r.stderr and not r.stdout, r)
        try:
            Served(TOCSIN, folder, *map(str, words))
            check("nor is it served", False)
        except RuntimeError as e:
            check("nor is it served", "are sealed with the key" in str(e), e)
    for name, env, words in (
            ("option", {}, ["--field-key", k]), ("environment", {"TOCSIN_FIELD_KEY": str(k)}, []),
            ("credential", {"CREDENTIALS_DIRECTORY": str(top / "credentials")}, [])):
        (top / "credentials").mkdir(exist_ok=True)
        (top / "credentials" / "field-key").write_bytes(k.read_bytes())
        os.chmod(top / "credentials" / "field-key", 0o400)
        r = tocsin("export", folder, *words, env={**os.environ, **env})
        check(f"with it, it does: {name}", r.returncode == 0 and all(w in r.stdout for w in p.sealed),
              r.stderr)


def moved_and_damaged(top, folder, k, p):
    """Rows of the database are changed by hand; a copy is used."""
    copy = top / "copy"
    subprocess.run(["cp", "-a", folder, copy], check=True)
    others = Person(4)
    tocsin("import", copy, others.bundle(top / "in.json"), "--field-key", k)
    db = sqlite3.connect(copy / "journal.db")
    rows = db.execute("SELECT seq, body FROM entry WHERE flags & 64 AND body != x'' "
                      "ORDER BY seq").fetchall()
    (a, one), (b, two) = rows[0], rows[1]
    db.execute("UPDATE entry SET body=? WHERE seq=?", (two, a))
    db.execute("UPDATE entry SET body=? WHERE seq=?", (one, b))
    c, text = rows[2]
    db.execute("UPDATE entry SET body=? WHERE seq=?",
               (text.replace(p.open[3].encode(), others.open[3].encode()), c))
    db.commit()
    db.close()
    served = Served(TOCSIN, copy, "--field-key", str(k))
    got = [served.call("GET", ROUTES + i)[0] for i in p.texts]
    check("what was swapped or altered is not given out", got == [500] * 3, got)
    check("the others are not touched", given(served, others) == 3)
    r = tocsin("export", copy)
    check("nor kept from anybody", all(w in r.stdout for w in others.sealed) and
          not any(w in r.stdout for w in p.sealed), r)
    _, said = served.stop()
    check("and the log says which", "its sealed fields do not open" in said and
          all(i in said for i in p.texts), said)


def killed_importing(top, k):
    folder = top / "killed"
    node(TOCSIN, folder)
    people = [Person(100 + i) for i in range(40)]
    words = [w for p in people for w in p.sealed]
    some = [p.sealed[i % 5] for i, p in enumerate(people)]
    bundle(top / "many.json", [t for p in people for t in p.texts.values()])
    for delay in (0.01, 0.03, 0.06):
        served = Served(TOCSIN, folder, "--field-key", str(k))
        asking = subprocess.Popen([TOCSIN, "import", str(folder), str(top / "many.json")],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(delay)
        served.stop(signal.SIGKILL)
        asking.communicate(timeout=60)
        check("killed while importing: no byte of it in any file",
              not people[0].left(folder, some), people[0].left(folder, some))
    r = tocsin("import", folder, top / "many.json", "--field-key", k)
    check("and the import goes through later", r.returncode == 0, r)
    return folder, people, words


def rotated(top, folder, people, words, old):
    new = key(top, "new-key")
    call = [TOCSIN, "key", "rotate", str(folder), "--field-key", str(old), "--to", str(new)]
    small = subprocess.run(call, capture_output=True, text=True, timeout=60, preexec_fn=lambda: (
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))))
    check("a full disk breaks it off", small.returncode == 4 and "repeat it" in small.stderr,
          small)
    begun = 0
    for delay in (0.02, 0.03, 0.04, 0.05, 0.06):
        asking = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(delay)
        asking.kill()
        asking.communicate(timeout=60)
        begun += len((folder / "field-keys").read_text().split()) == 2
    if len((folder / "field-keys").read_text().split()) == 2:
        r = tocsin("export", folder, "--field-key", old)
        check("broken off, it says what to do", "repeat tocsin key rotate" in r.stderr, r)
    r = subprocess.run(call, capture_output=True, text=True, timeout=60)
    check("repeated, it ends", r.returncode == 0 and "sealed with" in r.stdout, r)
    check("it was broken off on its way", begun > 0)
    r = tocsin("export", folder, "--field-key", old)
    check("the old key opens nothing", r.returncode == 1 and not r.stdout, r)
    r = tocsin("export", folder, "--field-key", new)
    check("the new one all", r.returncode == 0 and all(w in r.stdout for w in words), r.stderr)
    ids = [x.encode() for x in (folder / "field-keys").read_text().split()]
    db = sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)
    used = {bytes(row[0]).hex().encode() for row in
            db.execute("SELECT substr(body, 5, 8) FROM entry WHERE flags & 64 AND body != x''")}
    db.close()
    check("nothing is sealed with the old one", used == set(ids) and len(ids) == 1, (used, ids))
    served = Served(TOCSIN, folder, "--field-key", str(new))
    check("byte for byte", sum(given(served, p) for p in people) == 3 * len(people))
    r = subprocess.run(call, capture_output=True, text=True, timeout=60)
    check("not while it is served", r.returncode == 4, r)
    served.stop()
    check("no byte of it in any file", not people[0].left(folder, words[::7]))


def demanded(top, k):
    folder = top / "demanding"
    node(TOCSIN, folder)
    types = folder / "packs" / "cases" / "types"
    types.mkdir(parents=True)
    (types / "cases.types").write_text(
        "type x-acme-person sco\n  include common-sco\n  name string required\n"
        "  born string\n\nsealed x-acme-person\n  field /name\n  field /born\n  require\n")
    (folder / "packs" / "cases" / "pack.txt").write_text("")
    r = tocsin("search", folder, "x")
    check("a pack may demand a key", r.returncode == 1 and
          "a pack demands that fields of every 'x-acme-person'" in r.stderr, r)
    p = Person(9)
    p.sealed, p.texts = [], {}
    p.put(f'{{"type":"x-acme-person","spec_version":"2.1","id":"x-acme-person--{secrets.token_hex(4)}'
          f'-0000-4000-8000-000000000001","name":"{p.s()}","born":"{p.s()}"}}')
    r = tocsin("import", folder, p.bundle(top / "in.json"), "--field-key", k)
    check("with one, its fields are sealed", r.returncode == 0 and not p.left(folder), r)
    (types / "cases.types").write_text(
        "type x-acme-person sco\n  include common-sco\n  name string required\n"
        "  born timestamp\n\nsealed x-acme-person\n  field /name\n  field /born\n  require\n")
    q = Person(10)
    q.sealed, q.texts = [], {}
    q.put(f'{{"type":"x-acme-person","spec_version":"2.1","id":"x-acme-person--{secrets.token_hex(4)}'
          f'-0000-4000-8000-000000000002","name":"{q.s()}","born":"{q.s()}"}}')
    served = Served(TOCSIN, folder, "--field-key", str(k))
    status, said = served.call("POST", "/api/v1/objects", next(iter(q.texts.values())),
                               Content_Type="application/json")
    check("what is refused is not repeated", status in (202, 422) and "sealed at rest" in said and
          not any(w in said for w in q.sealed) and not q.left(folder), (status, said))
    served.stop()
    for bad in ("/id", "name", "/extensions"):
        (types / "cases.types").write_text(
            f"type x-acme-person sco\n  include common-sco\n  name string\n\n"
            f"sealed x-acme-person\n  field {bad}\n")
        r = tocsin("pack", "check", folder / "packs" / "cases")
        check(f"a pack cannot seal {bad}", r.returncode and "what may be cut out" in
              r.stdout + r.stderr, r)


def whose(top):
    """The dates of a type say whose data it is, and of what nature, in the words of the domain."""
    types = top / "whose" / "types"
    types.mkdir(parents=True)
    (top / "whose" / "pack.txt").write_text("")
    for subject, nature, ok in (("victim", "assessment", True), ("anybody", "fact", False),
                                ("victim", "rumour", False)):
        (types / "w.types").write_text(
            "type x-acme-person sco\n  include common-sco\n  name string\n\nretention x-acme-person\n"
            f"  erase P1D\n  purpose \"p\"\n  basis \"b\"\n  subject {subject}\n  nature {nature}\n")
        r = tocsin("pack", "check", top / "whose")
        check(f"a pack says {subject}, {nature}", (r.returncode == 0) == ok, r)


def main():
    with tempfile.TemporaryDirectory() as top:
        top = Path(top)
        keys_refused(top)
        without_key(top)
        folder, k, p = whole_life(top)
        keys_needed(top, folder, k, p)
        moved_and_damaged(top, folder, k, p)
        rotated(top, *killed_importing(top, k), k)
        demanded(top, k)
        whose(top)
    done()


main()
