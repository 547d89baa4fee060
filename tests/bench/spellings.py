"""Questions said otherwise, so that a change is judged on thousands: in other letters, in a story, left out of the FAQ.

    python -m tests.bench.spellings

The evaluation's development half has some dozens of questions of a kind. Here its questions are spelt in the ways of several
keyboards (tables of their own, none of bot/search) and put between sentences that ask nothing; a seventh of the FAQ's phrasings,
and of the cries of danger, is left out and asked. All of it may be looked at and tuned on.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bot import faq, search
from bot.faq.model import Faq
from bot.search.danger import Dangers
from bot.search.fold import is_latin, tokens
from bot.search.typed import Typed
from tests.bench.search import ROOT, Question, questions

Spell = Callable[[str], str]
SHARE = 1 / 7  # of phrasings that are left out

_RU = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_KK = "әғқңөұүіһ"
_CHAT = "a b v g d e e j z i i k l m n o p r s t u f h c ch sh sh  y  e yu ya"


def _letters(russian: str = _CHAT, kazakh: str = "a g k n o u u i h", **others: str) -> Spell:
    table = dict(zip(_RU + _KK, [*russian.split(" "), *kazakh.split(" ")], strict=True)) | others
    return lambda text: "".join(table.get(letter, letter) for letter in text.lower())


RUSSIAN: dict[str, Spell] = {
    "chat": _letters(),
    "zh": _letters("a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch  y ' e yu ya"),
    "4 and 6": _letters("a b v g d e e j z i i k l m n o p r s t u f x c 4 6 6  i  e u ya"),
    "w": _letters("a b v g d e yo zh z i j k l m n o p r s t u f h ts ch w w  y  e iu ia"),
}
KAZAKH: dict[str, Spell] = {
    "chat": _letters(),
    "q, w": _letters(kazakh="a g q n o u u i h", у="w"),
    "gh, ng": _letters(kazakh="ae gh q ng oe u u i h", ж="zh", й="y", х="kh"),
    "2018": _letters(kazakh="á ǵ q ń ó u ú i h", у="ý", й="ı", и="ı", ю="ıý", я="ıa"),
    "2021": _letters(kazakh="ä ğ q ñ ö ū ü ı h", ш="ş", щ="ş", ч="ç"),
    "flat": lambda text: text.lower().translate(str.maketrans(_KK, "агкноууих")),
}
DARI: dict[str, Spell] = {
    "Arabic keyboard": lambda text: text.replace("ی", "ي").replace("ک", "ك"),
    "no joiners": lambda text: text.replace("\u200c", ""),
    "spaces": lambda text: text.replace("\u200c", " "),
}
SPELLINGS = {"ru": RUSSIAN, "kk": KAZAKH, "fa_AF": DARI}
AROUND = {
    "en": ("Hello dear team, I hope you are well.", "I live with my family in a small room near the market.",
           "We arrived last spring and it was very hard for all of us.", "Thank you very much, God bless you."),
    "ru": ("Здравствуйте, извините за беспокойство.", "Живём в маленькой комнате возле базара, нас шестеро.",
           "Приехали прошлой весной, было очень тяжело.", "Заранее большое спасибо, дай бог вам здоровья."),
    "kk": ("Сәлеметсіздер ме, кешіріңіз мазалағаныма.", "Базар жанында кішкентай бөлмеде тұрып жатырмыз, алтау едік.",
           "Өткен көктемде келдік, бәрімізге өте қиын болды.", "Алдын ала рахмет, Алла разы болсын."),
    "fa_AF": ("سلام علیکم، خوب هستید؟ ببخشید زحمت می‌دهم.", "ما در یک خانه خرد نزدیک بازار زندگی می‌کنیم، شش نفر هستیم.",
              "بهار پار سال آمدیم، بسیار سخت گذشت.", "پیشاپیش تشکر، خدا خیرتان بدهد."),
}  # fmt: skip


def said_otherwise() -> Iterator[tuple[str, Question]]:
    """Questions of the development half under the name of what was done to them."""
    for one in questions(True):
        if one.right and one.kind != "mixed" and not (one.language != "en" and is_latin("".join(tokens(one.q)))):
            for name, spell in SPELLINGS.get(one.language, {}).items():
                yield f"{one.language} {name}", replace(one, q=spell(one.q))
            if one.kind in ("clean", "typo", "variant"):
                before, *more, after = AROUND[one.language]
                yield f"{one.language} in a story", replace(one, q=" ".join((before, *more, one.q, after)))


def without_some(content: Faq) -> tuple[Faq, list[Question]]:
    """The FAQ without a part of its phrasings, and these."""
    chance, left, entries = random.Random(3), list[Question](), {}
    for key, entry in content.entries.items():
        texts = {}
        for code, text in entry.texts.items():
            out = [chance.random() < SHARE for _ in text.asked]
            left += [Question(one, code, "left out", (key,)) for one, gone in zip(text.asked, out, strict=True) if gone]
            kept = tuple(one for one, gone in zip(text.asked, out, strict=True) if not gone)
            texts[code] = replace(text, asked=kept)
        entries[key] = replace(entry, texts=texts)
    return replace(content, entries=entries), left


def show_found(index: search.Index, asked: list[tuple[str, Question]]) -> None:
    """Of each kind the first place and the first three."""
    hits: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for name, one in asked:
        found = [match.entry for match in index.find(one.q, one.language)][:3]
        hits[name].append((bool(found) and found[0] in one.right, any(entry in one.right for entry in found)))
    for name, own in hits.items():
        first, three = (100 * sum(column) / len(own) for column in zip(*own, strict=True))
        print(f"| {name} | {len(own)} | {first:.1f} | {three:.1f} |")


def show_danger(content: Faq) -> None:
    """How many cries are heard that were left out, and how many phrasings of other entries are taken for one."""
    chance, left, kept = random.Random(11), list[str](), []
    for danger in content.dangers:
        phrases = {
            code: [(one, chance.random() < SHARE) for one in own] for code, own in sorted(danger.phrases.items())
        }
        left += [one for own in phrases.values() for one, gone in own if gone]
        kept.append(
            replace(
                danger, phrases={code: tuple(one for one, gone in own if not gone) for code, own in phrases.items()}
            )
        )
    part, whole = Dangers.made(replace(content, dangers=tuple(kept))), Dangers.made(content)
    heard = sum(part.find(Typed.of(tokens(one))) is not None for one in left)
    others = [(key, one) for key, entry in content.entries.items() if not key.startswith("emergency/")
              for text in entry.texts.values() for one in (text.question, *text.asked)]  # fmt: skip
    false = sum(whole.find(Typed.of(tokens(one))) not in (None, key) for key, one in others)
    print(f"\nCries left out and heard: {heard} of {len(left)}.")
    print(f"Phrasings of other entries heard as danger (some of them are): {false} of {len(others)}.")


def main() -> None:
    content, _ = faq.load(Path(ROOT / "faq"))
    assert content is not None
    print("| questions | n | R@1 | R@3 |\n|---|---|---|---|")
    show_found(search.build(content), list(said_otherwise()))
    fewer, left = without_some(content)
    show_found(search.build(fewer), [(f"{one.language} left out", one) for one in left])
    show_danger(content)


if __name__ == "__main__":
    main()
