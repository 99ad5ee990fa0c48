"""Why a transaction did not come about, in words that know no driver."""


class UnavailableError(Exception):
    """The database can't take the request now: it is busy, out of reach, or its schema isn't there."""


class LostRaceError(Exception):
    """The transaction lost to another one and may be run again; a service raises it when it sees that itself."""


class CopyError(Exception):
    """A copy of the database can't be made or taken over; the text is a sentence for the operator."""


class DuplicateError(Exception):
    """A unique constraint refused a lean statement."""
