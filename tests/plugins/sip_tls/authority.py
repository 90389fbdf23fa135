# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by openssl in a folder: authorities, leaves, revocation lists."""
import datetime
import pathlib
import subprocess

CONFIG = """
[ca]
default_ca = own
[own]
database = {folder}/index
serial = {folder}/serial
crlnumber = {folder}/crlnumber
new_certs_dir = {folder}
certificate = {folder}/certificate.pem
private_key = {folder}/key.pem
default_md = sha256
default_days = 30
default_crl_days = 30
unique_subject = no
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = name
[name]
"""


def openssl(*arguments, text=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 0, f"openssl {' '.join(map(str, arguments))}: {done.stderr}"
    return done.stdout


def make_key(path, kind="ec", password=None):
    options = {"ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
               "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
               "weak": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"]}[kind]
    cipher = ["-aes256", "-pass", f"pass:{password}"] if password else []
    openssl("genpkey", "-algorithm", *options, *cipher, "-out", path)
    path.chmod(0o600)


def stamp(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.strftime("%Y%m%d%H%M%SZ")


class Leaf:
    """Files of one certificate: chain.pem (leaf first, without the root), key.pem."""

    def __init__(self, folder):
        self.chain = folder / "chain.pem"
        self.certificate = folder / "certificate.pem"
        self.key = folder / "key.pem"

    def serial(self):
        text = openssl("x509", "-in", self.certificate, "-noout", "-serial")
        return text.strip().split("=")[1]


class Authority:
    """A root, or an intermediate below `parent`."""

    def __init__(self, folder, name, parent=None):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.certificate = self.folder / "certificate.pem"
        self.parent = parent
        self.config = self.folder / "config"
        self.config.write_text(CONFIG.format(folder=self.folder))
        self.folder.joinpath("index").write_text("")
        self.folder.joinpath("crlnumber").write_text("01")
        self.number = 0
        make_key(self.folder / "key.pem")
        if parent:
            parent.sign(self.folder, name, "authority", self.certificate)
        else:
            openssl("req", "-new", "-x509", "-config", self.config, "-extensions", "authority",
                    "-subj", f"/CN={name}", "-days", "30", "-key", self.folder / "key.pem",
                    "-out", self.certificate)

    def sign(self, folder, name, extensions, target, days=(-1, 30), password=None):
        """The request of folder/key.pem; `extensions` is a section of ours or a list of lines."""
        request = folder / "request.pem"
        secret = ["-passin", f"pass:{password}"] if password else []
        openssl("req", "-new", "-config", self.config, "-subj", f"/CN={name}", "-key",
                folder / "key.pem", *secret, "-out", request)
        chosen = ["-extensions", extensions]
        if isinstance(extensions, list):
            path = folder / "extensions"
            path.write_text("\n".join(extensions) + "\n")
            chosen = ["-extfile", path]
        openssl("ca", "-batch", "-notext", "-config", self.config, "-rand_serial", *chosen,
                "-startdate", stamp(days[0]), "-enddate", stamp(days[1]), "-in", request,
                "-out", target)

    def chain(self):
        """PEM of the authorities from here up, without the root."""
        return self.certificate.read_text() + self.parent.chain() if self.parent else ""

    def leaf(self, name, names, days=(-1, 30), usage="serverAuth, clientAuth", kind="ec",
             password=None):
        """`names` is the value of subjectAltName, "DNS:a.example, URI:sip:a.example"; or None."""
        self.number += 1
        folder = self.folder / f"{name}-{self.number}"
        folder.mkdir()
        made = Leaf(folder)
        make_key(made.key, kind, password)
        lines = [f"extendedKeyUsage = {usage}"] if usage else []
        lines += [f"subjectAltName = {names}"] if names else []
        self.sign(folder, name, lines + ["keyUsage = digitalSignature"], made.certificate, days,
                  password)
        made.chain.write_text(made.certificate.read_text() + self.chain())
        return made

    def revoke(self, leaf):
        openssl("ca", "-config", self.config, "-revoke", leaf.certificate)

    def revocations(self):
        path = self.folder / "revocations.pem"
        openssl("ca", "-config", self.config, "-gencrl", "-out", path)
        return path
