"""The words of typed dates in four languages and their common Latin typing, as tables: a folded phrase -> what it means.

Meanings are marks such as ``@ago``, ``@unit:7d``, ``@g10`` (October) or ``@s7`` (Mizan, the seventh solar month).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

_SAME: Final = str.maketrans(
    "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩" + "يىكةۀآأإ" + "ёәғқңөұүһі",
    "01234567890123456789" + "ییکههااا" + "еагкноуухи",
    "\u200c\u200d\u0640\u200e\u200f\u2066\u2067\u2068\u2069\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654\u02bc'’ʻ`",
)


def fold(text: str) -> str:
    """Small letters without marks, one kind of digits, Kazakh letters as a Russian keyboard gives them."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_SAME)
    return "".join(_bare(letter) for letter in plain)


def _bare(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0] if "\u00c0" <= letter < "\u0250" else letter


_GREGORIAN: Final = {
    1: "january jan janvar qantar kantar جنوری ژانویه янв",
    2: "february feb fevral aqpan akpan فبروری فوریه فبروی фев февр",
    3: "march mar mart nauryz nawryz مارچ مارس мар март",
    4: "april apr aprel sauir sawir اپریل اوریل апр",
    5: "may mai mamyr می مه май мая мае маи",
    6: "june jun iyun mausym mawsym جون ژوین ژوئن июн",
    7: "july jul iyul shilde جولای جولایی ژوییه ژوئیه июл",
    8: "august aug avgust tamyz اگست اگوست اوت авг август",
    9: "september sept sep sentyabr sentiabr qyrkuiek kyrkuiek qyrkuyek سپتمبر سپتامبر сен сент",
    10: "october oct oktyabr oktiabr qazan kazan اکتوبر اکتبر окт",
    11: "november nov noyabr noiabr qarasha karasha نومبر نوامبر ноя нояб",
    12: "december dec dekabr jeltoqsan zheltoksan دسمبر دسامبر дек",
}
_RUSSIAN: Final = "январ феврал март апрел май июн июл август сентябр октябр ноябр декабр"
_KAZAKH: Final = "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан"
_SOLAR: Final = {
    1: "حمل فروردین hamal farvardin хамаль хамал",
    2: "ثور اردیبهشت saur sawr sowr thawr ordibehesht савр саур",
    3: "جوزا خرداد jawza jauza jowza jouza khordad джауза джавза",
    4: "سرطان تیر saratan sartan tir саратан",
    5: "اسد مرداد امرداد asad mordad асад",
    6: "سنبله شهریور sunbula sonbola sumbula sonbula shahrivar сунбула",
    7: "میزان مهر mizan meezan mehr мизан",
    8: "عقرب ابان aqrab akrab aban акраб",
    9: "قوس اذر qaws qaus qows kaus azar кавс каус",
    10: "جدی دی jadi jadee jaddi dey джади",
    11: "دلو بهمن dalw dalv dalwa bahman далв",
    12: "حوت اسفند hut hoot hout esfand хут",
}
_LUNAR: Final = (
    "محرم صفر ربیع جمادی رجب شعبان رمضان شوال ذیقعده ذوالقعده ذیالقعده ذیحجه ذوالحجه ذیالحجه قمری "
    "muharram safar rabi jumada rajab shaban shaaban ramadan ramazan shawwal qamari "
    "мухаррам сафар раби джумада раджаб шабан шагбан рамадан рамазан шавваль шаууал"
)
_RUSSIAN_ENDINGS: Final = ("ь", "я", "е", "ю", "й", "а", "у")
_KAZAKH_ENDINGS: Final = (
    "да де та те га ге ка ке нан нен дан ден тан тен ны ни ды ди ты ти нын нин дын дин тын тин ы и ында инде ынан инен "
    "дагы деги тагы теги"
)

_WEEKDAYS: Final = (
    "monday|mon|понедельник|дүйсенбі|دوشنبه|دو شنبه|dushanba|duisenbi|ponedelnik",
    "tuesday|tue|tues|вторник|сейсенбі|سه شنبه|سهشنبه|seshanba|seisenbi|vtornik",
    "wednesday|wed|среда|среду|сәрсенбі|چهارشنبه|چهار شنبه|charshanba|chaharshanba|sarsenbi|sreda|sredu",
    "thursday|thu|thur|thurs|четверг|бейсенбі|پنجشنبه|پنج شنبه|panjshanba|beisenbi|chetverg",
    "friday|fri|пятница|пятницу|жұма|جمعه|juma|jumah|zhuma|pyatnitsa|pyatnitsu",
    "saturday|sat|суббота|субботу|сенбі|شنبه|shanba|senbi|subbota|subbotu",
    "sunday|sun|воскресенье|жексенбі|یکشنبه|یک شنبه|yakshanba|jeksenbi|zheksenbi|voskresenye",
)

_NUMBERS: Final = (
    "one a an один одну одна одни бір یک ik yak bir odin",
    "two два две двое екі دو do du dva eki",
    "three три трое үш سه se tri ush",
    "four четыре төрт چهار chahar char chetyre tort",
    "five пять бес پنج panj pyat bes",
    "six шесть алты شش shash shest alty",
    "seven семь жеті هفت haft sem jeti zheti",
    "eight восемь сегіз هشت hasht vosem segiz",
    "nine девять тоғыз نه noh devyat togyz",
    "ten десять он ده dah desyat",
    "eleven одиннадцать یازده yazdah",
    "twelve двенадцать دوازده dwazdah",
    "thirteen тринадцать سیزده",
    "fourteen четырнадцать چهارده",
    "fifteen пятнадцать پانزده",
    "sixteen шестнадцать شانزده",
    "seventeen семнадцать هفده",
    "eighteen восемнадцать هجده هژده",
    "nineteen девятнадцать نوزده",
    "twenty двадцать жиырма بیست bist",
)
_ORDINALS: Final = (
    "first первое первого бірінші اول یکم",
    "second второе второго екінші دوم",
    "third третье третьего үшінші سوم",
    "fourth четвертое четвертого төртінші چهارم",
    "fifth пятое пятого бесінші پنجم",
    "sixth шестое шестого алтыншы ششم",
    "seventh седьмое седьмого жетінші هفتم",
    "eighth восьмое восьмого сегізінші هشتم",
    "ninth девятое девятого тоғызыншы نهم",
    "tenth десятое десятого оныншы دهم",
)

_PHRASES: Final = {
    "@day:0": "today|just today|сегодня|segodnya|бүгін|bugin|امروز|emruz|emroz|imroz|imruz",
    "@day:-1": "yesterday|вчера|vchera|кеше|keshe|دیروز|diruz|dirooz|diroz|deroz|dirouz",
    "@day:-2": "the day before yesterday|day before yesterday|позавчера|pozavchera|алдыңғы күні|алдыңгүні|алдыңғыкүні|"
               "aldyngy kuni|aldynguni|پریروز|pariruz|parirooz|pariroz|pareroz",
    "@day:1": "tomorrow|завтра|zavtra|ертең|erteng|erten|فردا|صبا|farda|saba",
    "@day:2": "the day after tomorrow|day after tomorrow|послезавтра|poslezavtra|бүрсігүні|پس فردا|پسفردا|pas farda",
    "@night": "last night|دیشب|dishab",
    "@number:10 @unit:1d": "on kun|on kün",  # "on" alone is English
    "@number:10 @unit:7d": "on apta",
    "@number:10 @unit:1m": "on ay",
    "@ago": "ago|before today|тому назад|назад|nazad|бұрын|buryn|پیش از|قبل از|پیش|قبل|pesh|pish|qabl",
    "@in": "in|через|cherez|кейін|keyin|keiin|соң|بعد از|بعد|دیگر|bad|baad",
    "@last": "last|past|прошлый|прошлую|прошлое|прошлая|прошлой|прошлом|өткен|былтырғы|گذشته|تیر شده|proshluyu|otken",
    "@this": "this|этот|эту|этом|осы|این",
    "@next": "next|следующий|следующую|следующее|келесі|آینده|بعدی",
    "@unit:1d": "day|days|день|дня|дней|дн|сутки|суток|күн|روز|kun|den|dnya|dney|roz|ruz|rooz",
    "@unit:7d": "week|weeks|wk|неделя|неделю|недели|недель|неделе|апта|هفته|apta|nedelyu|nedeli|nedel|hafta",
    "@unit:1m": "month|months|месяц|месяца|месяцев|месяце|ай|ماه|ay|mesyats|mesyatsa|mah|moh",
    "@unit:12m": "year|years|год|года|лет|жыл|سال|goda|god|let|jyl|zhyl|sal",
    "@date": "числа|число|числу",
    "@solar": "هجری شمسی|ه ش|ش|شمسی|خورشیدی|shamsi|hijri shamsi",
    "@gregorian": "میلادی|م|miladi|meladi",
    "@over": "تیر شد|گذشت",  # five days are over: تیر is a month, too
    "@crossed": "تیر شدم|تیر شدیم",
    "@lunar": "هجری قمری|ه ق|ق",
}  # fmt: skip
_FILLERS: Final = (
    "the|of|on|at|in the|г|гг|год|года|году|в|во|с|со|от|утром|днем|вечером|morning|evening|"
    "ж|жыл|жылы|жылғы|жылдың|күні|айының|таңертең|кешке|"
    "تاریخ|به تاریخ|در|به|روز|سال|ماه|برج|هجری|صبح|شام|از|ه"
)
# Besides, in the answer to "when did it happen?": whatever else such a sentence consists of.
_ANSWERING: Final = (
    "i|we|it|was|is|on|about it|arrived|came|got|received|moved|crossed|born|learned|happened|here|date|my|our|he|she|was on|"
    "я|мы|это|было|был|была|приехал|приехала|приехали|прибыл|прибыла|прибыли|пришел|пришла|пришли|получил|получила|"
    "получили|переехал|переехала|переехали|перешел|перешла|перешли|родился|родилась|узнал|узнала|узнали|дата|сюда|"
    "мен|біз|келдім|келдік|алдым|алдық|көштім|көшіп|көштік|өттім|өттік|болды|туды|білдім|болатын|осында|"
    "من|ما|امدم|امدیم|رسیدم|رسیدیم|گرفتم|گرفتیم|کوچ کردم|کوچ کردیم|بود|شد|تولد شد|خبر شدم|خبر شدیم|اینجا"
)


def _months() -> Iterator[tuple[str, str]]:
    for number, names in _GREGORIAN.items():
        yield from ((name, f"@g{number}") for name in names.split())
    for number, stem in enumerate(_RUSSIAN.split(), 1):
        yield from ((stem.removesuffix("й") + ending, f"@g{number}") for ending in _RUSSIAN_ENDINGS)
    for number, name in enumerate(_KAZAKH.split(), 1):
        yield from ((name + ending, f"@g{number}") for ending in ("", *_KAZAKH_ENDINGS.split()))
    for number, names in _SOLAR.items():
        yield from ((name, f"@s{number}") for name in names.split())


def _others() -> Iterator[tuple[str, str]]:
    yield from ((name, "@lunar") for name in _LUNAR.split())
    for number, names in enumerate(_WEEKDAYS):
        yield from ((name + ending, f"@weekday:{number}") for name in names.split("|") for ending in ("", "де", "да"))
    for number, names in enumerate(_NUMBERS, 1):
        yield from ((name, f"@number:{number}") for name in names.split())
    for number, names in enumerate(_ORDINALS, 1):
        yield from ((name, f"@ordinal:{number}") for name in names.split())
    for meaning, names in _PHRASES.items():
        yield from ((name, meaning) for name in names.split("|"))


_MEANINGS: Final = {fold(name): meaning for name, meaning in (*_months(), *_others())}
MONTHS: Final = frozenset(name for name, meaning in _MEANINGS.items() if meaning[1] in "gs" and meaning[2:].isdecimal())


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    longest = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d])(?:{'|'.join(map(re.escape, longest))})(?![^\W\d])")


_KNOWN: Final = _pattern(_MEANINGS)
_FILLING: Final = _pattern(fold(name) for name in _FILLERS.split("|"))


@lru_cache(maxsize=1)
def _answering() -> re.Pattern[str]:
    return _pattern(fold(name) for name in _ANSWERING.split("|"))


def marked(folded: str, answering: bool) -> str:
    """A folded text with its known words as marks and without those that say nothing; what is unknown stays."""
    text = _KNOWN.sub(lambda found: f" {_MEANINGS[found[0]]} ", folded)
    text = _apart(_FILLING, text)
    return _apart(_answering(), text).replace("@crossed", " ") if answering else text


def _apart(pattern: re.Pattern[str], text: str) -> str:
    """Take words out between the marks, not inside them."""
    parts = re.split(r"(@\S+)", text)
    return "".join(part if part.startswith("@") else pattern.sub(" ", part) for part in parts)
