"""``make bench-search``: how well and how fast typed questions find their entry, beside engines that one could install.

The questions of tests/evaluation/*.jsonl were written without sight of the FAQ's phrasings. Every second line of a file
is the development half, on which constants may be set; the others are the test half, which is only reported.
``--fit`` prints the weights of bot/search/confidence.py fitted on the development half, ``--dev`` reports that half.
"""

from __future__ import annotations

import json
import math
import os
import platform
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot import faq, languages, search
from bot.faq.model import Faq
from bot.guide import Guide
from bot.search.confidence import features
from bot.search.fold import normalize, tokens

ROOT = Path(__file__).parent.parent.parent
ROWS = ("clean", "keywords", "typo", "latin", "variant", "story", "mixed", "danger")
Find = Callable[[str, str], list[str]]


@dataclass(frozen=True)
class Question:
    q: str
    language: str
    kind: str
    right: tuple[str, ...]  # the entries that are right, the best first; empty: out of scope


def questions(development: bool) -> list[Question]:
    """One half of the evaluation set."""
    found = []
    for path in sorted((ROOT / "tests" / "evaluation").glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines()):
            if (number % 2 == 0) == development:
                one = json.loads(line)
                right = one["entry"] if isinstance(one["entry"], list) else [one["entry"]] if one["entry"] else []
                found.append(Question(one["q"], one["language"], one["kind"], tuple(right)))
    return found


def interval(hits: int, of: int) -> str:
    """A share in percent with its 95 % interval (Wilson)."""
    if not of:
        return "-"
    share, z = hits / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{100 * share:.1f} ({100 * (middle - half):.0f}-{100 * (middle + half):.0f})"


# --- the engines that one could install instead, over the same text


def units(content: Faq) -> Iterator[tuple[str, str]]:
    for key, entry in content.entries.items():
        for text in entry.texts.values():
            for phrasing in (text.question, *text.asked, text.short):
                yield key, phrasing


def by_units(content: Faq, score: Callable[[str], np.ndarray]) -> Find:
    """An engine that scores every phrasing; an entry is as good as its best one."""
    owners = [key for key, _ in units(content)]

    def find(q: str, _language: str) -> list[str]:
        scores = score(q)
        order = np.argsort(-scores, kind="stable")
        return list(dict.fromkeys(owners[at] for at in order[:400] if scores[at] > 0))

    return find


def plain_bm25(content: Faq) -> Find:
    docs = [Counter(tokens(text)) for _, text in units(content)]
    frequency = Counter(word for doc in docs for word in doc)
    sizes = np.array([sum(doc.values()) for doc in docs])
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for at, doc in enumerate(docs):
        for word, count in doc.items():
            rare = math.log(1 + (len(docs) - frequency[word] + 0.5) / (frequency[word] + 0.5))
            postings[word].append((at, rare * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * sizes[at] / sizes.mean()))))

    def score(q: str) -> np.ndarray:
        found = np.zeros(len(docs))
        for word in tokens(q):
            for at, weight in postings.get(word, ()):
                found[at] += weight
        return found

    return by_units(content, score)


def sqlite_trigram(content: Faq) -> Find:
    store = sqlite3.connect(":memory:")
    store.execute("create virtual table t using fts5(k unindexed, b, tokenize='trigram')")
    store.executemany("insert into t values (?, ?)", [(key, normalize(text)) for key, text in units(content)])

    def find(q: str, _language: str) -> list[str]:
        words = [word for word in tokens(q) if len(word) > 2]
        if not words:
            return []
        wanted = " OR ".join(f'"{word}"' for word in words)
        rows = store.execute("select k from t where t match ? order by bm25(t) limit 200", (wanted,))
        return list(dict.fromkeys(key for (key,) in rows))

    return find


def rapidfuzz_ratio(content: Faq) -> Find:
    from rapidfuzz import fuzz, process

    texts = [normalize(text) for _, text in units(content)]
    return by_units(content, lambda q: np.array(process.cdist([normalize(q)], texts, scorer=fuzz.token_set_ratio))[0])


def sklearn_characters(content: Faq) -> Find:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    matrix = vectorizer.fit_transform([normalize(text) for _, text in units(content)])
    return by_units(content, lambda q: (vectorizer.transform([normalize(q)]) @ matrix.T).toarray()[0])


def tantivy_default(content: Faq) -> Find:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("k", stored=True, tokenizer_name="raw")
    builder.add_text_field("b")
    index = tantivy.Index(builder.build())
    writer = index.writer()
    for key, text in units(content):
        writer.add_document(tantivy.Document(k=key, b=normalize(text)))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def find(q: str, _language: str) -> list[str]:
        words = tokens(q)
        if not words:
            return []
        hits = searcher.search(index.parse_query(" ".join(words), ["b"]), 200).hits
        return list(dict.fromkeys(searcher.doc(address)["k"][0] for _, address in hits))

    return find


PEERS: dict[str, Callable[[Faq], Find]] = {
    "BM25 on words": plain_bm25,
    "SQLite FTS5 trigram": sqlite_trigram,
    "rapidfuzz token_set_ratio": rapidfuzz_ratio,
    "scikit-learn character TF-IDF": sklearn_characters,
    "tantivy": tantivy_default,
}


# --- reports


def recall(asked: list[Question], find: Find) -> dict[str, tuple[int, int, int, float]]:
    """By kind, by language and in all: how many, first, among three, mean reciprocal rank."""
    found: dict[str, list[tuple[bool, bool, float]]] = defaultdict(list)
    for one in asked:
        if one.right:
            ranked = find(one.q, one.language)
            rank = next((at for at, entry in enumerate(ranked, 1) if entry in one.right), 0)
            hit = (rank == 1, 0 < rank <= 3, 1 / rank if rank else 0.0)
            for key in (one.kind, f"{one.kind} {one.language}", one.language, "all"):
                found[key].append(hit)
    return {
        key: (len(hits), sum(h[0] for h in hits), sum(h[1] for h in hits), statistics.fmean(h[2] for h in hits))
        for key, hits in found.items()
    }


def show_recall(asked: list[Question], engines: dict[str, Find]) -> None:
    tables = {name: recall(asked, find) for name, find in engines.items()}
    keys = [*ROWS, *languages.CODES, *(f"latin {code}" for code in languages.CODES), "all"]
    ours = next(iter(tables))
    print(
        f"| questions | n | {ours}: R@1 (95 %) | R@3 (95 %) | MRR | "
        + " | ".join(f"{n}: R@1 / R@3" for n in list(tables)[1:])
        + " |"
    )
    print("|---" * (5 + len(tables) - 1) + "|")
    for key in keys:
        if key in tables[ours]:
            of, first, three, mrr = tables[ours][key]
            others = [t[key] for t in list(tables.values())[1:]]
            peers = " | ".join(f"{100 * o[1] / o[0]:.0f} / {100 * o[2] / o[0]:.0f}" for o in others)
            print(f"| {key} | {of} | {interval(first, of)} | {interval(three, of)} | {mrr:.3f} | {peers} |")


def show_bands(asked: list[Question], guide: Guide) -> None:
    bands: dict[str, Counter[str]] = defaultdict(Counter)
    chances: list[tuple[float, bool]] = []
    for one in asked:
        ranking = guide.rank(one.q, guide.languages[one.language])
        group = one.kind if not one.right else "danger" if one.kind == "danger" else "answerable"
        right = bool(ranking.shown) and ranking.shown[0] in one.right
        bands[group][ranking.band] += 1
        bands[group]["wrong"] += ranking.band == "answer" and not right
        bands[group]["urgent right"] += ranking.band == "answer" and right
        found = guide._index.find(one.q, one.language)
        chances.append((found[0].confidence if found else 0.0, bool(found) and found[0].entry in one.right))
    print(
        "\n| questions | n | answered directly | of these wrong | offered choices | told no |\n|---|---|---|---|---|---|"
    )
    for group, seen in bands.items():
        of = seen["answer"] + seen["choices"] + seen["none"]
        direct = seen["answer"]
        wrong = "all" if group.startswith("out") else interval(seen["wrong"], direct)
        print(f"| {group} | {of} | {interval(direct, of)} | {wrong} | {seen['choices']} | {seen['none']} |")
    print(f"\nCalibration error (10 bins): {100 * calibration(chances):.1f} %")


def calibration(chances: list[tuple[float, bool]]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for chance, right in chances:
        bins[min(9, int(chance * 10))].append((chance, right))
    return sum(
        abs(statistics.fmean(c for c, _ in found) - statistics.fmean(r for _, r in found)) * len(found)
        for found in bins.values()
    ) / len(chances)


def show_language(asked: list[Question], index: search.Index) -> None:
    print("\n| language of | told right | told nothing |\n|---|---|---|")
    for name, keep in (("all but mixed", lambda q: True), ("one to three words", lambda q: len(tokens(q.q)) <= 3)):
        for script, latin in (("own script", False), ("Latin letters (kk, ru, fa)", True)):
            told = [(index.language(one.q), one.language) for one in asked if one.kind != "mixed" and keep(one)
                    and (one.kind == "latin" and one.language != "en") == latin]  # fmt: skip
            if told:
                right = sum(a == b for a, b in told)
                print(f"| {name}, {script} | {interval(right, len(told))} | {sum(a is None for a, _ in told)} |")


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def show_speed(content: Faq, asked: list[Question], name: str) -> None:
    before = resident()
    started = time.perf_counter()
    index = search.build(content)
    built = time.perf_counter() - started
    grown = resident() - before
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.npz"
        index.save(path)
        started = time.perf_counter()
        search.Index.loaded(path)
        loaded, size = time.perf_counter() - started, path.stat().st_size / 1e6
    times: dict[bool, list[float]] = {True: [], False: []}
    for one in asked * (3 if len(asked) < 1000 else 1):
        started = time.perf_counter()
        index.find(one.q, one.language)
        times[one.kind == "latin"].append((time.perf_counter() - started) * 1000)
    for latin, label in ((False, "native"), (True, "Latin")):
        spread = " / ".join(f"{percentile(times[latin], share):.2f}" for share in (0.5, 0.95, 0.99))
        print(
            f"| {name}, {label} | {spread} ms | {built:.2f} s | {loaded:.3f} s | {grown:.0f} MB | {size:.1f} MB |",
            flush=True,
        )


def resident() -> float:
    return int(Path("/proc/self/status").read_text("utf-8").split("VmRSS:")[1].split()[0]) / 1024


def grown_to(content: Faq, entries: int) -> Faq:
    """The content with invented entries made of its own words in another order, as large as asked for."""
    chance = random.Random(5)
    real = list(content.entries.values())
    words = {code: [w for e in real for a in e.texts[code].asked for w in a.split()] for code in languages.CODES}
    made = dict(content.entries)
    for number in range(entries - len(real)):
        pattern = chance.choice(real)
        texts = {
            code: replace(text, question=" ".join(chance.choices(words[code], k=6)),
                          asked=tuple(" ".join(chance.choices(words[code], k=chance.randint(2, 8))) for _ in range(12)))
            for code, text in pattern.texts.items()
        }  # fmt: skip
        made[f"made/entry-{number}"] = replace(pattern, id=f"made/entry-{number}", texts=texts)
    return replace(content, entries=made)


def fit(asked: list[Question], index: search.Index) -> None:
    """Newton's method on a logistic with a little ridge; prints the weights for bot/search/confidence.py."""
    rows, right = [], []
    for one in asked:
        found, circumstances = index.scored(one.q, one.language)
        if found:
            rows.append(features([match.score for match in found], circumstances))
            right.append(found[0].entry in one.right)
    x, y = np.array(rows), np.array(right, float)
    weights = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (y - p) - 0.05 * weights
        weights += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + 0.05 * np.eye(len(weights)), gradient)
    print("WEIGHTS: Final = (" + ", ".join(f"{weight:.2f}" for weight in weights) + ")")


def main() -> None:
    content, _ = faq.load(Path(os.environ.get("FAQ_DIR", ROOT / "faq")))
    assert content is not None
    development = "--dev" in sys.argv or "--fit" in sys.argv
    asked = questions(development)
    index = search.build(content)
    if "--fit" in sys.argv:
        fit(asked, index)
        return
    guide = Guide(content, index, languages.load(ROOT / "locales"))
    half = "development" if development else "test"
    size = f"{len(content.entries)} entries, {sum(1 for _ in units(content))} phrasings"
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%d %B %Y} · {machine} · {size} · {half} half, {len(asked)} questions\n")
    engines: dict[str, Find] = {"Pana": lambda q, language: [m.entry for m in index.find(q, language)]}
    for name, make in PEERS.items():
        try:
            engines[name] = make(content)
        except ImportError:
            print(f"{name} is not installed and is left out: pip install rapidfuzz scikit-learn tantivy")
    show_recall(asked, engines)
    show_bands(asked, guide)
    show_language(asked, index)
    print(
        "\n| size | p50 / p95 / p99 of a question | build | load saved | memory | on disk |\n|---|---|---|---|---|---|"
    )
    show_speed(content, asked, f"{len(content.entries)} entries")
    if "--quick" not in sys.argv:
        show_speed(grown_to(content, 10_000), asked, "10,000 entries")
    print(f"\nPeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
