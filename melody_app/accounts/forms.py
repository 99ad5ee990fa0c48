"""What may come in for people and tokens."""

from flask_babel import lazy_gettext

from melody_app.fields import ChoiceField, FieldError, TextField
from melody_app.forms import BaseForm

PASSWORD_LEAST = 10
PASSWORD_MOST = 200
SCOPE_LABELS = {"manage": lazy_gettext("everything"), "call": lazy_gettext("only look up what to play")}


def _new_password(label: object) -> TextField:
    return TextField(
        label,
        least=PASSWORD_LEAST,
        most=PASSWORD_MOST,
        strip=False,
        description=lazy_gettext(
            "At least %(least)s characters. Three or four random words work well.", least=PASSWORD_LEAST
        ),
    )


class SignInForm(BaseForm):
    """A name and a password; what is wrong with them is told by no more than that they don't fit."""

    name = TextField(lazy_gettext("Name"))
    password = TextField(lazy_gettext("Password"), most=PASSWORD_MOST, strip=False)


class PasswordForm(BaseForm):
    """One's own new password."""

    current = TextField(lazy_gettext("Current password"), most=PASSWORD_MOST, strip=False)
    new = _new_password(lazy_gettext("New password"))
    repeat = TextField(lazy_gettext("Repeat the new password"), most=PASSWORD_MOST, strip=False)

    def check_together(self) -> None:
        """Refuse two new passwords that differ."""
        if not self.new.errors and not self.repeat.errors and self.new.data != self.repeat.data:
            self.refuse("repeat", FieldError("differs", lazy_gettext("The new passwords don't match.")))


class NewPasswordForm(BaseForm):
    """A password set on the command line."""

    new = _new_password(lazy_gettext("Password"))


class PersonForm(BaseForm):
    """A person who is to sign in."""

    name = TextField(lazy_gettext("Name"), description=lazy_gettext("The person signs in with this name."))


class TokenForm(BaseForm):
    """A token for a program."""

    name = TextField(
        lazy_gettext("Token name"),
        description=lazy_gettext("What it's for, so you can recognize it later: “CRM”, “Asterisk”."),
    )
    scope = ChoiceField(lazy_gettext("Permissions"), SCOPE_LABELS)
