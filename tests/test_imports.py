"""The way of a request is the way of the imports: views, forms, service, models; one way, never back."""

import ast
import itertools
from pathlib import Path

import pytest

from melody_app.config import HOUSE

PACKAGE = HOUSE / "melody_app"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]

LEVELS = {
    "views": 6,
    "commands": 6,
    "page": 5,
    "forms": 4,
    "pickers": 4,
    "telling": 4,
    "service": 3,
    "queries": 3,
    "throttle": 2,
    "resuming": 1,
    "known": 3,
    "listing": 3,
    "refusals": 3,
    "store": 2,
    "secrets": 1,
    # melodies
    "pages": 6,
    "media": 6,
    "picker": 4,
    "sounds": 2,
    "compose": 2,
    "decode": 2,
    "audio": 1,
    "catalogue": 1,
    "level": 1,
    "limits": 1,
    "words": 1,
    "instruments": 1,
    "mixing": 1,
    "notation": 1,
    "scores": 1,
    "containers": 0,
    "loudness": 0,
    "report": 0,
    # lists, and the directory
    "lists": 6,
    "answers": 5,
    "preview": 5,
    "importing": 5,
    "exporting": 3,
    "parcel": 3,
    "reading": 3,
    "difference": 3,
    "writing": 3,
    "cells": 2,
    "columns": 2,
    "finding": 2,
    "phone": 0,
    # db
    "connecting": 4,
    "transactions": 3,
    "sqlite": 2,
    "postgresql": 2,
    "copies": 1,
    "kind": 1,
    "lending": 1,
    "base": 0,
    "driver": 0,
    "errors": 0,
    "gate": 0,
    "group": 0,
    # calls
    "exchanges": 6,
    "lookups": 3,
    "asking": 5,
    "asterisk_files": 5,
    "page_forms": 4,
    "history": 4,
    "selection": 4,
    "coverage": 3,
    "classes": 3,
    "tally": 2,
    "resolver": 1,
    # models; what they have in common is their base
    "accounts": 1,
    "calls": 1,
    "directory": 1,
    "journal": 1,
    "library": 1,
    "rules": 1,
}
"""How far from the models a room of a package stands; it imports no room that is further."""

OF_THE_DECODER = {
    "audio", "compose", "containers", "decode", "instruments", "level", "loudness", "mixing", "notation", "report", "scores",
}  # fmt: skip
"""What the decoding child imports under another name than the application does (melodies/audio.py)."""

NOTHING_OF_OURS = {"lean.py", "config.py", "actor.py", "current.py", "search.py", "accounts/secrets.py", "db/errors.py"}

DATABASE = "db/__init__.py"
MODELS = "models/__init__.py"
"""The doors of the two packages below all others: what others need of them, they import from there."""


def imports(path: Path) -> list[tuple[str, ast.stmt]]:
    """Return each module that the module imports, with the statement."""
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(each.name, node) for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 or path.stem in OF_THE_DECODER, f"{path}: imports are written in full"
            base = (
                ".".join([*path.relative_to(HOUSE).parent.parts, node.module or ""])
                if node.level
                else node.module or ""
            )
            found += [
                (f"{base}.{each.name}" if _is_module(f"{base}.{each.name}") else base, node) for each in node.names
            ]
    return found


def ours(path: Path) -> set[str]:
    """Return what the module imports of ours, as paths within the package."""
    named = {name for name, _ in imports(path) if name.partition(".")[0] == "melody_app"}
    return {_file(name) for name in named}


def _is_module(name: str) -> bool:
    path = HOUSE / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _file(name: str) -> str:
    path = HOUSE / name.replace(".", "/")
    file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
    return str(file.relative_to(PACKAGE))


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_all_imports_stand_on_top(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    below = False
    for statement in tree.body:
        inside = [node for node in ast.walk(statement) if isinstance(node, (ast.Import, ast.ImportFrom))]
        alone = isinstance(statement, (ast.Import, ast.ImportFrom))
        a_choice = isinstance(statement, ast.Try) and inside  # one library or, without it, another
        if alone or a_choice:
            assert not below, f"{path.name}:{statement.lineno} imports below its code"
        else:
            assert not inside, (
                f"{path.name}:{inside[0].lineno if inside else 0} imports inside {type(statement).__name__}"
            )
            below = below or not isinstance(statement, ast.Expr)


def test_no_two_modules_import_each_other() -> None:
    graph = {name: ours(path) for name, path in zip(NAMES, MODULES, strict=True)}

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way[way.index(name) :], name])
        for other in sorted(graph.get(name, ())):
            walk(other, (*way, name))

    for name in NAMES:
        walk(name, ())


def test_the_database_and_the_models_know_nothing_of_what_uses_them() -> None:
    graph = {name: ours(path) for name, path in zip(NAMES, MODULES, strict=True)}
    for name in NOTHING_OF_OURS & set(graph):
        assert graph[name] - {"__init__.py"} == set(), name
    for door, below in ((DATABASE, {"lean.py"}), (MODELS, {DATABASE})):
        rooms = {name for name in NAMES if _is_behind(door, name)}
        for name in rooms:
            assert graph[name] <= (rooms - {door}) | below, name
    for name in ("db/gate.py", "db/group.py"):
        assert graph[name] == {"db/errors.py"}, name
    assert graph["errors.py"] <= {DATABASE, "lean.py", "actor.py", "current.py"}
    assert graph["fields.py"] <= {"errors.py"}


@pytest.mark.parametrize("door", [DATABASE, MODELS])
def test_the_database_and_the_models_are_entered_by_their_doors(door: str) -> None:
    for name, path in zip(NAMES, MODULES, strict=True):
        if not _is_behind(door, name):
            assert not {other for other in ours(path) if _is_behind(door, other)} - {door}, name


def _is_behind(door: str, name: str) -> bool:
    return Path(name).parent == Path(door).parent


def test_a_package_imports_its_own_rooms_one_way() -> None:
    for name, path in zip(NAMES, MODULES, strict=True):
        for other in ours(path):
            own, theirs = Path(name), Path(other)
            if own.parent != theirs.parent or own.parent == Path() or "__init__" in name + other:
                continue
            if own.stem == "guard" or theirs.stem == "guard":
                continue  # stands before all views, and asks the models itself
            assert LEVELS[theirs.stem] <= LEVELS[own.stem], f"{name} imports {other}"


def test_views_are_imported_by_the_factory_alone() -> None:
    for name, path in zip(NAMES, MODULES, strict=True):
        if name != "__init__.py":
            assert not any(other.endswith("views.py") for other in ours(path)), name


def test_only_the_package_of_the_database_knows_which_one_it_is() -> None:
    words = ("sqlite", "postgres", "psycopg")
    of_the_setting = "config.py"
    for name, path in zip(NAMES, MODULES, strict=True):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
        names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)] + [each for each, _ in imports(path)]
        found = [
            each
            for each, word in itertools.product(strings + names, words)
            if isinstance(each, str) and word in each.lower()
        ]
        assert not found or _is_behind(DATABASE, name) or name == of_the_setting, f"{name}: {found}"
