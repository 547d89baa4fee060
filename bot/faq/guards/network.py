"""What only the whole content shows: phrasings under two entries, contacts that nobody uses, links to oneself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from bot.faq.blocks import KEYS
from bot.faq.drafts import Draft
from bot.faq.model import Entry
from bot.faq.read import Where

_WORD: Final = re.compile(r"\w+")
_JOINER: Final = re.compile("[\u200c\u0654]")
_SAME: Final = str.maketrans("يىكةё", "ییکهе")

Found = tuple[str, Where, str]  # file, place, what is wrong and what to write


def check(draft: Draft) -> Iterator[Found]:
    """Warnings with the file and the place in it."""
    names = {name.rsplit(".", 1)[0]: name for name in draft.documents if "/" in name}
    yield from _phrases(draft, names)
    yield from _contacts(draft)
    for entry in draft.entries.values():
        yield from ((names[entry.id], where, sentence) for where, sentence in _lists(entry))


def plain(phrase: str) -> str:
    """A phrasing without case, punctuation and differences of keyboards."""
    text = _JOINER.sub("", unicodedata.normalize("NFKC", phrase).casefold()).translate(_SAME)
    return " ".join(_WORD.findall(text))


def _phrases(draft: Draft, names: dict[str, str]) -> Iterator[Found]:
    """Ways of asking that stand twice: the search could only guess which entry is meant."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for entry in draft.entries.values():
        for code, text in entry.texts.items():
            for index, phrase in enumerate(text.asked):
                owner, spelling = first.setdefault((code, plain(phrase)), (entry.id, phrase))
                if owner != entry.id:
                    sentence = f"“{phrase}” stands under {owner} too. Leave it in one place."
                    yield names[entry.id], (code, "asked", index), sentence
                elif spelling != phrase:
                    sentence = f"“{phrase}” stands twice but for its signs. Delete one of them."
                    yield names[entry.id], (code, "asked", index), sentence


def _contacts(draft: Draft) -> Iterator[Found]:
    used = {contact for entry in draft.entries.values() for contact in entry.contacts}
    texts = "\n".join(
        getattr(text, key) for entry in draft.entries.values() for text in entry.texts.values() for key in KEYS
    )
    for contact in draft.contacts:
        if contact not in used and f"{{{contact}}}" not in texts:
            yield "contacts.yaml", (contact,), f"no entry uses “{contact}”. Name it in an entry, or delete it."


def _lists(entry: Entry) -> Iterator[tuple[Where, str]]:
    for key, ids in (("related", entry.related), ("contacts", entry.contacts)):
        for index, one in enumerate(ids):
            if one == entry.id:
                yield (key, index), f"“{one}” is this entry itself. Name another one, or delete it."
            if one in ids[:index]:
                yield (key, index), f"“{one}” stands twice. Delete one of them."
