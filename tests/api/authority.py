# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates for a test, made by the openssl command."""
import os
import subprocess
from pathlib import Path

CONFIG = """[ca]
default_ca = all
[all]
database = {d}/index
serial = {d}/serial
new_certs_dir = {d}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign
[client]
basicConstraints = critical,CA:false
extendedKeyUsage = clientAuth
[server]
basicConstraints = critical,CA:false
extendedKeyUsage = serverAuth
[loopback]
basicConstraints = critical,CA:false
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1,DNS:localhost
"""


class Authority:
    """Keys and certificates of one test, by the openssl command."""

    def __init__(self, d):
        self.d = d
        Path(d, "index").touch()
        Path(d, "serial").write_text("1000\n")
        Path(d, "config").write_text(CONFIG.format(d=d))
        self.own("ca")

    def path(self, name, kind="pem"):
        return os.path.join(self.d, f"{name}.{kind}")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def own(self, name):
        """Signed by itself."""
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", self.path(name, "key"), "-out", self.path(name), "-days", "2",
                     "-subj", f"/CN={name}")

    def make(self, name, start="20200101000000Z", end="20990101000000Z", kind="client", by="ca",
             key="ec:P-256"):
        """kind: a section of CONFIG; by: whose signature; key: ec:CURVE or rsa:BITS."""
        new = ["ec", "-pkeyopt", "ec_paramgen_curve:" + key[3:]] if key.startswith("ec:") else [key]
        self.openssl("req", "-new", "-newkey", *new, "-nodes",
                     "-keyout", self.path(name, "key"), "-out", self.path(name, "csr"),
                     "-subj", f"/CN={name}")
        self.openssl("ca", "-batch", "-notext", "-config", self.path("config", "")[:-1],
                     "-cert", self.path(by), "-keyfile", self.path(by, "key"), "-extensions", kind,
                     "-startdate", start, "-enddate", end, "-in", self.path(name, "csr"),
                     "-out", self.path(name))
