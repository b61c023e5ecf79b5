"""A certificate that names every site, for trying things out: made by openssl(1), once, and kept with the truth."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import site_file, yamlfile
from .folder import read_all

DAYS = 825  # the longest that browsers accept of a certificate that somebody added by hand
SOON_S = 30 * 86400
_CONFIG = """[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = Evenkeel self-signed
[extensions]
basicConstraints = critical, CA:true
keyUsage = critical, digitalSignature, keyCertSign
extendedKeyUsage = serverAuth
subjectAltName = {names}
"""


class OpensslFailed(Exception):
    """openssl(1) is missing or says no."""


def site_names(sites_dir: Path) -> list[str]:
    """Every name of every site that can be read; what is wrong with the others, the compiler tells."""
    found: set[str] = set()
    for folder in read_all(sites_dir)[0]:
        if folder.site_yml is None:
            continue
        try:
            file = site_file.read(folder.name, folder.source, folder.site_yml, {})
        except yamlfile.YamlRefused:
            continue
        if file.is_served:
            found |= {name for _, name in site_file.names(file)}
    return sorted(name for name in found if name.replace("-", "").replace(".", "").isalnum() and name.isascii())


def missing(certificate: Path, names: Sequence[str]) -> list[str]:
    """Names that `certificate` does not have; all of them when it is not there or ends within a month."""
    if not certificate.is_file() or not _ok("x509", "-in", str(certificate), "-noout", "-checkend", str(SOON_S)):
        return list(names)
    text = _run("x509", "-in", str(certificate), "-noout", "-ext", "subjectAltName")
    known = {part.strip() for part in text.replace("\n", ",").split(",")}
    return [name for name in names if f"DNS:{name}" not in known]


def make(certificate: Path, key: Path, names: Sequence[str]) -> None:
    """Write both files, each in one step, the key for its owner only."""
    listed = ", ".join(f"DNS:{name}" for name in names) or "DNS:evenkeel.invalid"
    certificate.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=certificate.parent) as folder:
        config, made, secret = (Path(folder) / name for name in ("openssl.cnf", "made.pem", "made.key"))
        config.write_text(_CONFIG.format(names=listed), encoding="ascii")
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        _run("req", "-x509", *curve, "-days", str(DAYS), "-config", str(config), "-keyout", str(secret), "-out", str(made))
        secret.chmod(0o600)
        made.chmod(0o644)
        secret.replace(key)
        made.replace(certificate)


def _ok(*arguments: str) -> bool:
    try:
        _run(*arguments)
    except OpensslFailed:
        return False
    return True


def _run(*arguments: str) -> str:
    try:
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, timeout=60)
    except OSError as error:
        raise OpensslFailed(f"openssl cannot be run ({error.strerror}); install Debian's package openssl") from error
    if done.returncode:
        raise OpensslFailed(f"openssl {arguments[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout
