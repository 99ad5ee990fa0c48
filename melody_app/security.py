"""The headers that every answer should have."""

from flask import Flask, Response, request

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


def add_headers(response: Response) -> Response:
    """Give the answer the headers that every one has, and the caching that it hasn't decided itself."""
    response.headers.extend(HEADERS)
    if response.headers.get("Cache-Control", "").startswith("public"):
        # What every cache may keep, the pages of the company's other programs may play, too.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")
    if request.endpoint != "static":
        # What a signed-in person sees must not stay in a shared computer's cache; a 304 is decided by the ETag all the same.
        response.headers.setdefault(
            "Cache-Control", "private, no-cache" if response.headers.get("ETag") else "no-store"
        )
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every answer, errors included."""
    app.after_request(add_headers)
