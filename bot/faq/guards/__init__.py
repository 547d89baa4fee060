"""Guards: what machines can see of a translation that says something else than its source, and of texts that harm.

Each guard is a function from a text, or from a text beside its source, to findings. Those that find what would mislead
a reader into danger (numbers, links and telephone places that one language lacks) run whenever content is loaded and
are errors; the others run in ``pana check`` only. An editor may answer a finding with a reason, in ``exceptions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from bot.faq import terms
from bot.faq.blocks import KEYS, Finding, Pair, blocks
from bot.faq.drafts import Draft, read_terms
from bot.faq.guards import deadlines, letters, links, negations, network, numbers, sentences, structure
from bot.faq.model import Entry, Exemption, Guard
from bot.faq.read import Where

Found = tuple[Guard, str, str, Finding]  # the guard, the language, the key of the text, what it found

_ALWAYS: Final[tuple[tuple[Guard, Callable[[Pair], Iterator[Finding]]], ...]] = (
    ("numbers", numbers.lost),
    ("links", links.lost),
)
_BESIDE_SOURCE: Final[tuple[tuple[Guard, Callable[[Pair], Iterator[Finding]]], ...]] = (
    ("deadlines", deadlines.lost),
    ("negations", negations.lost),
    ("structure", structure.unlike),
    ("structure", structure.cut),
    ("numbers", structure.moved),
)


def check(draft: Draft, thorough: bool) -> None:
    """Add to the draft what the guards find. ``thorough``: also what only warns an editor; the bot's start is spared it."""
    if thorough:
        read_terms(draft)
        for name, where, sentence in network.check(draft):
            draft.add(name, where, sentence, True)
        for name, where, sentence in _addresses(draft):
            draft.add(name, where, sentence)
    names = {name.rsplit(".", 1)[0]: name for name in draft.documents if "/" in name}
    phones = {number: contact.id for contact in draft.contacts.values() for number in contact.phones}
    broken = {problem.path for problem in draft.problems if not problem.warning}  # a slip there explains what differs
    for entry in draft.entries.values():
        if f"{draft.folder.name}/{names[entry.id]}" not in broken:
            _judge(draft, names[entry.id], entry, phones, thorough)
            _judge_rules(draft, names[entry.id], entry)


def _judge(draft: Draft, name: str, entry: Entry, phones: dict[str, str], thorough: bool) -> None:
    document = draft.documents[name]
    used: set[Exemption] = set()
    for guard, code, key, finding in _found(draft, entry, phones, thorough):
        if excuses := [one for one in entry.exceptions if _excuses(one, guard, code, finding)]:
            used.update(excuses)
        else:
            line = document.inside((code, key), finding.row)
            draft.add(name, line, f"“{key}” {finding.sentence}", finding.warning)
    for index, one in enumerate(entry.exceptions if thorough else ()):
        if one not in used:
            draft.add(name, ("exceptions", index), "this exception excuses nothing (any more). Delete it.", True)


def _judge_rules(draft: Draft, name: str, entry: Entry) -> None:
    """The words of the clock are held together, too: a number or telephone that one language lacks is an error."""
    for index, rule in enumerate(entry.rules):
        for key in ("event", "passed", "note"):
            words = getattr(rule, key)
            for code in entry.texts if words else ():
                sides = blocks(words.text(entry.source)), blocks(words.text(code))
                pair = Pair(key, entry.source, code, *sides)
                for _, find in _ALWAYS if code != entry.source else ():
                    for finding in find(pair):
                        line = draft.documents[name].inside(("deadlines", index, key, code), finding.row)
                        draft.add(name, line, f"“{key}” {finding.sentence}", finding.warning)


def _excuses(one: Exemption, guard: Guard, code: str, finding: Finding) -> bool:
    return one.guard == guard and one.language == code and one.about in ("", finding.about)


def _found(draft: Draft, entry: Entry, phones: dict[str, str], thorough: bool) -> Iterator[Found]:
    for code, key, pair in _pairs(entry):
        for guard, find in (*_ALWAYS, *_BESIDE_SOURCE) if thorough else _ALWAYS:
            yield from ((guard, code, key, finding) for finding in find(pair))
    if thorough:
        yield from _alone(entry, phones)
        yield from (("terms", *found) for found in terms.check(entry, draft.terms))


def _pairs(entry: Entry) -> Iterator[tuple[str, str, Pair]]:
    """Each text of each translation beside that of the source."""
    if entry.source not in entry.texts:
        return
    source = {key: blocks(getattr(entry.texts[entry.source], key)) for key in KEYS}
    for code, text in entry.texts.items():
        if code != entry.source:
            for key in KEYS:
                yield code, key, Pair(key, entry.source, code, source[key], blocks(getattr(text, key)))


def _alone(entry: Entry, phones: dict[str, str]) -> Iterator[Found]:
    """What a text shows by itself."""
    for code, text in entry.texts.items():
        for key in KEYS:
            value = getattr(text, key)
            yield from (("letters", code, key, finding) for finding in letters.wrong(code, value))
            yield from (("letters", code, key, finding) for finding in letters.kazakh(code, value))
            yield from (("sentences", code, key, finding) for finding in sentences.too_long(key, value))
            for block in blocks(value):
                yield from (("phones", code, key, finding) for finding in links.digits(block, phones))
                yield from (("links", code, key, finding) for finding in links.unsafe(block))


def _addresses(draft: Draft) -> Iterator[tuple[str, Where, str]]:
    """Addresses of sources and contacts that lead to a site which only looks like its name."""
    for name, where, url in _urls(draft):
        if sentence := links.fault(url):
            yield name, where, f"“{url}” {sentence}"


def _urls(draft: Draft) -> Iterator[tuple[str, Where, str]]:
    for contact in draft.contacts.values():
        yield "contacts.yaml", (contact.id, "evidence", "url"), contact.evidence.url
        if contact.website:
            yield "contacts.yaml", (contact.id, "website"), f"https://{contact.website}"
    for name in draft.documents:
        if entry := draft.entries.get(name.rsplit(".", 1)[0]):
            for index, source in enumerate(entry.sources):
                yield name, ("sources", index, "url"), source.url
