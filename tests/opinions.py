"""A second opinion on what the bot sends, from people who wrote neither it nor its tests: aiogram's types.

Telegram overlooks a field that it does not know, and aiogram keeps it; here it is an objection, however deep it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.web.botapi import Call

ASKED = find_spec("aiogram") is not None
NOT_ASKED = "aiogram, whose types give a second opinion, is not installed: pip install aiogram"


@cache
def _methods() -> dict[str, type[BaseModel]]:
    """aiogram's class of each method, by the method's name. Imported by the first who asks: it takes a second."""
    from aiogram import methods

    classes = [one for one in vars(methods).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    return {one.__api_method__: one for one in classes if hasattr(one, "__api_method__")}


def objections(calls: Iterable[Call]) -> list[str]:
    """What aiogram has against these calls: the method, the field and why; never what stands in it."""
    return [f"{call.method}: {found}" for call in calls for found in _against(call)] if ASKED else []


def _against(call: Call) -> Iterator[str]:
    known = _methods().get(call.method)
    if known is None:
        yield "no such method"
        return
    try:
        read = known.model_validate({name: _upload(value) for name, value in call.params.items()})
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False))
        return
    yield from (f"{place}: no such field" for place in _strangers(read))


def _upload(value: Any) -> Any:
    """A file, as the local Telegram notes it down, as aiogram would hand it over."""
    if isinstance(value, dict) and "file_name" in value:
        from aiogram.types import BufferedInputFile

        return BufferedInputFile(value["content"], value["file_name"])
    return value


def _strangers(read: object, place: str = "") -> Iterator[str]:
    """Fields that no type knows, at any depth."""
    if isinstance(read, BaseModel):
        yield from (f"{place}.{name}".lstrip(".") for name in read.model_extra or {})
        for name in read.model_fields_set & set(type(read).model_fields):
            yield from _strangers(getattr(read, name), f"{place}.{name}")
    elif isinstance(read, list):
        for at, one in enumerate(read):
            yield from _strangers(one, f"{place}.{at}")
