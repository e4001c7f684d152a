# SPDX-License-Identifier: Apache-2.0
"""Signing in at a provider (OpenID Connect): a node run by "tocsin serve" with a provider that lies
(provider.py). Each lie is refused, with one sentence to the person and its cause on record."""
import base64
import hmac
import http.client
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import ssl
import time
import unittest
import urllib.parse
from pathlib import Path

import provider
from authority import Authority
from node import Answer, run

LOGINS = ("officer", "duty@example.org", "guarded", "other")


def totp(secret):
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = mac[19] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


def tocsin(*words):
    return subprocess.run([os.environ["TOCSIN"], *words], capture_output=True, text=True, timeout=60)


def bent(key, claims):
    """The first letter of the signature is another."""
    text, signature = provider.es256(key, claims).rsplit(".", 1)
    return text + "." + ("B" if signature[0] == "A" else "A") + signature[1:]


class Served:
    """A node of its own, with oidc.json, under tocsin serve."""

    def __init__(self, config, *options, ca=None):
        self.options, self.trust = options, ssl.create_default_context(cafile=ca) if ca else None
        self.folder = tempfile.mkdtemp(prefix="tocsin-oidc-")
        self.dir = os.path.join(self.folder, "node")
        password = os.path.join(self.folder, "pw")
        Path(password).write_text("four brass bells ring\n")
        self.good("init", self.dir, "--org", "Grid authority", "--country", "NL")
        for login in LOGINS:
            self.good("user", "add", self.dir, login, "--org", "Grid authority", "--password-file", password)
        if config:
            self.configure(config)
        self.process, self.log = None, tempfile.TemporaryFile(mode="w+")
        self.start()

    def configure(self, config):
        file = Path(self.dir, "oidc.json")
        file.touch(0o600)
        file.write_text(json.dumps(config))

    def start(self):
        self.process = subprocess.Popen([os.environ["TOCSIN"], "serve", self.dir, "--listen", "127.0.0.1:0", *self.options],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert "://" in line, self.said()
        self.url = line.split()[-1]
        self.address = ("127.0.0.1", int(self.url.rsplit(":", 1)[1]))

    def connect(self):
        if self.trust:
            return http.client.HTTPSConnection(*self.address, timeout=60, context=self.trust)
        return http.client.HTTPConnection(*self.address, timeout=60)

    def good(self, *words):
        r = tocsin(*words)
        assert r.returncode == 0, r.stderr
        return r.stdout

    def link(self, login, issuer, subject):
        self.good("user", "link", self.dir, login, "--issuer", issuer, "--subject", subject)

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def whys(self):
        """What the sign-ins on record say, oldest first."""
        said = Path(self.dir, "audit", "said", "000000000").read_bytes().decode("latin-1")
        return [part.split('"')[0] for part in said.split('"why":"')[1:]]

    def failure(self):
        """The newest that failed: as many as the log has, though each may be written a moment later."""
        logged = self.said().count("sign-in by the provider: ")
        for _ in range(200):
            failed = [w for w in self.whys() if w.startswith("failed: provider, ")]
            if len(failed) == logged:
                return failed[-1]
            time.sleep(0.02)
        raise AssertionError(f"{logged} failures in the log, {len(failed)} on record")

    def stop(self):
        self.process.terminate()
        status = self.process.wait(60)
        self.process.stdout.close()
        return status

    def close(self):
        status, said = self.stop(), self.said()
        self.log.close()
        shutil.rmtree(self.folder)
        if status or "Sanitizer" in said or "runtime error" in said:
            raise AssertionError(f"the node ended with {status}:\n{said}")


class Browser:
    """Keeps cookies as a browser does, by name; "cross" leaves SameSite=Strict at home."""

    def __init__(self, node):
        self.node, self.cookies = node, {}

    def call(self, method, path, body=None, cross=False, **headers):
        sent = {n: v for n, (v, strict) in self.cookies.items() if not (cross and strict)}
        given = {"X-Tocsin": "1", "User-Agent": "test browser", **headers}
        if sent:
            given["Cookie"] = "; ".join(f"{n}={v}" for n, v in sent.items())
        if body is not None:
            body, given["Content-Type"] = json.dumps(body), "application/json"
        c = self.node.connect()
        c.request(method, path, body, given)
        r = c.getresponse()
        a = Answer(r.status, r.headers, r.read())
        c.close()
        for line in a.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = (value, "SameSite=Strict" in line)
            if "Max-Age=0" in line:
                del self.cookies[name]
        return a

    def begin(self):
        return self.call("POST", "/api/v1/session/oidc", {}, Origin=self.node.url)

    def back(self, query):
        return self.call("GET", "/signin/oidc?" + urllib.parse.urlencode(query), cross=True)

    def me(self):
        a = self.call("GET", "/api/v1/me").json
        return a.get("login") if a["signed_in"] else None


class Base(unittest.TestCase):
    config = {}

    @classmethod
    def setUpClass(cls):
        cls.p = provider.Provider()
        cls.n = Served({"issuer": cls.p.issuer, "client_id": cls.p.client, "client_secret": cls.p.secret,
                        "label": "Sign in with the ministry", **cls.config})
        cls.n.link("officer", cls.p.issuer, "248289761001")

    @classmethod
    def tearDownClass(cls):
        cls.p.held.set()
        cls.n.close()
        cls.p.shutdown()
        cls.p.server_close()

    def setUp(self):
        self.p.straight()

    def sign_in(self, browser=None, **query):
        """Begins, says yes at the provider, comes back."""
        b = browser or Browser(self.n)
        begun = b.begin()
        self.assertEqual(begun.status, 200, begun)
        return b, b.back({**self.p.allow(begun.json["go"]), **query})

    def turned_away(self, a):
        """Begun elsewhere: nothing is on record, since any site's page can send a browser here."""
        before = self.n.said()
        self.assertEqual(a.status, 403)
        self.assertIn("was not begun in this browser", a.body.decode())
        self.assertEqual(self.n.said(), before)

    def refused(self, a, cause, sentence="does not count"):
        self.assertIn(a.status, (403, 503), a)
        self.assertIn(sentence, a.body.decode())
        self.assertIn("text/html", a.headers["Content-Type"])
        self.assertIn(f"sign-in by the provider: {cause}: ", self.n.said().strip().split("\n")[-1])
        self.assertEqual(self.n.failure(), "failed: provider, " + cause)
        self.assertNotIn("tocsin=", a.headers["Set-Cookie"])  # only the note's own, taken away
        self.assertIn("Max-Age=0", a.headers["Set-Cookie"])


class Straight(Base):
    def test_a_person_signs_in(self):
        b = Browser(self.n)
        self.assertEqual(b.call("GET", "/api/v1/me").json["provider"], "Sign in with the ministry")
        begun = b.begin()
        asks = dict(urllib.parse.parse_qsl(begun.json["go"].split("?", 1)[1]))
        self.assertEqual(begun.json["go"].split("?")[0], self.p.issuer + "/authorize")
        self.assertEqual({k: asks[k] for k in ("response_type", "client_id", "redirect_uri", "scope",
                                               "code_challenge_method")},
                         {"response_type": "code", "client_id": "tocsin", "scope": "openid",
                          "redirect_uri": self.n.url + "/signin/oidc", "code_challenge_method": "S256"})
        self.assertEqual(len({asks["state"], asks["nonce"], asks["code_challenge"]}), 3)
        self.assertTrue(all(len(asks[k]) == 43 for k in ("state", "nonce", "code_challenge")))
        cookie = begun.headers["Set-Cookie"]
        for word in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"):
            self.assertIn(word, cookie)
        for secret in ("state", "nonce"):
            self.assertNotIn(asks[secret], cookie)
        a = b.back(self.p.allow(begun.json["go"]))
        self.assertEqual((a.status, a.headers["Location"]), (303, "/"), a)
        self.assertEqual(b.me(), "officer")
        self.assertEqual(list(b.cookies), ["tocsin"])
        self.assertEqual(self.n.whys()[-1], "provider")
        mine = b.call("GET", "/api/v1/sessions").json["sessions"]
        self.assertEqual([s["label"] for s in mine if s["current"]], ["test browser"])
        self.assertNotIn("provider", b.call("GET", "/api/v1/me").json)

    def test_nothing_of_the_provider_is_asked_twice(self):
        self.sign_in()
        self.p.asked.clear()
        self.sign_in()
        self.assertEqual(self.p.asked, ["/token"])

    def test_the_session_of_before_ends(self):
        """Whoever's it was: Strict, it does not come along from the provider."""
        b = Browser(self.n)
        self.assertEqual(b.call("POST", "/api/v1/session", {"login": "other", "password": "four brass bells ring"},
                                Origin=self.n.url).status, 200)
        planted = dict(b.cookies)
        self.sign_in(b)
        self.assertEqual(b.me(), "officer")
        b.cookies = planted
        self.assertIsNone(b.me())

    def test_nobody_is_made(self):
        before = self.n.good("user", "list", self.n.dir)
        self.p.subject = 'x<b>"&'
        b, a = self.sign_in()
        self.refused(a, "person", "You have no account on this node")
        self.assertIn("x&#60;b&#62;&#34;&#38;", a.body.decode())
        self.assertIsNone(b.me())
        self.p.more = {"email": "duty@example.org", "email_verified": True, "preferred_username": "officer"}
        self.refused(self.sign_in()[1], "person", "You have no account")
        self.assertEqual(self.n.good("user", "list", self.n.dir), before)

    def test_a_link_works_and_ends_at_once(self):
        self.p.subject = "77"
        self.refused(self.sign_in()[1], "person", "You have no account")
        self.n.link("other", self.p.issuer, "77")
        self.assertEqual(self.sign_in()[0].me(), "other")
        self.assertIn("77", self.n.good("user", "link-list", self.n.dir, "other"))
        self.n.good("user", "deactivate", self.n.dir, "other")
        self.refused(self.sign_in()[1], "person", "You have no account")
        self.n.good("user", "activate", self.n.dir, "other")
        self.n.good("user", "unlink", self.n.dir, "other", "--issuer", self.p.issuer, "--subject", "77")
        self.refused(self.sign_in()[1], "person", "You have no account")

    def test_the_second_factor_of_here_is_still_asked_for(self):
        self.p.subject, self.p.more = "guarded-1", {"amr": ["mfa"], "acr": "high"}
        self.n.link("guarded", self.p.issuer, "guarded-1")
        b, _ = self.sign_in()
        secret = b.call("POST", "/api/v1/factors/totp", {}).json["secret"]
        code = totp(secret)
        self.assertEqual(b.call("POST", "/api/v1/factors/totp/confirm", {"code": code}).status, 200)
        b, a = self.sign_in()
        self.assertEqual(a.status, 303)
        self.assertTrue(a.headers["Location"].startswith("/#second=tc2_"), a.headers["Location"])
        self.assertIsNone(b.me())
        ticket = a.headers["Location"].split("=", 1)[1]
        wrong = b.call("POST", "/api/v1/session/second", {"ticket": ticket, "code": code}, Origin=self.n.url)
        self.assertEqual(wrong.status, 401)  # it was used

    def test_other_pages_cannot_begin_one(self):
        a = Browser(self.n).call("POST", "/api/v1/session/oidc", {}, Origin="https://elsewhere.example")
        self.assertEqual(a.status, 403)
        self.assertIsNone(a.headers["Set-Cookie"])


class Lies(Base):
    """What the provider's token says."""

    def lie(self, cause, sign=None, **claims):
        self.p.straight()
        self.p.more, self.p.sign = claims, sign or provider.es256
        b, a = self.sign_in()
        self.refused(a, cause)
        self.assertIsNone(b.me())

    def test_claims(self):
        now = int(time.time())
        self.lie("nonce", nonce="another")
        self.lie("nonce", nonce=None)
        self.lie("aud", aud="another")
        self.lie("aud", aud=["tocsin", "another"])
        self.lie("azp", azp="another")
        self.lie("iss", iss="https://evil.example.org")
        self.lie("iss", iss=self.p.issuer + "/")
        self.lie("exp", exp=now - 600)
        self.lie("exp", exp=None)
        self.lie("iat", iat=now + 600)
        self.lie("iat", iat=now - 600)
        self.lie("nbf", nbf=now + 600)
        self.lie("sub", sub=None)
        self.lie("at_hash", at_hash="AAAAAAAAAAAAAAAAAAAAAA")
        self.lie("c_hash", c_hash="AAAAAAAAAAAAAAAAAAAAAA")
        self.p.straight()
        self.assertEqual(self.sign_in()[0].me(), "officer")  # the same without a lie

    def test_signatures(self):
        stranger = provider.Key("first")  # another key under the name of ours
        self.lie("alg", provider.none)
        self.lie("alg", provider.hs256)
        self.lie("signature", lambda _, c: provider.es256(stranger, c))
        self.lie("signature", bent)
        self.lie("crit", lambda k, c: provider.es256(k, c, crit=["x"], x=1))
        self.lie("typ", lambda k, c: provider.es256(k, c, typ="logout+jwt"))
        self.lie("token", lambda k, c: "not.a token")
        self.lie("token", lambda k, c: provider.es256(k, c) + ".x.y")
        self.lie("token", lambda k, c: provider.es256(k, {**c, "more": "x" * 20000}))


class Ways(Base):
    """What happens on the way."""

    def test_once(self):
        b = Browser(self.n)
        query = self.p.allow(b.begin().json["go"])
        note = dict(b.cookies)
        self.assertEqual(b.back(query).status, 303)
        again = Browser(self.n)
        again.cookies = note  # the cookie was kept, the provider would give a token again
        self.p.codes[query["code"]] = {"nonce": "x"}
        self.p.asked.clear()
        self.refused(again.back(query), "replay", "begin it again")
        self.assertEqual(self.p.asked, [])
        self.assertIsNone(again.me())

    def test_only_in_the_browser_that_began(self):
        mine, other = Browser(self.n), Browser(self.n)
        query = self.p.allow(mine.begin().json["go"])
        self.turned_away(other.back(query))
        other.begin()
        self.refused(other.back(query), "state", "begin it again")
        name, (value, strict) = list(mine.cookies.items())[0]
        other.cookies = {name: (value[:-3] + ("AAA" if value[-3:] != "AAA" else "BBB"), strict)}
        self.turned_away(other.back(query))
        other.cookies = dict(mine.cookies)
        other.call("GET", "/api/v1/me")
        c = http.client.HTTPConnection(*self.n.address)  # twice: somebody else may have set one
        c.request("GET", "/signin/oidc?" + urllib.parse.urlencode(query), headers={"Cookie": f"{name}={value}; {name}=x"})
        self.assertEqual(c.getresponse().status, 403)
        c.close()
        self.assertEqual(mine.back(query).status, 303)  # nothing of that has spent it

    def test_somebody_elses_code(self):
        """An attacker's code in a sign-in that this browser began: PKCE, and without it the nonce."""
        theirs = self.p.allow(Browser(self.n).begin().json["go"])["code"]
        b, a = self.sign_in(code=theirs)
        self.refused(a, "trade")
        self.p.pkce = False
        theirs = self.p.allow(Browser(self.n).begin().json["go"])["code"]
        b, a = self.sign_in(code=theirs)
        self.refused(a, "nonce")
        self.assertIsNone(b.me())

    def test_another_providers_answer(self):
        """Mix-up (RFC 9207): the code must not even be shown to ours."""
        self.p.asked.clear()
        b, a = self.sign_in(iss="https://evil.example.org")
        self.refused(a, "iss")
        self.p.iss = False  # and it said that it names itself
        self.refused(self.sign_in()[1], "iss")
        self.assertNotIn("/token", self.p.asked)

    def test_the_provider_says_no(self):
        b = Browser(self.n)
        query = self.p.allow(b.begin().json["go"])
        del query["code"]
        a = b.back({**query, "error": "access_denied", "error_description": "not\u202e today <b>"})
        self.refused(a, "denied", "The provider did not let you in")
        self.assertNotIn("today", a.body.decode())
        b = Browser(self.n)
        query = self.p.allow(b.begin().json["go"])
        del query["code"]
        self.refused(b.back(query), "code")

    def test_answers_that_are_none(self):
        away = {"Location": self.p.issuer + "/me"}
        for cause, path, answer in (
                ("trade", "/token", (302, away, b"")),
                ("trade", "/token", (200, {}, b'{"access_token":"a","token_type":"Bearer"}')),
                ("trade", "/token", (200, {}, b"<html>")),
                ("trade", "/token", (200, {}, b" " * (300 << 10))),
                ("trade", "/token", (200, {}, b" " * (2 << 20))),
                ("trade", "/token", (500, {}, b"{}"))):
            self.p.straight()
            self.p.answer = {path: answer}
            self.refused(self.sign_in()[1], cause)
            self.assertNotIn("/me", self.p.asked)

    def test_a_slow_provider_holds_nobody_else_up(self):
        self.p.answer = {"/token": "slow"}
        b = Browser(self.n)
        query = self.p.allow(b.begin().json["go"])
        c = http.client.HTTPConnection(*self.n.address, timeout=60)
        began = time.monotonic()
        c.request("GET", "/signin/oidc?" + urllib.parse.urlencode(query),
                  headers={"Cookie": "; ".join(f"{n}={v[0]}" for n, v in b.cookies.items())})
        for _ in range(20):
            self.assertIsNone(Browser(self.n).me())
        self.assertLess(time.monotonic() - began, 5)
        r = c.getresponse()
        self.assertEqual(r.status, 503)
        self.assertIn(b"cannot be asked now", r.read())
        self.assertLess(time.monotonic() - began, 20)
        c.close()
        self.p.held.set()


class Rotation(Base):
    def test_keys_change(self):
        self.assertEqual(self.sign_in()[0].me(), "officer")
        self.p.key = provider.Key("second")
        self.p.keys = [self.p.keys[0], self.p.key]
        self.p.asked.clear()
        self.assertEqual(self.sign_in()[0].me(), "officer")
        self.assertEqual(self.p.asked, ["/token", "/keys"])
        # a key that is in no set: they are looked for once, then not again so soon
        self.p.key = provider.Key("third")
        self.p.asked.clear()
        self.refused(self.sign_in()[1], "key")
        self.refused(self.sign_in()[1], "key")
        self.assertLessEqual(self.p.asked.count("/keys"), 1)


class Trusting(Base):
    config = {"scopes": "openid email", "person_by": "verified_email",
              "accept_as_second_factor": {"amr": ["mfa"], "acr": ["urn:high"]}}

    def test_a_verified_address_names_a_login(self):
        self.p.subject = "9"
        self.p.info = {"email": "Duty@example.org", "email_verified": True}
        self.assertEqual(self.sign_in()[0].me(), "duty@example.org")
        self.p.info = {"email": "duty@example.org", "email_verified": False}
        self.refused(self.sign_in()[1], "person", "You have no account")
        self.p.info = {"email": "duty@example.org"}
        self.refused(self.sign_in()[1], "person", "You have no account")
        self.p.info = {"email": "nobody@example.org", "email_verified": True}
        self.refused(self.sign_in()[1], "person", "You have no account")
        self.p.info = {"sub": "8", "email": "duty@example.org", "email_verified": True}
        self.refused(self.sign_in()[1], "userinfo")

    def test_the_providers_second_factor_counts(self):
        self.p.subject = "guarded-1"
        self.n.link("guarded", self.p.issuer, "guarded-1")
        b, _ = self.sign_in()
        secret = b.call("POST", "/api/v1/factors/totp", {}).json["secret"]
        self.assertEqual(b.call("POST", "/api/v1/factors/totp/confirm", {"code": totp(secret)}).status, 200)
        for more, enough in (({}, False), ({"amr": ["pwd"]}, False), ({"amr": "mfa"}, False),
                             ({"acr": "urn:low"}, False), ({"amr": ["pwd", "mfa"]}, True), ({"acr": "urn:high"}, True)):
            self.p.more = more
            b, a = self.sign_in()
            self.assertEqual(b.me(), "guarded" if enough else None, more)
            self.assertEqual("second=" in a.headers["Location"], not enough)


class Startup(unittest.TestCase):
    def setUp(self):
        self.p = provider.Provider()
        self.good = {"issuer": self.p.issuer, "client_id": self.p.client, "client_secret": self.p.secret}

    def tearDown(self):
        self.p.shutdown()
        self.p.server_close()

    def test_none(self):
        n = Served(None)
        b = Browser(n)
        self.assertEqual(b.begin().status, 404)
        self.assertEqual(b.back({"code": "x", "state": "y"}).status, 404)
        self.assertNotIn("provider", b.call("GET", "/api/v1/me").json)
        n.close()

    def test_a_wrong_file(self):
        n = Served(None)
        n.stop()
        for config, says in (({**self.good, "clientid": "x"}, "no such member"),
                             ({**self.good, "issuer": "http://login.example.org"}, "https address"),
                             ({**self.good, "person_by": "email"}, "person_by")):
            n.configure(config)
            r = tocsin("serve", n.dir, "--listen", "127.0.0.1:0")
            self.assertEqual(r.returncode, 3, r.stderr)
            self.assertIn(says, r.stderr)
            self.assertIn("oidc.json", r.stderr)
        n.configure(self.good)
        Path(n.dir, "oidc.json").chmod(0o640)
        self.assertIn("chmod 600", tocsin("serve", n.dir, "--listen", "127.0.0.1:0").stderr)
        shutil.rmtree(n.folder)

    def test_a_provider_that_is_another(self):
        self.p.document = {"issuer": self.p.issuer + "/other"}
        n = Served(self.good)
        for _ in range(2):  # the second at once, without asking
            a = Browser(n).begin()
            self.assertEqual(a.status, 503)
            self.assertIn("cannot be asked now", a.json["error"]["message"])
            self.assertIsNone(a.headers["Set-Cookie"])
        self.assertEqual(self.p.asked, ["/.well-known/openid-configuration"])
        self.assertIn("another issuer", n.said())
        n.close()

    def test_addresses_that_are_not_configured(self):
        """The way out goes to the issuer's origin only, whatever its description says."""
        other = provider.Provider()
        self.p.document = {"token_endpoint": other.issuer + "/token"}
        n = Served(self.good)
        n.link("officer", self.p.issuer, "248289761001")
        b = Browser(n)
        a = b.back(self.p.allow(b.begin().json["go"]))
        self.assertEqual(a.status, 503)
        self.assertEqual(n.failure(), "failed: provider, trade")
        self.assertEqual(other.asked, [])
        n.stop()
        n.configure({**self.good, "origins": [other.issuer]})  # now it is
        n.start()
        b = Browser(n)
        b.back(self.p.allow(b.begin().json["go"]))
        self.assertEqual(other.asked, ["/token"])
        n.close()
        other.shutdown()
        other.server_close()

    def test_over_tls(self):
        """The provider's certificate is held against ca_file; the note is a __Host- cookie."""
        d = tempfile.mkdtemp(prefix="tocsin-oidc-ca-")
        self.addCleanup(shutil.rmtree, d)
        try:
            ca = Authority(d)
        except (FileNotFoundError, subprocess.CalledProcessError):
            self.skipTest("openssl is not here to make certificates")
        ca.make("site", kind="loopback")
        cert, key = ca.path("site"), ca.path("site", "key")
        p = provider.Provider((cert, key))
        config = {"issuer": p.issuer, "client_id": p.client, "client_secret": p.secret, "ca_file": ca.path("ca")}
        n = Served(config, "--tls-cert", cert, "--tls-key", key, ca=ca.path("ca"))
        n.link("officer", p.issuer, "248289761001")
        b = Browser(n)
        begun = b.begin()
        self.assertEqual(begun.status, 200, n.said())
        self.assertTrue(begun.headers["Set-Cookie"].startswith("__Host-tocsin-oidc="))
        self.assertIn("; Secure", begun.headers["Set-Cookie"])
        a = b.back(p.allow(begun.json["go"]))
        self.assertEqual(a.status, 303, n.said())
        self.assertEqual((b.me(), list(b.cookies)), ("officer", ["__Host-tocsin"]))
        n.stop()
        del config["ca_file"]
        n.configure(config)  # and the system knows no such authority
        n.start()
        self.assertEqual(Browser(n).begin().status, 503)
        self.assertIn("discovery: ", n.said())
        n.close()
        p.shutdown()
        p.server_close()

    def test_what_ended_is_seen(self):
        """The processes that sign and ask outside are not started again, so the figures say when one is gone."""
        n = Served(self.good)
        helpers = {}
        for pid in Path(f"/proc/{n.process.pid}/task/{n.process.pid}/children").read_text().split():
            helpers[Path(f"/proc/{pid}/comm").read_text().strip()] = int(pid)

        def up():
            c = n.connect()
            c.request("GET", "/metrics")
            text = c.getresponse().read().decode()
            c.close()
            return dict(re.findall(r'^tocsin_process_up{process="(\w+)"} (\d)$', text, re.M))
        self.assertEqual(set(helpers), {"tocsin-fetch", "tocsin-sign"})
        self.assertEqual(up(), {"signer": "1", "outside": "1"})
        for name, of in (("tocsin-fetch", "outside"), ("tocsin-sign", "signer")):
            os.kill(helpers[name], signal.SIGKILL)
            until = time.monotonic() + 10
            while up()[of] != "0":
                self.assertLess(time.monotonic(), until, of)
        self.assertEqual(Browser(n).begin().status, 503)
        n.close()

    def test_failures_count_for_the_address(self):
        n = Served(self.good)
        b = Browser(n)
        self.assertEqual({b.back({"code": "x", "state": "y"}).status for _ in range(120)}, {403})
        b.begin()  # only what was begun counts
        note = dict(b.cookies)
        last = []
        for _ in range(110):
            b.cookies = dict(note)
            last.append(b.back({"code": "x", "state": "y"}).status)
        self.assertEqual(last[:100], [403] * 100)
        self.assertIn(503, last)
        a = b.call("POST", "/api/v1/session", {"login": "officer", "password": "x"}, Origin=n.url)
        self.assertEqual(a.status, 503)  # and passwords with them
        n.close()


if __name__ == "__main__":
    del Base  # it has no tests of its own
    run()
