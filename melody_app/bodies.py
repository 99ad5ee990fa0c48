"""Bodies that come in: no more of them than may come."""

from typing import IO, cast

import flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream


class UnmeasuredStream(LimitedStream):
    """Read a body in chunks (RFC 9112, 7.1); werkzeug's own stream, read at once, would cut it where it gets too long.

    Args:
        stream: the server's, that ends with the body.
        limit: how long the body may be, in bytes.
    """

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        super().__init__(stream, limit, is_max=True)
        self._rest = stream

    def readall(self) -> bytes:
        """Return all of it.

        Raises:
            RequestEntityTooLarge: it goes on beyond the limit.
        """
        body = super().readall()
        if self.is_exhausted and self._rest.read(1):
            raise RequestEntityTooLarge
        return body


class Request(flask.Request):
    """Flask's request, but for a body that doesn't say its length: it is refused where it is longer than it may be."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """Return the body, to be read once."""
        limit, ends = self.max_content_length, "wsgi.input_terminated" in self.environ
        if limit is None or not ends or self.content_length is not None:
            return super().stream
        return cast("IO[bytes]", UnmeasuredStream(self.environ["wsgi.input"], limit))
