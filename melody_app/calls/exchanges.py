"""What telephone exchanges ask, in their own forms: Asterisk's realtime and CURL(), FreeSWITCH's mod_curl.

An exchange waits for the answer while a caller listens, and takes whatever body it gets for the answer: a fault is told by the
status alone, and fast.
"""

from urllib.parse import parse_qs, quote, urlencode

from flask import Blueprint, Flask, Response, request

from melody_app.accounts import guard
from melody_app.calls import classes, lookups
from melody_app.calls.forms import read_question
from melody_app.calls.resolver import Played, resolve
from melody_app.errors import answer_plainly
from melody_app.melodies.media import wav_url

asterisk = Blueprint("asterisk", __name__, url_prefix="/asterisk")
freeswitch = Blueprint("freeswitch", __name__, url_prefix="/freeswitch")

RINGING = "%(1000,4000,425)"
"""Russian ringing in FreeSWITCH's tone language: 425 Hz, a second on, four off."""


@asterisk.post("/musiconhold/single")
@guard.call("call")
def music_class() -> Response:
    """Answer whether a class plays anything: the row of `musiconhold` in Asterisk's realtime."""
    name = _asked_name()
    heard = classes.hear(name)
    if heard.question and heard.resolution:
        lookups.note("asterisk", heard.question, heard.resolution)
    return _text(_row(name=name, mode="playlist") if _url(heard.melody) else "")


@asterisk.post("/musiconhold_entry/multi")
@guard.call("call")
def music_entries() -> Response:
    """Answer what a class plays: the rows of `musiconhold_entry` in Asterisk's realtime, which is one."""
    name = _asked_name()
    url = _url(classes.hear(name).melody)
    return _text(_row(position="1", name=name, entry=url) if url else "")


@asterisk.get("/class")
@guard.call("call")
def class_of_call() -> Response:
    """Answer the class for a number and a department together, for CURL() with `CURLOPT(hashcompat)=yes`; empty for ringing."""
    question = read_question()
    played = resolve(question).playable
    lookups.note("asterisk", question, played)
    melody, url = played.melody, _url(played.melody)
    return _text(_row(**{"class": classes.name_of(melody)}, url=url) if melody and url else "")


@freeswitch.get("/ringback")
@guard.call("call")
def ringback() -> Response:
    """Answer the value of `ringback`: a file that mod_http_cache fetches, or a tone. Nothing else, not even a line's end."""
    question = read_question()
    played = resolve(question).playable
    lookups.note("freeswitch", question, played)
    url = _url(played.melody)
    return _text(f"http_cache://{url}" if url else RINGING)


def _asked_name() -> str:
    # Werkzeug's parser, which is made for uploads, takes twice as long for a body of forty bytes.
    return parse_qs(request.get_data(as_text=True)).get("name", [""])[0]


def _url(melody: Played | None) -> str:
    return wav_url(melody.sha256) if melody and melody.sha256 else ""


def _row(**values: str) -> str:
    return urlencode(values, quote_via=quote, safe="")


def _text(body: str) -> Response:
    return Response(body, mimetype="text/plain")


def init_app(app: Flask) -> None:
    """Let every error be told by the status, with a body that the exchange can take for an answer."""
    answer_plainly(app, "/asterisk", "")
    answer_plainly(app, "/freeswitch", RINGING)
