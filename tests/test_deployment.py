"""The files of a deployment: systemd takes the unit, nginx takes the site, and behind nginx the service sees who asks."""

import configparser
import http.client
import json
import re
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browser_like import parse
from conftest import MANAGE_TOKEN, PASSWORD, PERSON
from nginx import CLIENT, NAME, Nginx, run
from service import HOUSE, Service

from melody_app import MAX_BODY

DEPLOY = HOUSE / "docs" / "deploy"
MIB = 1024 * 1024
RULES = "/melodies/personal"
UNIT = (DEPLOY / "melody.service").read_text(encoding="utf-8")


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [each for each in programs if shutil.which(each) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")


# ---------------------------------------------------------------- systemd


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Copy the unit, with this checkout in the place of /opt/melody."""
    text = UNIT.replace("/opt/melody/.venv/bin/python", sys.executable).replace("/opt/melody", str(HOUSE))
    copy = tmp_path / "melody.service"
    copy.write_text(text, encoding="utf-8")
    return copy


def unit_setting(name: str) -> str:
    reader = configparser.ConfigParser(strict=False, interpolation=None)
    reader.read_string(UNIT)
    return reader["Service"][name]


@needs("systemd-analyze")
def test_systemd_takes_the_unit(unit: Path) -> None:
    assert "melody.service" not in run("systemd-analyze", "verify", "--man=no", unit)


@needs("systemd-analyze")
def test_the_unit_is_exposed_to_little(unit: Path) -> None:
    # Of 100; a unit that says nothing has 96.
    run("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit)


def test_systemd_waits_for_the_requests_that_gunicorn_waits_for() -> None:
    gunicorn = runpy.run_path(str(HOUSE / "gunicorn.conf.py"))
    assert int(unit_setting("TimeoutStopSec")) > gunicorn["graceful_timeout"]


# ---------------------------------------------------------------- nginx


behind_nginx = needs("nginx", "openssl")


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the service as the unit does; what is asked here doesn't depend on the database."""
    folder = tmp_path_factory.mktemp("service")
    shutil.copyfile(sqlite_template, folder / "melody.db")
    trusted = re.search(r"^Environment=(MELODY_TRUSTED_PROXIES)=(\d+)$", UNIT, re.MULTILINE)
    assert trusted
    with Service(f"sqlite:///{folder / 'melody.db'}", folder, **{trusted[1]: trusted[2]}) as running:
        yield running


@pytest.fixture(scope="module")
def nginx(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with Nginx(tmp_path_factory.mktemp("nginx"), service.port) as running:
        service.wait(running.is_listening)
        yield running


@behind_nginx
def test_nginx_takes_the_site(tmp_path: Path) -> None:
    said = run(*Nginx(tmp_path, 8000).command("-t"))
    assert "test is successful" in said
    assert "warn" not in said


@behind_nginx
def test_without_tls_one_is_led_to_tls(nginx: Nginx) -> None:
    response, _ = nginx.ask("GET", "/rules?q=1", tls=False)
    assert (response.status, response.headers["Location"]) == (301, f"https://{NAME}/rules?q=1")


@behind_nginx
def test_over_tls_a_person_signs_in_by_a_cookie_for_tls_alone(nginx: Nginx) -> None:
    response = sign_in(nginx, nginx.origin)
    assert (response.status, response.headers["Location"]) == (302, "/rules")
    cookies = [each for each in response.headers.get_all("Set-Cookie") if each.startswith("melody=")]
    assert len(cookies) == 1
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookies[0].split("; "))
    assert "max-age" in response.headers["Strict-Transport-Security"]


@behind_nginx
def test_a_client_can_not_choose_the_name_under_which_it_came(nginx: Nginx) -> None:
    elsewhere = "https://elsewhere.example"
    assert sign_in(nginx, elsewhere, **{"X-Forwarded-Host": "elsewhere.example"}).status == 403


def sign_in(nginx: Nginx, origin: str, **headers: str) -> http.client.HTTPResponse:
    """Sign in with a form that is said to come from the origin."""
    page, text = nginx.ask("GET", "/sign-in")
    token = parse(text).all("input", name="csrf_token")[0].attributes["value"]
    headers |= {"Cookie": page.headers["Set-Cookie"].partition(";")[0], "Referer": f"{origin}/sign-in"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    form = urlencode({"csrf_token": token, "name": PERSON, "password": PASSWORD})
    return nginx.ask("POST", "/sign-in", form.encode(), **headers)[0]


@behind_nginx
def test_the_log_has_the_clients_address_whatever_it_claims(nginx: Nginx, service: Service) -> None:
    nginx.ask("GET", "/healthz", **{"X-Forwarded-For": "203.0.113.9", "X-Request-ID": "whose"})
    line = service.wait(lambda: next((each for each in service.log() if "whose" in each), None))
    assert json.loads(line)["address"] == CLIENT


@pytest.mark.parametrize(("token", "status"), [(MANAGE_TOKEN, 413), ("mel_nobodys", 401)])
def test_a_refused_body_is_read_to_its_end(service: Service, token: str, status: int) -> None:
    # Else whoever is still sending sees a broken connection, and nginx answers 502.
    with service.client(token) as client:
        assert client.call("POST", RULES, "x" * 20 * MIB).status == status


@pytest.mark.parametrize(
    ("size", "status"), [(MAX_BODY - 1, 201), (MAX_BODY, 201), (MAX_BODY + 1, 413), (2 * MIB, 413)]
)
def test_a_body_in_chunks_is_taken_whole_or_not_at_all(service: Service, size: int, status: int) -> None:
    rule = {"number_capacity_ids": [size], "source_type": "system", "media_id": 50}
    body = json.dumps(rule).encode().ljust(size)
    chunks = (body[at : at + 60_000] for at in range(0, size, 60_000))
    with service.client(MANAGE_TOKEN) as client:
        client.connection.request("POST", RULES, chunks, client.headers, encode_chunked=True)
        response = client.connection.getresponse()
        assert (response.status, json.loads(response.read()).get("status", 201)) == (status, status)
        assert len(client.call("GET", f"{RULES}?number_capacity_id={size}").body) == (status == 201)


def test_a_client_can_not_say_that_it_came_by_tls(service: Service) -> None:
    # gunicorn has headers of its own that it would believe from this machine, where nginx lets them through.
    with service.client("") as client:
        for header in ({"X-Forwarded-Ssl": "on"}, {"X-Forwarded-Protocol": "ssl"}):
            assert "Strict-Transport-Security" not in client.call("GET", "/healthz", **header).headers, header


def test_200_ids_may_be_asked_about_at_once(service: Service) -> None:
    ids = "%2C".join(str(10**18 + each) for each in range(200))
    with service.client(MANAGE_TOKEN) as client:
        assert client.call("GET", f"/rules/taken?numbers={ids}").status == 403  # it is for pages; but it was read


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/" + "a" * 9000, {}, 414), ("/healthz", {"X": "a" * 9000}, 431), ("/healthz", {"Content-Length": "x"}, 400)],
)
def test_what_gunicorn_refuses_is_a_problem_too(
    service: Service, path: str, headers: dict[str, str], status: int
) -> None:
    with service.client(MANAGE_TOKEN) as client:
        answer = client.call("GET", path, **headers)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert (answer.body["type"], answer.body["status"]) == ("about:blank", status)


@behind_nginx
@pytest.mark.parametrize("size", [MAX_BODY + 1, 20 * MIB])
def test_a_body_that_is_too_large_is_refused_in_our_own_words(nginx: Nginx, size: int) -> None:
    headers = {"Authorization": f"Bearer {MANAGE_TOKEN}", "Content-Type": "application/json"}
    response, text = nginx.ask("POST", RULES, b" " * size, **headers)
    assert (response.status, response.headers["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(text)["status"] == 413


@behind_nginx
def test_nginx_itself_serves_what_is_static(nginx: Nginx) -> None:
    response, text = nginx.ask("GET", "/static/style.css")
    assert (response.status, response.headers["Content-Type"]) == (200, "text/css")
    assert text == (HOUSE / "static" / "style.css").read_text(encoding="utf-8")
    assert response.headers["Cache-Control"] == "max-age=300"
    assert nginx.ask("GET", "/static/style.css?v=0123456789ab")[0].headers["Cache-Control"] == "max-age=31536000"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Request-ID" not in response.headers
