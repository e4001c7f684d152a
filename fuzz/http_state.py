# SPDX-License-Identifier: Apache-2.0
"""Stateful fuzzing of a live node: several people post, read, join, leave, delete and listen, by
valid requests and bent ones, over every route of the table. After every answer two things must hold:

  1. the node lives and no sanitizer has said anything;
  2. nothing in the answer (status line, header fields, body) or in a stream is of an object, version
     or field that its reader may not see; and asking for something hidden answers the same as asking
     for something that is not there (the question is asked twice, the second time with a new id).

What may be seen is reckoned by http_oracle.py. The same seed makes the same requests:

    TOCSIN_LIVE=build/san/tests/api/live TOCSIN_ROUTES=build/san/tests/api/routes \\
        python3 fuzz/http_state.py --seed 7 --steps 2000

--seconds N goes on with seed after seed for so long; --coverage prints what each route answered."""
import argparse
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from urllib.parse import quote, unquote, urlencode

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "api"))

from http_grammar import (HEADERS, PLACES, Filler, Maker, bend_body,  # noqa: E402
                          bend_path)
from http_oracle import UUID, WORD, Audience, Community, Oracle, org  # noqa: E402
from matrix_rules import ASSET, C, PEOPLE, ROUTES  # noqa: E402
from node import FORUM, OTHER, TAXII, Node, basic  # noqa: E402

READERS = [w for w in PEOPLE if w not in (None, "machine", "auditor")]
OFTEN = ["/api/v1/objects", "/api/v1/objects/{object}", "/api/v1/objects/{object}/versions", "/api/v1/near",
         "/api/v1/hunt", "/api/v1/rules", "/api/v1/impact", "/api/v1/critical", "/api/v1/assets.geojson",
         "/api/v1/duty-points", "/api/v1/search", "/api/v1/correlate", "/api/v1/graph", "/cap/",
         "/taxii2/root/collections/{collection}/objects/",
         "/taxii2/root/collections/{collection}/objects/{object}/",
         "/taxii2/root/collections/{collection}/manifest/"]
CREATING = ("api_incident", "api_rule_add", "api_alert", "api_onward_ask", "api_duty_call", "api_rule_mute",
            "api_rule_unmute", "api_onward_answer", "api_acknowledge", "api_release", "api_duty_answer",
            "api_confirm_open", "api_confirm_answer")
SEAL = re.compile(r'"(?:next|id|last|before)":\s*"([\w=.-]{16,60})"|before=([\w=-]+)|^id: (\S+)', re.M)
OWN = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+Z|"  # times: the node's own clock
                 r"^\d+\n[\w+/]{43}=\n\n(— .*\n)+", re.M)  # and the head of its log, which each question moves


class Found(Exception):
    pass


class Ear:
    """An event stream; what it brings is looked at after every step."""

    def __init__(self, n, who, after=None):
        self.who = who
        head = f"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(who)}\r\n" + \
            (f"Last-Event-ID: {after}\r\n" if after else "") + "\r\n"
        self.s = socket.create_connection(n.address, timeout=30)
        self.s.sendall(head.encode())
        self.s.setblocking(False)
        self.text = ""

    def new(self):
        """What came since the last time, from a word that was not complete then on."""
        try:
            while True:
                more = self.s.recv(1 << 16)
                if not more:
                    break
                self.text += more.decode(errors="replace")
        except (BlockingIOError, ConnectionResetError):
            pass
        said, self.text = self.text, self.text[-100:]
        return said


class Run:
    def __init__(self, seed, coverage):
        self.roll, self.seed, self.coverage = random.Random(seed), seed, coverage
        self.oracle, self.log, self.step_now, self.asked = Oracle(), [], 0, 0
        self.n = Node("parts=1", "circle=1", "request=20")
        self.connection = {}
        self.me = {w: self.n.get("/api/v1/me", login=w).json for w in PEOPLE if w}
        self.maker = Maker(self.roll, self.oracle, self.me)
        self.fill = Filler(self.roll, self.maker)
        self.fill.orgs = [me["org"]["identity"] for me in self.me.values()]
        for name, past in (("circle", True), ("circle2", False)):
            c = self.oracle.communities[name] = Community(("node", "grid"), past)
            c.functions["node"] = {"receive", "contribute", "release", "steward"}
        self.aliases = {"forum": FORUM, "other": OTHER}
        for c in self.n.get("/api/v1/communities").json["communities"]:
            if c["title"] in ("circle", "circle2"):
                self.aliases[c["id"]] = c["title"]
        out = subprocess.run([os.environ["TOCSIN_ROUTES"]], capture_output=True, text=True, check=True)
        self.routes = [line.split("\t")[:3] for line in out.stdout.splitlines()]
        self.origin = {}   # word -> who posted it, where, in what
        self.objects = []  # dicts: object, poster, place, audiences (of all versions)
        self.cookies, self.posted = {}, {}
        self.requests = {}  # to let an object go on: id -> object and community
        self.ears = [Ear(self.n, w) for w in READERS]

    # ---- one request ----

    def send(self, who, method, target, body=None, headers=(), apart=False):
        """Answer as (status, header text, body text). apart: on a connection of its own."""
        self.asked += 1
        lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
        given = dict(headers)
        if who and "Authorization" not in given and "Cookie" not in given:
            if who in self.cookies and self.roll.random() < 0.3:
                given["Cookie"] = self.cookies[who]
                given.setdefault("X-Tocsin", "1")
            else:
                given["Authorization"] = basic(who)
        self.proof = {k: v for k, v in given.items() if k in ("Authorization", "Cookie", "X-Tocsin")}
        given.setdefault("Accept", TAXII if target.startswith("/taxii2") else "*/*")
        given = {k: v for k, v in given.items() if v is not None}
        raw = body.encode() if isinstance(body, str) else body
        if raw is not None:
            given.setdefault("Content-Length", str(len(raw)))
        lines += [f"{k}: {v}" for k, v in given.items()]
        data = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + (raw or b"")
        self.log.append((self.step_now, who, data[:2000]))
        del self.log[:-12]
        if apart:
            return self.exchange(self.fresh(), method, data, True)
        s = self.connection.get(who) or self.fresh()
        try:
            answer = self.exchange(s, method, data, False)
        except (ConnectionError, http.client.BadStatusLine):  # it had been idle
            try:
                s = self.fresh()
                answer = self.exchange(s, method, data, False)
            except (ConnectionError, http.client.BadStatusLine) as e:
                raise Found("the node takes no request any more") from e
        keep = "close" not in answer[1].lower().split("connection:")[-1][:12] or "onnection:" not in answer[1]
        if not keep:
            s.close()
        self.connection[who] = s if keep else None
        if answer[0] == 401 and who in self.cookies and given.get("Cookie") == self.cookies[who]:
            self.cookies.pop(who)  # that session was ended: the same again with the password
            return self.send(who, method, target, body, headers)
        return answer

    def fresh(self):
        s = socket.create_connection(self.n.address, timeout=60)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def exchange(self, s, method, data, apart):
        try:
            s.sendall(data)
            r = http.client.HTTPResponse(s, method=method)
            r.begin()
            if "event-stream" in r.getheader("Content-Type", ""):
                s.settimeout(0.3)
                text = b""
                try:
                    while len(text) < 1 << 20 and (more := r.read1(1 << 16)):  # nothing: the node has ended it
                        text += more
                except (TimeoutError, OSError):
                    pass
                s.close()
                return r.status, "Connection: close\n" + str(r.headers), text.decode(errors="replace")
            return r.status, str(r.headers), r.read().decode(errors="replace")
        except TimeoutError as e:
            raise Found("the node does not answer") from e
        except (ConnectionError, http.client.HTTPException) as e:
            if not apart:
                raise ConnectionError from e
            return 0, "", ""  # what was sent was no request
        finally:
            if apart:
                s.close()

    # ---- what must hold ----

    def alive(self):
        if self.n.process.poll() is not None:
            raise Found(f"the node ended with {self.n.process.returncode}")

    def look(self, who, answer, said, ever=False):
        """said: what the request contained."""
        self.alive()
        text = answer[1] + "\n" + answer[2]
        bad = self.oracle.forbidden(who, text, said + said.lower(), ever)  # names are told in small letters
        if bad:
            at = text.index(bad[0])
            of = [f"{w}: {self.origin[w]}" for w in bad if w in self.origin][:1]
            raise Found(f"{who} was told {bad[:3]}, by {answer[0]}:\n{text[max(0, at - 600):at + 200]}\n"
                        f"who should not be, of {of}")
        for seal in SEAL.findall(text):
            self.fill.seals.extend(x for x in seal if x and "--" not in x)
        del self.fill.seals[:-300]

    def listen(self):
        for ear in self.ears:
            text = ear.new()
            if text:
                self.look(ear.who, (200, "", text), "", ever=True)

    def absent(self, who, word):
        """May this person not know that it is there, and never could?"""
        return word in self.oracle.carriers and not self.oracle.may(who, word, ever=True)

    def twin(self, who, method, target, body, headers, answer, eyes=None):
        """The same question about things that are not there. eyes: who reads for them, when that is another."""
        text = target + "\n" + (body or "")
        swap = {}
        for x in sorted(set(UUID.findall(text)) | set(WORD.findall(text))):
            if self.absent(eyes or who, x):
                swap[x] = self.maker.uuid() if "-" in x else self.maker.word()
        if not swap or method not in ("GET", "HEAD", "POST"):
            return
        first = target, body
        for a, b in swap.items():
            target, body = target.replace(a, b), body.replace(a, b) if body else body
        other = self.send(who, method, target, body, {**headers, **self.proof})  # signed in the same way
        self.look(who, other, text + target + (body or ""))
        if method == "POST" and 200 <= other[0] < 300:  # it has made something of the new words
            for b in swap.values():
                self.oracle.allow(b, [None, *PEOPLE])

        def equal(a):
            t = "\n".join(x for x in a[1].splitlines() if not x.startswith(("Date:", "X-Tocsin-Lag:", "Content-Length:"))) + \
                re.sub(r'"up_to_date":\w+', "", a[2])
            for one, two in swap.items():
                t = t.replace(two, one)
            return a[0], OWN.sub("<own>", SEAL.sub("<seal>", UUID.sub(
                lambda m: m.group() if m.group() in swap else "<id>", t)))
        if equal(answer) != equal(other):
            if method == "POST":  # what it changed, it changed at first: asked once more it is as the other
                again = self.send(who, method, *first, {**headers, **self.proof})
                if equal(again) == equal(other):
                    return
            raise Found(f"{who} can tell that {list(swap)} is there: {equal(answer)} against {equal(other)}")

    # ---- acts ----

    def post(self, known=None, place=0):
        r, o = self.roll, self.oracle
        poster = known["poster"] if known else r.choice(sorted(PLACES))
        where = known["place"] if known else r.choice(PLACES[poster]) if place == 0 else place
        others = [x["object"]["id"] for x in self.objects[-20:]]
        thing, whole, words, more = self.maker.object(poster, where, self.step_now, others,
                                                      known and known["object"])
        taxii = where and "-" in where and r.random() < 0.6
        target = f"{C}{where}/objects/" if taxii else "/api/v1/objects" + (f"?community={where}" if where else "")
        classified = r.random() < 0.03
        if classified:  # is taken by nobody, so its words have no carrier
            thing["labels"] = ["EU RESTRICTED"]
        body = json.dumps({"objects": more + [thing]})
        a = self.send(poster, "POST", target, body,
                      {"Content-Type": TAXII if taxii else "application/json"})
        self.look(poster, a, body)
        new = [x for x in self.maker.words_of(thing) if WORD.fullmatch(x)]
        self.fill.words.extend(new)
        taken = a[0] == 201 or a[0] == 202 and json.loads(a[2])["failure_count"] == 0
        self.count("post", a[0] if taken else -a[0])
        self.posted.setdefault(poster, set()).add(thing["id"])
        for x in new:
            self.origin[x] = (poster, where, thing, "taken" if taken else a)
        if not taken:
            return
        audiences = [whole] + [x for x in words if x is not whole]
        for audience, some in words.items():
            for w in some:
                o.carry(w, audience)
        for d in more:
            for w in UUID.findall(d["id"]):
                o.allow(w, [None, *PEOPLE])
        if known:
            known["audiences"] += audiences
            known["object"] = thing
        else:
            self.objects.append({"object": thing, "poster": poster, "place": where, "audiences": audiences})
            self.fill.ids.append(thing["id"])
        if thing["type"] in ("infrastructure", "incident"):
            self.told_on_purpose(thing, poster)

    def told_on_purpose(self, o, poster):
        """The cascade is reckoned over all: the node's organisation reads its findings and drafts, and
        an operator is warned about an asset of its own by id and name."""
        whom = {w for w in READERS if org(w) == "node"}
        operator = o.get("extensions", {}).get(ASSET, {}).get("operator_ref")
        for w in READERS:
            if self.me[w]["org"]["identity"] == operator:
                whom.add(w)
        names = set(UUID.findall(o["id"]))
        if o["type"] == "infrastructure":
            names |= set(WORD.findall(o["name"]))
            names |= set(WORD.findall(json.dumps(o["extensions"].get(ASSET, {}))))
        for x in names:
            self.oracle.allow(x, whom)

    def delete(self):
        mine = [x for x in self.objects if x["place"] and "-" in x["place"]]
        if not mine:
            return
        x = self.roll.choice(mine)
        target = f"{C}{x['place']}/objects/{x['object']['id']}/?match[version]=all"
        a = self.send(x["poster"], "DELETE", target)
        self.look(x["poster"], a, target)
        self.count("taxii_delete", a[0])
        if a[0] == 200:
            for audience in x["audiences"]:
                audience.gone = True
            self.objects.remove(x)

    def member(self):
        r = self.roll
        name, who = r.choice(["circle", "circle2"]), r.choice(["hospital", "stranger", "grid", "named"])
        functions = r.choice([[], ["receive"], ["receive", "contribute"], ["contribute"]])
        body = json.dumps({"organisation": self.me[who]["org"]["identity"], "takes_part": functions})
        a = self.send("officer", "POST", f"/api/v1/communities/{name}/members", body,
                      {"Content-Type": "application/json"})
        self.count("api_member_set", a[0])
        if a[0] == 204:
            self.oracle.communities[name].set(org(who), functions, self.step_now)
        elif name in self.oracle.communities and a[0] != 409:
            raise Found(f"membership was not changed: {a}")
        self.look("officer", a, body)

    def incident(self):
        """A cascade over what was posted: drafts, one released, one acknowledged."""
        assets = [x["object"]["id"] for x in self.objects if x["object"]["type"] == "infrastructure"]
        if not assets:
            return
        who = self.roll.choice(["officer", "grid"])
        word = self.maker.word()
        body = json.dumps({"name": word, "started": "2026-11-21T10:00:00Z", "marking": "TLP:RED",
                           "affected": self.roll.sample(assets, min(2, len(assets)))})
        a = self.send(who, "POST", "/api/v1/incidents", body, {"Content-Type": "application/json"})
        self.count("api_incident", a[0])
        self.look(who, a, body)
        made = UUID.findall(a[2]) if a[0] == 201 else []
        if made:
            self.fill.ids.append(f"incident--{made[0]}")
            for w in self.maker.words_of(body):
                self.oracle.carry(w, Audience("RED", who))
            self.oracle.allow(made[0], {who} | {x for x in READERS if org(x) == "node"})
        a = self.send("officer", "GET", "/api/v1/warnings")
        self.look("officer", a, "")
        for w in re.findall(r'"id":\s*"(warning--[0-9a-f-]{36})"', a[2])[:2]:
            self.fill.ids.append(w)
            a = self.send("officer", "POST", f"/api/v1/warnings/{w}/release", "{}",
                          {"Content-Type": "application/json"})
            self.look("officer", a, "")
            self.count("api_release", a[0])

    def sign_in(self):
        who = self.roll.choice(READERS)
        a = self.send(None, "POST", "/api/v1/session", json.dumps(
            {"login": who, "password": who + ", quiet bells"}), {"Content-Type": "application/json"})
        self.look(None, a, "")
        self.count("api_sign_in", a[0])
        got = re.search(r"Set-Cookie: ([^;\s]+)", a[1])
        if got:
            self.cookies[who] = got.group(1)

    def ear(self):
        """Listens anew, from a place that may be another's."""
        i = self.roll.randrange(len(self.ears))
        self.ears[i].s.close()
        after = self.roll.choice(self.fill.seals) if self.fill.seals and self.roll.random() < 0.8 else None
        self.ears[i] = Ear(self.n, self.ears[i].who, after)

    def question(self, route=None, who=None):
        """Any route, as anybody, with likely arguments; now and then bent."""
        r, tour = self.roll, route is not None
        if not route:
            pick = [x for x in self.routes if x[1] in OFTEN and x[2] not in ("api_add", "taxii_add", "taxii_delete")]
            route = r.choice(self.routes) if r.random() < 0.6 else r.choice(pick)
        method, path, name = route
        who = who or r.choice(READERS + READERS + list(PEOPLE))
        if not tour and name in ("api_sign_out", "api_session_end", "api_sign_in", "api_factors_drop", "taxii_delete",
                    "api_member_set", "api_community_state", "signin") and who and r.random() < 0.9:
            who = None if "sign" in name or "session" in name else "hospital"
        target = re.sub(r"\{(\w+)\}", lambda m: quote(str(self.fill.value(m.group(1))), safe=""), path)
        query = self.fill.query(method, path)
        if query:
            target += "?" + urlencode(query)
        media, body = self.fill.body(method, path)
        headers = {"Content-Type": TAXII if path.startswith("/taxii2") else media} if media else {}
        if not tour and r.random() < 0.2:
            self.bent(who, method, target, body, headers, name)
            return
        a = self.send(who, method, target, body, headers)
        self.count(name, a[0])
        self.changed(name, who, target, body, a)
        self.look(who, a, target + (body or "") + self.entitled(name, who, a), ever="stream" in name)
        if a[0] != 0 and name not in ("api_stream", "api_status", "metrics", "healthz", "api_totp"):
            self.twin(who, method, target, body, headers, a,
                      "officer" if name == "api_subject" and who == "auditor" else None)

    def entitled(self, name, who, a):
        """What a route tells by a rule of its own."""
        if name == "taxii_status":  # what one has posted oneself, whatever became of it
            return " ".join(self.posted.get(who, ()))
        if name == "api_subject" and who == "auditor":  # ids, without content, of what their organisation reads
            return " ".join(x for x in UUID.findall(a[2]) if self.oracle.may("officer", x))
        return ""

    def changed(self, name, who, target, body, a):
        """What a random request changed and the oracle must know."""
        if name == "api_member_set" and a[0] == 204:
            said = json.loads(body)
            place = unquote(target.split("/")[4])
            place = self.aliases.get(place, place)
            orgs = {me["org"]["identity"]: org(w) for w, me in self.me.items()}
            self.oracle.communities[place].set(orgs[said["organisation"]], said["takes_part"], self.step_now)
        if name == "api_sign_out" and who in self.cookies and a[0] == 204:
            self.cookies.pop(who)
        if a[0] in (200, 201) and name in CREATING:
            self.created(name, who, target, body, a)
        if name == "api_community_state" and a[0] == 204 and "archived" in (body or ""):
            raise Found("the grammar does not archive")  # nobody could join any more

    def created(self, name, who, target, body, a):
        """What a random request made carries the words that were in it."""
        for i in re.findall(r"[a-z-]+--" + UUID.pattern, a[2])[:1]:
            self.fill.ids.append(i)
        said = json.loads(body)
        if name == "api_onward_ask":
            self.requests[json.loads(a[2])["id"]] = said["object"], self.aliases.get(said["community"], said["community"])
        if name == "api_onward_answer" and said.get("grant") is True:
            self.goes_on(unquote(target.split("/")[4]))
        for field in ("round", "title", "why", "reason", "answer", "note"):  # whoever writes an id there tells it
            for w in UUID.findall(str(said.get(field, ""))):
                self.oracle.allow(w, [None, *PEOPLE])
        if name not in ("api_incident", "api_rule_add"):
            for w in WORD.findall(body):  # for whom, is not reckoned here
                self.oracle.allow(w, [None, *PEOPLE])
            for w in UUID.findall(target + body):  # is spoken of also when it is gone
                self.oracle.allow(w, {x for x in READERS if self.oracle.may(x, w, ever=True)})
            return
        level = re.sub(r"(?i)^tlp:", "", said.get("marking", "AMBER")).upper().replace("AMBER+STRICT", "STRICT")
        place = self.aliases.get(said.get("community"), said.get("community"))
        audience = Audience(level, who, place, step=self.step_now)
        for w in self.maker.words_of(said) | {x for x in UUID.findall(a[2]) if x in self.maker.made}:
            self.oracle.carry(w, audience)
        made = UUID.findall(a[2])[:1]
        for w in made:
            self.oracle.carry(w, audience)
            self.oracle.allow(w, {x for x in READERS if org(x) == "node"})

    def goes_on(self, request):
        """The owner has let an object go on: it is in another community too."""
        o_id, place = self.requests[request]
        mine = [x for x in self.objects if x["object"]["id"] == o_id]
        if not mine:  # not by post(): for whom, is not reckoned here
            shared = [a for w in UUID.findall(o_id) for a in self.oracle.carriers.get(w, ())]
            for w, carriers in self.oracle.carriers.items():
                if set(carriers) & set(shared):
                    self.oracle.allow(w, READERS)
        for x in mine:
            new = {a: a.elsewhere(place, self.step_now) for a in x["audiences"]}
            for carriers in self.oracle.carriers.values():
                carriers += [new[a] for a in carriers if a in new]
            x["audiences"] += new.values()

    def bent(self, who, method, target, body, headers, name):
        r = self.roll
        how = r.random()
        before = target  # of a word that is cut in two the whole may come back
        if how < 0.4:
            target = bend_path(r, target)
            target = "".join(c if 33 <= ord(c) < 127 else "%20" for c in target)
        elif how < 0.75:
            for _ in range(r.choice([1, 1, 2, 4])):
                k, v = r.choice(HEADERS)
                headers[k] = v
                who = None if k in ("Authorization", "Cookie") else who  # then nobody else is shown
        elif how < 0.85:
            method = r.choice(["HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "get", "DELETE", "CONNECT", "X" * 40])
            if method == "DELETE":
                who = "hospital"
        elif body:
            body = bend_body(r, body)
        elif r.random() < 0.5:
            headers["Authorization"] = r.choice(["Basic", "Basic !!!!", "Basic Og==", "Bearer x", "Digest a",
                                                 "Basic " + "A" * 5000, "Bearer " + "A" * 43])
            who = None
        else:
            headers["Cookie"] = "tocsin=" + r.choice(self.fill.seals + ["x"])
            who = None
        said = before + target + (body if isinstance(body, str) else (body or b"").decode(errors="replace"))
        a = self.send(who, method, target, body, headers, apart=True)
        self.count("bent", a[0])
        if name in CREATING and 200 <= a[0] < 300:
            if isinstance(body, str):
                self.created(name, who, target, body, a)
            for w in self.maker.words_of(said):  # for whom, is not reckoned here
                self.oracle.allow(w, [None, *PEOPLE])
        elif isinstance(body, str):
            self.changed(name, who, target, body, a)
        self.look(who, a, said + self.entitled(name, who, a), ever="stream" in target.lower())

    def count(self, name, status):
        self.coverage.setdefault(name, {}).setdefault(status, 0)
        self.coverage[name][status] += 1

    # ---- the whole ----

    ACTS = [(22, "post"), (6, "version"), (4, "delete"), (4, "member"), (1, "incident"), (1, "sign_in"),
            (1, "ear"), (61, "question")]

    def version(self):
        if self.objects:
            self.post(self.roll.choice(self.objects))

    def step(self):
        self.step_now += 1
        getattr(self, self.roll.choices([a for _, a in self.ACTS], [w for w, _ in self.ACTS])[0])()
        self.listen()

    def go(self, steps, until=None):
        for _ in range(25):
            self.step_now += 1
            self.post()
        for route in self.routes:  # each once, whatever the dice say
            self.question(route, "auditor" if "audit" in route[2] else "officer")
        for _ in range(steps):
            if until and time.monotonic() > until:
                break
            self.step()

    def close(self):
        for ear in self.ears:
            ear.s.close()
        for s in self.connection.values():
            if s:
                s.close()
        return self.n.close()


def one(seed, steps, coverage, until=None):
    """None, or what was found."""
    run = Run(seed, coverage)
    found = None
    try:
        run.go(steps, until)
    except Found as e:
        said = "\n".join(f"  step {s} as {w}: {d!r}" for s, w, d in run.log)
        found = f"seed {seed}, step {run.step_now}: {e}\nthe last requests:\n{said}"
    try:
        run.close()
    except (AssertionError, subprocess.TimeoutExpired) as e:
        found = f"{found or f'seed {seed}'}\n{e}"
    coverage["requests"] = coverage.get("requests", 0) + run.asked
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--steps", type=int, default=1000)
    p.add_argument("--seconds", type=float)
    p.add_argument("--coverage", action="store_true")
    p.add_argument("--go-on", action="store_true", help="with the next seed after something was found")
    o = p.parse_args()
    start, coverage, seed, status = time.monotonic(), {}, o.seed, 0
    until = start + o.seconds if o.seconds else None
    while True:
        found = one(seed, o.steps, coverage, until)
        if found:
            status = 1
            print(found, flush=True)
        seed += 1
        if not until or time.monotonic() > until or found and not o.go_on:
            break
    asked = coverage.pop("requests")
    missed = [name for name in ROUTES if name not in coverage]
    spent = time.monotonic() - start
    print(f"{asked} requests in {spent:.0f} s, {seed - o.seed} histories; {len(ROUTES) - len(missed)} of "
          f"{len(ROUTES)} routes, {sum(1 for n in ROUTES if any(200 <= s < 300 for s in coverage.get(n, ())))}"
          " answered well")
    if missed:
        print("never called:", *missed)
        status = 1
    if o.coverage:
        for name, seen in sorted(coverage.items()):
            print(f"  {name}: " + ", ".join(f"{k} {v}x" for k, v in sorted(seen.items())))
    sys.exit(status)


if __name__ == "__main__":
    main()
