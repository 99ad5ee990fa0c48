"""How large a body may be where files are sent."""

from typing import Any

from flask import request

from melody_app.melodies.report import MAX_BYTES

AROUND = 64 * 1024
MOST_FILES = 5
"""As many of the largest files are taken at once from a page without scripts; its script sends them one by one."""

BODY_LIMITS = {
    # Base64 makes four bytes of three (RFC 4648), and its lines may end every 76 characters (RFC 2045).
    **dict.fromkeys(("melodies.create", "melodies.replace"), MAX_BYTES * 4 // 3 * 78 // 76 + AROUND),
    "library.edit": MAX_BYTES + AROUND,
    "library.upload": MOST_FILES * MAX_BYTES + AROUND,
}


def allow_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let what takes files take more than other calls.

    For `url_value_preprocessor`: this must be said before the guard looks into the body for its token.
    """
    if endpoint in BODY_LIMITS:
        request.max_content_length = BODY_LIMITS[endpoint]
