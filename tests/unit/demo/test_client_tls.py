"""Through TLS the name a visitor typed is checked, not the address the packets go to."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from demo.client import Backend, Page
from demo.client.visitor import Visitor

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with openssl")


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the shop")

    def log_message(self, *_):
        pass


@pytest.fixture
def backend(tmp_path):
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    subject = ["-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*made, *subject, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Backend("edge", "127.0.0.1", server.server_port, tls=True, ca=certificate)
    server.shutdown()
    server.server_close()


def ask(backend: Backend, host: str) -> str:
    return Visitor(backend, keeps=False, timeout_s=20).visit(Page("shop", host, marker="the shop"))[-1].outcome


def test_a_certificate_for_the_name_is_accepted(backend):
    assert ask(backend, "shop.example") == "ok"


def test_a_certificate_for_another_name_is_a_failure_of_its_own_class(backend):
    assert ask(backend, "forum.example") == "tls"
