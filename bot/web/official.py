"""Calls judged by the official description of the Bot API (a bot-api.json as PaulSonOfLars scrapes it)."""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

Spec = Mapping[str, Any]
MARKED = "Array of "


class Callish(Protocol):
    """Anything that names a method and its decoded parameters, such as botapi.Call."""

    @property
    def method(self) -> str: ...

    @property
    def params(self) -> Mapping[str, Any]: ...


@functools.lru_cache(maxsize=4)
def read_spec(path: Path) -> Spec:
    spec: Spec = json.loads(path.read_text(encoding="utf-8"))
    return spec


def violations_of(call: Callish, spec: Spec | Path) -> list[str]:
    """What of this call the official description does not allow; empty if all is well."""
    known = read_spec(spec) if isinstance(spec, Path) else spec
    method = known["methods"].get(call.method)
    if method is None:
        return [f"{call.method}: no such method"]
    return list(_object_faults(call.params, method.get("fields", []), known, call.method))


def _object_faults(given: Mapping[str, Any], fields: list[Spec], spec: Spec, where: str) -> Iterator[str]:
    by_name = {field["name"]: field for field in fields}
    for name in given.keys() - by_name.keys():
        yield f"{where}: no field {name}"
    for name, field in by_name.items():
        if name in given:
            yield from _value_faults(given[name], field["types"], spec, f"{where}.{name}")
        elif field["required"]:
            yield f"{where}: {name} is missing"


def _value_faults(value: Any, types: list[str], spec: Spec, where: str) -> list[str]:
    """No faults if one of the types fits; otherwise those of the type that comes nearest."""
    tries = [list(_type_faults(value, kind, spec, where)) for kind in types]
    return min(tries, key=len)


def _type_faults(value: Any, kind: str, spec: Spec, where: str) -> Iterator[str]:
    if kind in SCALARS:
        if not SCALARS[kind](value):
            yield f"{where}: {type(value).__name__} is no {kind}"
    elif kind.startswith(MARKED):
        yield from _array_faults(value, kind.removeprefix(MARKED), spec, where)
    else:
        yield from _named_faults(value, spec["types"].get(kind, {}), spec, f"{where}({kind})")


def _array_faults(value: Any, kind: str, spec: Spec, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: {type(value).__name__} is no Array"
        return
    for number, item in enumerate(value):
        yield from _value_faults(item, [kind], spec, f"{where}[{number}]")


def _named_faults(value: Any, named: Spec, spec: Spec, where: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{where}: {type(value).__name__} is no Object"
    elif "subtypes" in named:
        yield from _value_faults(value, named["subtypes"], spec, where)
    else:
        yield from _object_faults(value, named.get("fields", []), spec, where)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


SCALARS: dict[str, Callable[[Any], bool]] = {
    "Integer": _is_integer,
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "True": lambda value: value is True,
    "InputFile": lambda value: isinstance(value, Mapping) and "file_name" in value,
}
