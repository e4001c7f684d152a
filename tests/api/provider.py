# SPDX-License-Identifier: Apache-2.0
"""An OpenID Connect provider that does as it is told, right or wrong: standard library only, ES256
(FIPS 186-5 over P-256) in plain Python. Whoever signs in is named by the test."""
import base64
import hashlib
import hmac
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (m * m - a[0] - b[0]) % P
    return x, (m * (a[0] - x) - a[1]) % P


def times(k, point):
    sum_ = None
    while k:
        if k & 1:
            sum_ = add(sum_, point)
        point, k = add(point, point), k >> 1
    return sum_


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else data.encode()).rstrip(b"=").decode()


class Key:
    def __init__(self, kid):
        self.kid, self.d = kid, secrets.randbelow(N - 1) + 1
        self.q = times(self.d, G)

    def jwk(self):
        return {"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid,
                "x": b64(self.q[0].to_bytes(32, "big")), "y": b64(self.q[1].to_bytes(32, "big"))}

    def sign(self, text):
        z = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
        k = secrets.randbelow(N - 1) + 1
        r = times(k, G)[0] % N
        s = pow(k, -1, N) * (z + r * self.d) % N
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def es256(key, claims, **header):
    text = b64(json.dumps({"alg": "ES256", "kid": key.kid, **header})) + "." + b64(json.dumps(claims))
    return text + "." + b64(key.sign(text))


def none(_, claims):
    return b64(json.dumps({"alg": "none"})) + "." + b64(json.dumps(claims)) + "."


def hs256(key, claims):
    """The public key, which everybody has, taken for a shared secret."""
    text = b64(json.dumps({"alg": "HS256", "kid": key.kid})) + "." + b64(json.dumps(claims))
    secret = json.dumps(key.jwk()).encode()
    return text + "." + b64(hmac.new(secret, text.encode(), "sha256").digest())


class Provider(http.server.ThreadingHTTPServer):
    """Change what it does by its attributes; straight() sets them back."""
    daemon_threads = True
    client, secret = "tocsin", "a secret of two"

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.handle_error = lambda *_: None  # a client that hangs up in the handshake
        self.key, self.codes = Key("first"), {}
        self.keys, self.held = [self.key], threading.Event()
        self.straight()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def straight(self):
        self.subject, self.more, self.sign, self.pkce = "248289761001", {}, es256, True
        self.document, self.info, self.answer = {}, {}, {}  # members to change; path -> (status, headers, body)
        self.iss, self.asked = True, []

    def about(self):
        return {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/keys",
                "userinfo_endpoint": self.issuer + "/me", "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "authorization_response_iss_parameter_supported": True, **self.document}

    def allow(self, address):
        """What a person does who was sent to this address and says yes: the query to go back with."""
        asks = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        code = secrets.token_urlsafe(24)
        self.codes[code] = asks
        return {"code": code, "state": asks["state"], **({"iss": self.issuer} if self.iss else {})}

    def token(self, form, authorization):
        asks = self.codes.pop(form.get("code"), None)
        given = urllib.parse.unquote(base64.b64decode(authorization.removeprefix("Basic ")).decode())
        if given != f"{self.client}:{self.secret}":
            return 401, {"error": "invalid_client"}
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not asks or form.get("redirect_uri") != asks["redirect_uri"] or \
           (self.pkce and challenge != asks["code_challenge"]):
            return 400, {"error": "invalid_grant"}
        now, access = int(time.time()), secrets.token_urlsafe(24)
        claims = {"iss": self.issuer, "sub": self.subject, "aud": self.client, "iat": now, "exp": now + 300,
                  "nonce": asks["nonce"], "at_hash": b64(hashlib.sha256(access.encode()).digest()[:16]),
                  **self.more}
        claims = {k: v for k, v in claims.items() if v is not None}
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self.sign(self.key, claims)}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send(self, status, body, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was too long for them

    def changed(self):
        self.server.asked.append(self.path)
        wrong = self.server.answer.get(self.path)
        if wrong == "slow":
            self.server.held.wait(30)
            wrong = (200, {}, b"{}")
        if wrong:
            self.send(wrong[0], wrong[2], **wrong[1])
        return bool(wrong)

    def do_GET(self):
        p = self.server
        if self.changed():
            return
        if self.path == "/.well-known/openid-configuration":
            self.send(200, p.about())
        elif self.path == "/keys":
            self.send(200, {"keys": [k.jwk() for k in p.keys]})
        elif self.path == "/me" and self.headers["Authorization"].startswith("Bearer "):
            self.send(200, {"sub": p.subject, **p.info})
        else:
            self.send(404, {})

    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not self.changed():
            self.send(*self.server.token(dict(urllib.parse.parse_qsl(form)), self.headers["Authorization"] or ""))
