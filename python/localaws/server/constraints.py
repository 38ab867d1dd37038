"""What a service model demands of a request's values, and AWS's words for what violates it.

botocore's models hold these constraints, but its client checks only some of them: neither patterns,
nor enumerations, nor most limits. A shape is compiled once into a function that appends violations;
it skips what has no constraints.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from localaws.server.java_patterns import compile_pattern

Value = Any
Shape = Any  # botocore.model.Shape; moto has a class of its own
# Appends the violations of a value, which is found at a path such as tags.1.member.key.
Check = Callable[[Value, str, list[str]], None]
# A constraint in AWS's words, and whether a value satisfies it.
Constraint = tuple[str, Callable[[Value], bool]]
# Shapes whose length min and max limit; for every other they limit the value.
SIZED = {"blob", "list", "map", "string"}
CONTAINERS = {"list", "map", "structure"}
NOT_NULL = "Member must not be null"


class Compiler:
    """Compiles the shapes of one service.

    Attributes:
        exempt: names of shapes whose values AWS accepts although its model refuses them.
    """

    def __init__(self, exempt: frozenset[str]) -> None:
        self._exempt = exempt
        self._checks: dict[str, Check | None] = {}
        # No thread may call a check that another one has not compiled to its end.
        self._compiling = threading.RLock()

    def compile(self, shape: Shape) -> Check | None:
        """Return the check of a shape; None where nothing in it is constrained."""
        with self._compiling:
            return self._compile_once(shape)

    def _compile_once(self, shape: Shape) -> Check | None:
        if shape.name in self._checks:
            return self._checks[shape.name]

        def check_again(value: Value, path: str, found: list[str]) -> None:
            check = self._checks[shape.name]
            if check:
                check(value, path, found)

        # For a shape that contains itself.
        self._checks[shape.name] = check_again
        self._checks[shape.name] = check = self._compile(shape)
        return check

    def _compile(self, shape: Shape) -> Check | None:
        parts = [self._own(shape)]
        if shape.type_name == "structure":
            parts.append(self._members(shape))
        elif shape.type_name == "list":
            parts.append(self._items(shape))
        elif shape.type_name == "map":
            parts.append(self._keys(shape))
            parts.append(self._values(shape))
        checks = [part for part in parts if part]
        if len(checks) < 2:
            return checks[0] if checks else None

        def check(value: Value, path: str, found: list[str]) -> None:
            for part in checks:
                part(value, path, found)

        return check

    def _constraints(self, shape: Shape) -> list[Constraint]:
        return [] if shape.name in self._exempt else constraints(shape)

    def _own(self, shape: Shape) -> Check | None:
        """The constraints of the value itself."""
        own = self._constraints(shape)
        if not own:
            return None
        sensitive = is_sensitive(shape)

        def check(value: Value, path: str, found: list[str]) -> None:
            for text, satisfied in own:
                if not satisfied(value):
                    found.append(violation(value, path, text, sensitive))

        return check

    def _members(self, shape: Shape) -> Check | None:
        members = []
        for name, member in shape.members.items():
            check = self.compile(member)
            required = name in shape.required_members
            if required or check:
                members.append((name, name[0].lower() + name[1:], required, check))
        if not members:
            return None

        def check_all(value: Value, path: str, found: list[str]) -> None:
            prefix = f"{path}." if path else ""
            for name, title, required, check in members:
                member = value.get(name)
                if member is None:
                    if required:
                        found.append(violation(None, prefix + title, NOT_NULL, False))
                elif check:
                    check(member, prefix + title, found)

        return check_all

    def _items(self, shape: Shape) -> Check | None:
        if shape.member.type_name not in CONTAINERS:
            return self._scalars(shape, shape.member, "Member", iter)
        check = self.compile(shape.member)
        if check is None:
            return None

        def check_all(value: Value, path: str, found: list[str]) -> None:
            for number, item in enumerate(value, 1):
                check(item, f"{path}.{number}.member", found)

        return check_all

    def _keys(self, shape: Shape) -> Check | None:
        return self._scalars(shape, shape.key, "Map keys", iter)

    def _values(self, shape: Shape) -> Check | None:
        if shape.value.type_name not in CONTAINERS:
            return self._scalars(shape, shape.value, "Map value", lambda value: value.values())
        check = self.compile(shape.value)
        if check is None:
            return None

        def check_all(value: Value, path: str, found: list[str]) -> None:
            for key, item in value.items():
                check(item, f"{path}.{key}.member", found)

        return check_all

    def _scalars(
        self, shape: Shape, scalar: Shape, subject: str, items: Callable[[Value], Any]
    ) -> Check | None:
        """The constraints of a list's or a map's scalars: AWS names the container and them all."""
        each = self._constraints(scalar)
        if not each:
            return None
        text = f"{subject} must satisfy constraint: [{', '.join(text for text, _ in each)}]"
        sensitive = is_sensitive(shape) or is_sensitive(scalar)

        def check(value: Value, path: str, found: list[str]) -> None:
            for item in items(value):
                if not all(satisfied(item) for _, satisfied in each):
                    found.append(violation(value, path, text, sensitive))
                    return

        return check


def constraints(shape: Shape) -> list[Constraint]:
    """Return the constraints on a shape's own value, in the order in which AWS names them."""
    metadata = shape.metadata
    found: list[Constraint] = []
    if metadata.get("enum") and shape.type_name == "string":
        values = frozenset(metadata["enum"])
        names = ", ".join(metadata["enum"])
        found.append((f"Member must satisfy enum value set: [{names}]", values.__contains__))
    if "pattern" in metadata and shape.type_name == "string":
        pattern = metadata["pattern"]
        text = f"Member must satisfy regular expression pattern: {pattern}"
        found.append((text, _matcher(pattern)))
    measure: Callable[[Value], Any] = len if shape.type_name in SIZED else _identity
    subject = "length" if shape.type_name in SIZED else "value"
    if "max" in metadata:
        most = metadata["max"]
        text = f"Member must have {subject} less than or equal to {most}"
        found.append((text, lambda value: measure(value) <= most))
    # No length is negative.
    if "min" in metadata:
        least = metadata["min"]
        text = f"Member must have {subject} greater than or equal to {least}"
        found.append((text, lambda value: measure(value) >= least))
    return found


def violation(value: Value, path: str, constraint: str, sensitive: bool) -> str:
    """Return AWS's words; a sensitive value is not repeated."""
    if sensitive:
        shown = "Value"
    elif value is None:
        shown = "Value null"
    else:
        shown = f"Value '{java_text(value)}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def message(violations: list[str]) -> str:
    plural = "" if len(violations) == 1 else "s"
    return f"{len(violations)} validation error{plural} detected: {'; '.join(violations)}"


def java_text(value: Value) -> str:
    """Return the value as Java prints it."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}={java_text(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(java_text, value))}]"
    if isinstance(value, bytes):
        size = len(value)
        return f"java.nio.HeapByteBuffer[pos=0 lim={size} cap={size}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def is_sensitive(shape: Shape) -> bool:
    return bool(shape.metadata.get("sensitive"))


def _matcher(pattern: str) -> Callable[[Value], bool]:
    def matches(value: Value) -> bool:
        return compile_pattern(pattern).fullmatch(value) is not None

    return matches


def _identity(value: Value) -> Value:
    return value
