"""Which language a text is typed in: naive Bayes over character n-grams, learnt from the FAQ's own texts.

Kazakh is learnt also without its own letters, and Kazakh and Russian also in Latin letters, as people type them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from bot.search.fold import normalize

BINS: Final = 1 << 15
SIZES: Final = (1, 2, 3, 4)
_PRIMES: Final = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F)

_FLAT: Final = str.maketrans("әғқңөұүһі", "агкноуухи")
_LATIN: Final = str.maketrans({
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h", "һ": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "",
    "ы": "y", "і": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
})  # fmt: skip
_LATIN_TOO: Final = str.maketrans(
    {**{chr(k): v for k, v in _LATIN.items()}, "қ": "q", "ж": "j", "у": "w", "х": "kh", "ы": "i"}
)
# Dari as Afghans type it in Latin letters: its commonest words, since its own texts leave the short vowels out.
_DARI_LATIN: Final = """
man az dar ba ra ki ke che chi chetor chitor chetur chand kuja koja kay baray baraye bara ast hast hastam hastom nist
mikonam mekonam mekunam mekonom mikonom konam konom kunam kunom mikonan mekonan mikona mekona mishawad meshawad
mishavad meshe mishe misha mesha shawam shawom shodam shodom shoda shod karda kardan kardam kardom raft raftan raftam
biram borom berom beram biyayam amadam amadom bigiram begirom begiram megiran migiran bedam bedom bidiham megom begom
begoyam mekhayom mekhaham mikhaham mekhowam mekharam bekharam mara mane ma shoma shuma u anha in en iin an hich hech
agar ham bad badaz pish pesh hala sanad asnad passport paspurt tazkira ya na panahanda panahande panahandagi
panahandegi panahendagi panahjo panahjoo darkhast rad qabul qabol polis pulis politsiya shawharam shohar zanam zan
khanom khanum khod khodam khodom khodem khodra baz paida mofat muft gom kodam chist kist chera wa yak do se tifl tefl
bacha bachem bachaha dukhtar pesar padar padaram madar madaram bradar khwahar khahar familam famil khanawada kar maash
mash pul paisa khana khane kiraya keraya maktab dawa daktar doktor shafakhana mariz haq huquq hoquq wakil komak kumak
lotfan salam khuda watan afghanistan qazaqistan qazaqestan zaban saheb sahib nadaram nadarom daram darom darem dari
darad dara nadarad nadara namedanam namedanom nemidanam medanom mitonam metanom mitanom tanom chiz kas waqt roz ruz
mah sal mahkama idara edara dowlat dawlat sarhad rah
"""


SMOOTHING: Final = 0.3  # what an n-gram counts that a language never showed


class Identifier:
    """Tells languages apart. Holds log-probabilities of hashed n-grams, no text: a row for each way in which a language is
    typed, and ``languages`` tells whose it is. A language is as likely as its likeliest way."""

    def __init__(self, languages: tuple[str, ...], table: npt.NDArray[np.float32]) -> None:
        self._languages = languages
        self._table = table

    @classmethod
    def made(cls, texts: Mapping[str, Iterable[str]]) -> Self:
        """Learn from texts by language."""
        names, rows = list[str](), list[npt.NDArray[Any]]()
        for code, own in texts.items():
            for variant in _variants(code, normalize("\n".join(own))):
                names.append(code)
                rows.append(np.bincount(_bins(variant), minlength=BINS) + SMOOTHING)
        counts = np.stack(rows) if rows else np.ones((0, BINS))
        table = np.log(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
        return cls(tuple(names), table)

    def language(self, text: str) -> tuple[str | None, float]:
        """The likeliest language, and by how much it leads (log-probability by n-gram); None for a text without letters."""
        bins = _bins(normalize(text[:400]))
        if not self._languages or not len(bins) or not any(letter.isalpha() for letter in text[:400]):
            return None, 0.0
        scores = self._table[:, bins].mean(axis=1)
        best = {code: float(score) for score, code in sorted(zip(scores, self._languages, strict=True))}
        ordered = sorted(best, key=best.__getitem__, reverse=True)
        return ordered[0], best[ordered[0]] - best[ordered[1]] if len(ordered) > 1 else 1.0

    def arrays(self) -> dict[str, Any]:
        """What is saved of it."""
        return {"identify.languages": np.array(self._languages), "identify.table": self._table}

    @classmethod
    def loaded(cls, saved: Mapping[str, Any]) -> Self:
        """What ``arrays`` gave, read again."""
        return cls(tuple(map(str, saved["identify.languages"])), saved["identify.table"])


def _variants(code: str, text: str) -> list[str]:
    """A language's text as people type it: in its own letters first."""
    own: dict[str, list[str]] = {
        "kk": [text.translate(_FLAT), text.translate(_LATIN), text.translate(_LATIN_TOO)],
        "ru": [text.translate(_LATIN), text.translate(_LATIN_TOO)],
        "fa_AF": [" ".join(_DARI_LATIN.split())],
    }
    return [text, *own.get(code, [])]


def _bins(text: str) -> npt.NDArray[np.int64]:
    """The n-grams of a text as numbers of bins: polynomials over the letters' numbers, all at once."""
    letters = np.frombuffer(f" {text} ".encode("utf-32-le", "replace"), np.uint32)
    found, mixed = [], np.zeros(len(letters), np.uint32)
    for size in SIZES[: len(letters)]:
        prime = np.uint32(_PRIMES[size - 1])
        mixed = mixed[: len(letters) - size + 1] * prime + letters[size - 1 :]
        found.append((mixed ^ (mixed >> np.uint32(15))) * prime >> np.uint32(17))
    return np.concatenate(found).astype(np.int64)
