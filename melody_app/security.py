"""The headers that keep every answer safe."""

from collections.abc import Mapping

from flask import Request

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap's own pictures are data: URLs
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
YEAR_S = 365 * 24 * 3600


def headers(request: Request, _status: str, own: Mapping[str, str]) -> Mapping[str, str]:
    """Return what keeps the answer safe, and the caching that it hasn't decided itself."""
    more = HEADERS.copy()
    if request.endpoint != "static":
        caching = own.get("Cache-Control")
        if caching is None:
            # What a signed-in person sees must not stay in a shared computer's cache; a 304 is decided by the ETag all the same.
            more["Cache-Control"] = "private, no-cache" if "ETag" in own else "no-store"
        elif caching.startswith("public"):
            # What every cache may keep, the pages of the company's other programs may play, too.
            more["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.is_secure:
        more["Strict-Transport-Security"] = f"max-age={YEAR_S}"
    return more
