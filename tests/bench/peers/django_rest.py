"""Django REST framework, in one file: models, serializers and views as its tutorial has them.

The same tables, constraints, token check and answers as ours, and the best settings for SQLite that Django has (WAL,
synchronous=FULL, BEGIN IMMEDIATE). It keeps no journal, writes no log, adds no headers.
"""

import hashlib
import logging
import os
import sys
from typing import Any

import django
from django.conf import settings
from sqlalchemy.engine import make_url

from melody_app.db import sqlite_driver
from tests.bench.peers.answers import answer

# gunicorn's messages go the application's way; where it listens is read there.
logging.basicConfig(level=logging.INFO, format='{"event": "%(message)s", "logger": "%(name)s"}')

# The same SQLite as ours.
sys.modules["sqlite3"] = sys.modules[sqlite_driver.__name__.partition(".")[0]]
sys.modules["sqlite3.dbapi2"] = sqlite_driver
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # gives an answer its length
    INSTALLED_APPS=["rest_framework"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": make_url(os.environ["MELODY_DATABASE_URL"]).database,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            },
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402  (Django wants its settings first)
from django.db import IntegrityError, models, transaction  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import authentication, exceptions, permissions, serializers, status, views  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402

# ---------------------------------------------------------------- models: the tables are there already


class Rule(models.Model):
    source_type = models.CharField(max_length=6)
    media_id = models.BigIntegerField()
    changed_by = models.CharField(max_length=100)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "rules"


class RuleNumber(models.Model):
    pk = models.CompositePrimaryKey("rule_id", "position")
    rule = models.ForeignKey(Rule, models.CASCADE)
    position = models.IntegerField()
    number_capacity_id = models.BigIntegerField(unique=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "rule_numbers"


class RuleDepartment(models.Model):
    pk = models.CompositePrimaryKey("rule_id", "position")
    rule = models.ForeignKey(Rule, models.CASCADE)
    position = models.IntegerField()
    employee_group_id = models.BigIntegerField(unique=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "rule_departments"


class VirtualNumber(models.Model):
    number = models.CharField(max_length=15, unique=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "virtual_numbers"


class Melody(models.Model):
    key = models.BigAutoField(primary_key=True)
    source_type = models.CharField(max_length=6)
    id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)

    class Meta:
        app_label, managed, db_table = "peer", False, "melodies"


class CompanyDefault(models.Model):
    dialing_source_type = models.CharField(max_length=6)

    class Meta:
        app_label, managed, db_table = "peer", False, "company_default"


class Token(models.Model):
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "tokens"


# ---------------------------------------------------------------- what comes in


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Token, None]:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            return Token.objects.get(key_hash=hashlib.sha256(key.encode()).hexdigest()), None
        except Token.DoesNotExist:
            raise exceptions.AuthenticationFailed from None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasToken(permissions.BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, Token)


class Ids(serializers.ListField):
    child = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class RuleSerializer(serializers.Serializer[Rule]):
    number_capacity_ids = Ids(default=list, max_length=10_000)
    employee_group_ids = Ids(default=list, max_length=10_000)
    source_type = serializers.ChoiceField(["client", "system"])
    media_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["number_capacity_ids"] and not attrs["employee_group_ids"]:
            raise serializers.ValidationError("required_one_of")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Rule:
        said = {name: validated_data[name] for name in ("source_type", "media_id")}
        numbers, departments = validated_data["number_capacity_ids"], validated_data["employee_group_ids"]
        with transaction.atomic():
            known = set(VirtualNumber.objects.filter(id__in=numbers).values_list("id", flat=True))
            if not known.issuperset(numbers) or not Melody.objects.filter(
                source_type=said["source_type"], id=said["media_id"]
            ):
                raise serializers.ValidationError("unknown")
            rule = Rule.objects.create(**said, changed_by="bench")
            RuleNumber.objects.bulk_create(
                RuleNumber(rule=rule, position=place, number_capacity_id=each) for place, each in enumerate(numbers)
            )
            RuleDepartment.objects.bulk_create(
                RuleDepartment(rule=rule, position=place, employee_group_id=each)
                for place, each in enumerate(departments)
            )
        return rule


# ---------------------------------------------------------------- views


class Rules(views.APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (HasToken,)

    def post(self, request: Request) -> Response:
        serializer = RuleSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            rule = serializer.save()
        except IntegrityError:
            return Response({"title": "taken"}, status.HTTP_409_CONFLICT)
        body = {**serializer.validated_data, "id": rule.id}
        return Response(body, status.HTTP_201_CREATED, headers={"Location": f"/melodies/personal/{rule.id}"})


class Resolve(views.APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (HasToken,)

    def get(self, request: Request) -> Response:
        digits = "".join(filter(str.isdecimal, request.query_params.get("number", "")))
        entry = VirtualNumber.objects.filter(number=digits).first()
        place = entry and RuleNumber.objects.select_related("rule").filter(number_capacity_id=entry.id).first()
        rule = place and place.rule
        melody = rule and Melody.objects.filter(source_type=rule.source_type, id=rule.media_id).first()
        return Response(answer(entry, rule, melody, CompanyDefault.objects.get(pk=1)))


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("healthz", healthz),
    path("melodies/personal", Rules.as_view()),
    path("melodies/resolve", Resolve.as_view()),
]
app = get_wsgi_application()
