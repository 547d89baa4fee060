"""Negations: a "not" that is lost or gained in translation turns an answer round.

A heuristic over steps, points and paragraphs: one text says "not" there and the other does not once. Languages deny in
more ways than with a "not" (only, before, refuse, forbid): what does so excuses the other side. So all it finds are
warnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.faq.blocks import LANGUAGES, Finding, Pair, sentences

# What says "not". Kazakh: verbs with -ма, -ме and their like; Dari: verbs with ن-, nouns with ن left out.
_NOT: Final = {
    "en": re.compile(
        r"\b(?:not|no(?!\. ?\d)|none|never|cannot|without(?! citizenship)|nobody|nothing|nowhere|neither|nor)\b|n[’']t\b",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"\b(?:не(?! (?:больше|более|меньше|менее|позже|позднее|раньше|ранее|реже|раз|так)\b)|нет|без(?! гражданства)"
        r"|(?<!бы вы )ни|нельзя|никто|никого|никому|ничего|никогда|никак\w*|н[еи]где|некому|нечем|некуда)\b",
        re.IGNORECASE,
    ),
    "kk": re.compile(
        r"\b(?:емес|(?<!азаматтығы )жоқ|ешкім|ешқашан|ешқандай|ештеңе|ешқайда|болмасын)\w*"
        r"|\w{2}(?:тп|лм|нб|сп|шп)[ае]с[ыі]н\b"
        r"|\b(?!немесе|мәселе|әйтпесе|жаппай|пайдала(?!нба)|басқарма|жұбай|мәртебе|сілтеме|әңгіме|таба)\w{2,}[мбп][ае]"
        r"(?:й|й[дтмс]\w+|ң[ыі]з\w*|с|са\w{0,4}|се\w{0,4}|ға[нй]\w*|ге[нй]\w*|д[ыі]\w{0,3}|у|у[ыіғгд]\w*|ст\w+)\b",
        re.IGNORECASE,
    ),
    "fa_AF": re.compile(
        r"(?<!\w)(?:ن(?!ا|تیج|زد|سب|سخ|شان|شت|ظ|فر\b|فری|فق|فوس|قد|قض|قل|ماین|مبر|مره|مون|مای|و|ژاد|کاح|کته|گاه|گه|گران"
        r"|یاز|یم|یز|یک|ه|رخ|صب|خست|ص)\w+|(?<!یا )نه|بدون(?! تابعیت)|هیچ|هیچ\w+)(?!\w)"
    ),
}

# What denies in another way, or stands for a denial in another language.
_NEAR: Final = {
    "en": re.compile(
        r"\b(?:only|before|until|unless|refus|reject|fail|miss|lack|late|illegal|invalid|un(?!hcr|iver|ited|it\b)|less"
        r"|forb|bann|avoid|stop|except|otherwise|elsewhere|other than|free|los[te]|outside|alone|expire|past|false|apart"
        r"|instead|rather|den[iy]|wrong|gone|limited|danger|differ|still|anyway|at most|secret|whether|silen|close|minor"
        r"|same|safe|valid|in time|NGO)|less\b",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"\b(?:не(?!дел|медл|скольк|обход|котор|отлож|го\b|е\b|ё\b|й\b|ю\b|му\b)\w{2}|не\b|нет|ни|бес(?!ед|пок)|без"
        r"|запре|отказ|закрыт|лиш|только|кроме|мало|опас|сомн|иначе|вместо)",
        re.IGNORECASE,
    ),
    "kk": re.compile(
        r"\b(?:тегін|тыйым|бас тарт|қауіп|ғана|тыс|(?:ана|құжат|негіз|жазық)сыз|әйтпесе|айыр|қарамастан|басқаша|күмән)"
        r"|(?<=\w)(?<![аәейи])(?<![ғқ]ан)(?<![гк]ен)с[ыі]з",
        re.IGNORECASE,
    ),
    "fa_AF": re.compile(
        r"(?<!\w)(?:نا(?!م)\w|منع|ممنوع|رد(?!\w)|رایگان|مفت|بی|غیر|تنها|فقط|فاقد|همیشه|گم|خطر|شک|به جز|دیگر است)"
    ),
}


def lost(pair: Pair) -> Iterator[Finding]:
    """Places where one of the two texts says "not" and the other does not."""
    language = LANGUAGES[pair.first]
    for source, translation in pair.beside():
        ours, theirs = _count(source.words, pair.first), _count(translation.words, pair.second)
        if theirs < ours and _only_first(pair, source.words, translation.words):
            sentence = f"seems to have lost a “not” of the {language} text. Compare the two."
            yield Finding(translation.row, sentence, "not")
        elif ours < theirs and _only_first(pair.turned, translation.words, source.words):
            yield Finding(translation.row, f"says “not” where the {language} text does not. Compare the two.", "not")


def _count(words: str, code: str) -> int:
    return len(_NOT[code].findall(words))


def _only_first(pair: Pair, first: str, second: str) -> bool:
    """Whether a sentence of the first text denies and the second text's sentence does not, in any way."""
    one, other = sentences(first), sentences(second)
    if len(one) != len(other):
        one, other = [first], [second]
    not_, near = _NOT[pair.first], (_NOT[pair.second], _NEAR[pair.second])
    return any(
        not_.search(denied) and not any(way.search(said) for way in near)
        for denied, said in zip(one, other, strict=True)
    )
