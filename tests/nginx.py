"""A real nginx on the project's own site, in front of a service, to be asked by tests."""

import http.client
import os
import re
import socket
import ssl
import subprocess
from pathlib import Path

from service import HOUSE, PATIENCE_S

SITE = HOUSE / "docs" / "deploy" / "nginx.conf"
NAME = "melody.example.com"
CLIENT = "127.0.0.2"
"""From where the tests ask: an address of this machine that is not the one from which nginx asks the service."""


def run(*command: str | Path) -> str:
    """Run a program, which must succeed, and return what it says."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Nginx:
    """nginx on ports of its own, with a certificate that it made itself, stopped at the end of the `with`.

    Args:
        folder: where all that it writes is.
        service_port: where the service listens.
    """

    def __init__(self, folder: Path, service_port: int) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self.certificate = folder / "fullchain.pem"
        self.config = folder / "nginx.conf"
        self._make_certificate()
        self.config.write_text(self._wrap(self._site(service_port)), encoding="utf-8")

    def _make_certificate(self) -> None:
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
            "-keyout", self.folder / "privkey.pem", "-out", self.certificate)  # fmt: skip

    def _site(self, service_port: int) -> str:
        site = SITE.read_text(encoding="utf-8")
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)  # not every machine has IPv6
        for theirs, ours in {
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.tls_port} ssl;",
            "/etc/ssl/melody": str(self.folder),
            "http://127.0.0.1:8000": f"http://127.0.0.1:{service_port}",
            "/opt/melody": str(HOUSE),
        }.items():
            assert theirs in site
            site = site.replace(theirs, ours)
        return site

    def _wrap(self, site: str) -> str:
        """Stand in for /etc/nginx/nginx.conf, with every folder that nginx writes to in ours."""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = "\n".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        return f"""
            {user}
            daemon off;
            worker_processes 1;
            pid {self.folder}/nginx.pid;
            error_log {self.folder}/error.log info;
            events {{ }}
            http {{
                include /etc/nginx/mime.types;
                access_log off;
                {folders}
                {site}
            }}"""

    def command(self, *options: str) -> list[str]:
        """Return how it is started."""
        return ["nginx", "-e", str(self.folder / "error.log"), "-c", str(self.config), *options]

    def __enter__(self) -> "Nginx":
        self.process = subprocess.Popen(self.command())
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    @property
    def origin(self) -> str:
        """Return the site's scheme, name and port, as a browser says where a form comes from."""
        return f"https://{NAME}:{self.tls_port}"

    def is_listening(self) -> bool:
        """Tell whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.tls_port)) == 0

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, tls: bool = True, **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        """Send a request as a client of the site's name would, and return the answer and its text."""
        port = self.tls_port if tls else self.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        connection.sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S, source_address=(CLIENT, 0))
        if tls:
            context = ssl.create_default_context(cafile=str(self.certificate))
            connection.sock = context.wrap_socket(connection.sock, server_hostname=NAME)
        connection.request(method, path, body, {"Host": f"{NAME}:{port}", **headers})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text
