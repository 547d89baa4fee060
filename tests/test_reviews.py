"""Who has confirmed which text: the record, what it means of a text as it stands now, and what a reader is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import faq, languages, markup, search
from bot.addresses import Address
from bot.faq import ledger
from bot.faq.drafts import read_all
from bot.faq.model import Entry, Faq, Review, Text
from bot.faq.reviews import Standing, digest, due, freshness, reviewed, standing
from bot.guide import Guide
from bot.languages import Languages

from .conftest import ROOT
from .test_cli import pana

APPEAL = "asylum/appeal"
DAY, LATER = date(2026, 11, 24), date(2026, 12, 1)
LETTERS = pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])


@pytest.fixture
def small(content: Path) -> Faq:
    found, problems = faq.load(content)
    assert found is not None, problems
    return found


def with_text(content: Faq, code: str, **changed: str) -> Faq:
    """The content in which the appeal's text in one language was edited."""
    entry = content.entries[APPEAL]
    texts = {**entry.texts, code: replace(entry.texts[code], **changed)}
    return replace(content, entries={**content.entries, APPEAL: replace(entry, texts=texts)})


def confirmed(content: Faq, code: str, *roles: str, on: date = DAY) -> Faq:
    """The content in which people have just confirmed the appeal in a language."""
    new = tuple(reviewed(content.entries[APPEAL], code, role, "AK", on) for role in roles)
    return replace(content, reviews=(*content.reviews, *new))


def found(content: Faq, code: str) -> Standing:
    return standing(content, content.entries[APPEAL], code)


class TestStanding:
    def test_without_a_review_a_text_is_a_draft(self, small: Faq) -> None:
        assert {code: found(small, code).state for code in small.entries[APPEAL].texts} == dict.fromkeys(
            small.entries[APPEAL].texts, "draft"
        )

    def test_a_review_is_of_one_language(self, small: Faq) -> None:
        content = confirmed(small, "ru", "lawyer")
        assert found(content, "ru") == Standing("reviewed", {"lawyer": DAY})
        assert found(content, "kk").state == "draft"

    @pytest.mark.parametrize("key", ["question", "short", "answer"])
    def test_a_changed_text_is_outdated_and_nobody_has_confirmed_it(self, small: Faq, key: str) -> None:
        content = with_text(confirmed(small, "ru", "lawyer"), "ru", **{key: "Другое."})
        assert found(content, "ru") == Standing("outdated", {}, before=DAY)

    def test_a_changed_source_leaves_the_translation_behind(self, small: Faq) -> None:
        content = with_text(confirmed(small, "ru", "native", "editor"), "en", answer="It is 3 days now.")
        assert found(content, "ru") == Standing("outdated", {"native": DAY, "editor": DAY}, newer=True)

    def test_an_editor_catches_up_with_the_source_and_the_lawyer_s_word_still_holds(self, small: Faq) -> None:
        content = with_text(confirmed(small, "ru", "lawyer"), "en", answer="Another word for the same.")
        content = confirmed(content, "ru", "editor", on=LATER)
        assert found(content, "ru") == Standing("reviewed", {"lawyer": DAY, "editor": LATER})

    def test_a_source_text_that_changed_is_not_newer_than_itself(self, small: Faq) -> None:
        content = with_text(confirmed(small, "en", "lawyer"), "en", answer="It is 3 days now.")
        assert found(content, "en") == Standing("outdated", {}, before=DAY)

    def test_a_text_put_back_is_confirmed_again(self, small: Faq) -> None:
        content = confirmed(small, "ru", "native")
        before = content.entries[APPEAL].texts["ru"].short
        assert found(with_text(with_text(content, "ru", short="x"), "ru", short=before), "ru").state == "reviewed"

    def test_the_last_day_of_a_role_counts_whatever_the_order(self, small: Faq) -> None:
        content = confirmed(confirmed(small, "ru", "lawyer", on=LATER), "ru", "lawyer", on=DAY)
        assert found(content, "ru").confirmed == {"lawyer": LATER}

    def test_the_editor_s_word_on_an_old_text_is_no_confirmation_to_tell(self, small: Faq) -> None:
        content = with_text(confirmed(small, "ru", "editor"), "ru", short="Другое.")
        assert found(content, "ru") == Standing("outdated", {})

    def test_where_another_language_became_the_source_nothing_is_called_newer(self, small: Faq) -> None:
        content = confirmed(small, "en", "lawyer")
        entries = {**content.entries, APPEAL: replace(content.entries[APPEAL], source="ru")}
        assert found(replace(content, entries=entries), "en") == Standing("outdated", {"lawyer": DAY})

    def test_a_missing_text_is_missing_whatever_was_confirmed(self, small: Faq) -> None:
        entry = small.entries[APPEAL]
        half = replace(entry, texts={code: text for code, text in entry.texts.items() if code != "ru"})
        content = replace(confirmed(small, "ru", "lawyer"), entries={**small.entries, APPEAL: half})
        assert standing(content, half, "ru") == Standing("missing")


class TestDigest:
    TEXT = Text("How?", "Go **today**.", "1. Go.\n2. Ask {office}.", ())

    @pytest.mark.parametrize(
        "same",
        [
            {"answer": "1. Go.  \n\n 2.  Ask {office}.\n"},
            {"short": "Go\u00a0**today**."},
            {"asked": ("another way",)},
        ],
    )
    def test_how_the_file_is_wrapped_does_not_matter(self, same: dict[str, str]) -> None:
        assert digest(replace(self.TEXT, **same)) == digest(self.TEXT)

    @pytest.mark.parametrize(
        "other",
        [
            {"question": "How"},
            {"short": "Go today."},
            {"answer": "1. Go.\n2. Ask {unhcr}."},
            {"answer": "1. Go. 2. Ask {office}."},
            {"question": "How? Go", "short": "**today**."},
        ],
    )
    def test_every_word_and_sign_matters(self, other: dict[str, str]) -> None:
        assert digest(replace(self.TEXT, **other)) != digest(self.TEXT)

    def test_composed_and_decomposed_letters_are_one(self) -> None:
        assert digest(Text("й", "s", "a", ())) == digest(Text("и\u0306", "s", "a", ()))


@pytest.mark.parametrize(
    ("risk", "days", "expected"),
    [
        ("high", 90, "fresh"), ("high", 91, "overdue"), ("high", 120, "overdue"), ("high", 121, "withheld"),
        ("normal", 180, "fresh"), ("normal", 181, "overdue"), ("normal", 4000, "overdue"),
    ],
)  # fmt: skip
def test_facts_grow_old(small: Faq, risk: str, days: int, expected: str) -> None:
    entry: Entry = replace(small.entries[APPEAL], risk=risk)
    assert freshness(entry, entry.checked + timedelta(days=days)) == expected
    assert due(entry) == entry.checked + timedelta(days={"high": 90, "normal": 180}[risk])


# What was done, and the sentences that a reader of the Russian text is told of it. {day} and {later} are days.
LAWYER = "A lawyer confirmed this text on {day}. No native speaker has confirmed it yet."
NATIVE = "A native speaker confirmed this text on {day}. No lawyer has confirmed it yet."
BOTH = "A lawyer confirmed this text on {lawyer}, and a native speaker on {native}."
CHANGED = "This text was confirmed on {day} and has changed since. Nobody has confirmed it as it stands now."
NOBODY = "No lawyer and no native speaker has confirmed this text yet."
NEWER = {
    "en": "The English text is newer than this translation: the two may differ.",
    "ru": "The Russian text is newer than this translation: the two may differ.",
    "kk": "The Kazakh text is newer than this translation: the two may differ.",
    "fa_AF": "The Dari text is newer than this translation: the two may differ.",
}
CONFIRMED = (LAWYER, NATIVE, BOTH, CHANGED, NOBODY)


def told(content: Faq, spoken: Languages, letters: str, today: date = LATER) -> str:
    guide = Guide(content, search.build(Faq((), {}, {})), spoken, lambda: today)
    lines = markup.words(guide.open(Address.entry(APPEAL, letters)).text).splitlines()
    beginning = guide.languages[letters].say("Facts checked on {date}.", date="|").split("|")[0].rstrip("\u2068")
    return next(line for line in lines if line.startswith(beginning))


def sentences(content: Faq, spoken: Languages, letters: str, *expected: str, **days: date) -> str:
    """The line that is expected: the day of the facts, and the sentences."""
    say, checked = spoken[letters], content.entries[APPEAL].checked
    given = {name: say.date(day) for name, day in days.items()}
    facts = say.say("Facts checked on {date}.", date=say.date(checked))
    return " ".join([facts, *(say.say(one, **given) for one in expected)])


@LETTERS
class TestTheLine:
    """Exactly what is true, and no other sentence, in every language."""

    def test_nobody(self, small: Faq, spoken: Languages, letters: str) -> None:
        assert told(small, spoken, letters) == sentences(small, spoken, letters, NOBODY)

    def test_a_lawyer(self, small: Faq, spoken: Languages, letters: str) -> None:
        content = confirmed(small, spoken[letters].code, "lawyer")
        assert told(content, spoken, letters) == sentences(small, spoken, letters, LAWYER, day=DAY)

    def test_a_native_speaker(self, small: Faq, spoken: Languages, letters: str) -> None:
        content = confirmed(small, spoken[letters].code, "native", "editor")
        assert told(content, spoken, letters) == sentences(small, spoken, letters, NATIVE, day=DAY)

    def test_both(self, small: Faq, spoken: Languages, letters: str) -> None:
        content = confirmed(confirmed(small, spoken[letters].code, "lawyer"), spoken[letters].code, "native", on=LATER)
        assert told(content, spoken, letters) == sentences(small, spoken, letters, BOTH, lawyer=DAY, native=LATER)

    def test_an_editor_alone_confirms_nothing_to_a_reader(self, small: Faq, spoken: Languages, letters: str) -> None:
        content = confirmed(small, spoken[letters].code, "editor")
        assert told(content, spoken, letters) == sentences(small, spoken, letters, NOBODY)

    def test_changed_since(self, small: Faq, spoken: Languages, letters: str) -> None:
        code = spoken[letters].code
        content = with_text(confirmed(small, code, "lawyer", "native"), code, short="Now it is 7 days.")
        assert told(content, spoken, letters) == sentences(small, spoken, letters, CHANGED, day=DAY)

    @pytest.mark.parametrize("source", ["en", "ru", "kk", "fa_AF"])
    def test_the_source_is_newer(self, small: Faq, spoken: Languages, letters: str, source: str) -> None:
        if (code := spoken[letters].code) == source:
            return  # a text is not newer than itself
        entries = {**small.entries, APPEAL: replace(small.entries[APPEAL], source=source)}
        content = confirmed(replace(small, entries=entries), code, "lawyer")
        content = with_text(content, source, short="Now it is 7 days.")
        expected = sentences(small, spoken, letters, LAWYER, NEWER[source], day=DAY)
        assert told(content, spoken, letters) == expected

    def test_of_a_missing_translation_the_line_tells_of_the_text_that_is_shown(
        self, small: Faq, spoken: Languages, letters: str
    ) -> None:
        code, content = spoken[letters].code, confirmed(small, "en", "native")
        entry = content.entries[APPEAL]
        kept = {one: text for one, text in entry.texts.items() if one in ("en",)}
        content = replace(content, entries={**content.entries, APPEAL: replace(entry, texts=kept)})
        assert code in ("kk", "ru", "en", "fa_AF")
        assert told(content, spoken, letters) == sentences(small, spoken, letters, NATIVE, day=DAY)

    def test_about_pana_is_true_before_and_after_the_first_review(
        self, small: Faq, spoken: Languages, letters: str
    ) -> None:
        say = spoken[letters].say
        ask = "Before an important step, ask a lawyer or UNHCR."
        none = say(f"No lawyer and no native speaker has confirmed the texts yet. {ask}")
        some = say(f"Under each answer it is said whether a lawyer or a native speaker has confirmed it. {ask}")

        def about(content: Faq) -> str:
            guide = Guide(content, search.build(Faq((), {}, {})), spoken)
            return markup.words(guide.open(Address("about"), spoken[letters]).text)

        assert none in about(small)
        assert none in about(confirmed(small, "ru", "editor"))
        assert none not in about(confirmed(small, "ru", "lawyer"))
        assert some in about(confirmed(small, "ru", "lawyer"))


def test_no_sentence_of_the_line_is_the_same_in_two_languages(spoken: Languages) -> None:
    for sentence in (*CONFIRMED, *NEWER.values(), "Facts checked on {date}."):
        assert len({one.catalog.gettext(sentence) for one in spoken}) == len(languages.CODES), sentence


class TestTheFile:
    def test_the_repository_s_own_claims_nothing(self) -> None:
        """Nobody has confirmed any text yet. This test goes when the first person has."""
        assert (ROOT / "faq" / "reviews.yaml").read_text("utf-8").splitlines()[-1] == "[]"
        assert read_all(ROOT / "faq").reviews == ()

    def test_missing_is_no_review(self, content: Path) -> None:
        (content / "reviews.yaml").unlink(missing_ok=True)
        loaded, problems = faq.load(content)
        assert loaded is not None, problems
        assert loaded.reviews == ()

    @pytest.mark.parametrize("text", ["[]\n", "# nothing\n", "", "# nothing\n[]\n"])
    def test_empty_is_no_review(self, content: Path, text: str) -> None:
        (content / "reviews.yaml").write_text(text, "utf-8")
        loaded, _ = faq.load(content)
        assert loaded is not None
        assert loaded.reviews == ()

    RECORD = (
        "- {entry: asylum/appeal, language: ru, role: lawyer, by: AK, on: 2026-11-24, "
        "source_hash: 0123456789012345, text_hash: 012345678901234e}"
    )

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("role: lawyer", "role: lawer", "“lawer” is not known for “role”. Write 'lawyer', 'native' or 'editor'."),
            ("language: ru", "language: fa", "“fa” is not known for “language”."),
            ("by: AK", "by: Anna Karimova", "“Anna Karimova” is no initials. Write one to four capital letters"),
            ("by: AK", "by: ak", "“ak” is no initials."),
            ("by: AK", "by: Anna", "“Anna” is no initials."),
            ("by: AK", "by: A1", "“A1” is no initials."),
            ("by: AK", "by: ''", "“by” is empty. Delete this record"),
            ("on: 2026-11-24", "on: 2026-11-31", "“2026-11-31” is not a day."),
            ("source_hash: 0123456789012345", "source_hash: 123", "“123” is no hash of a text. Delete this record"),
            ("by: AK, ", "", "needs the key “by”. Delete this record and run pana review again."),
            ("by: AK", "by: AK, name: x", "“name” is not a key here."),
            ("entry: asylum/appeal", "entry: appeal", "“appeal” is no entry's id."),
        ],
    )
    def test_every_fault_is_told_on_its_line(self, content: Path, old: str, new: str, said: str) -> None:
        assert old in self.RECORD
        lines = ["# head", self.RECORD, self.RECORD.replace(old, new)]
        (content / "reviews.yaml").write_text("\n".join(lines) + "\n", "utf-8")
        loaded, problems = faq.load(content)
        assert loaded is None
        [problem] = [one for one in problems if not one.warning]
        assert (problem.path, problem.line) == ("faq/reviews.yaml", 3)
        assert said in problem.text

    @pytest.mark.parametrize("text", ["reviews: []\n", "- {entry: [", "just words\n", "\t- x\n", "- text\n"])
    def test_a_broken_file_stops_nothing_silently(self, content: Path, text: str) -> None:
        (content / "reviews.yaml").write_text(text, "utf-8")
        loaded, problems = faq.load(content)
        assert loaded is None
        assert [one.path for one in problems if not one.warning] == ["faq/reviews.yaml"]

    def test_a_review_of_no_entry_is_a_warning_on_its_line(self, content: Path) -> None:
        lines = ["# head", self.RECORD, self.RECORD.replace("asylum/appeal", "asylum/gone")]
        (content / "reviews.yaml").write_text("\n".join(lines) + "\n", "utf-8")
        loaded, problems = faq.load(content)
        assert loaded is not None
        assert [str(one) for one in problems if "gone" in one.text] == [
            "faq/reviews.yaml:3: warning: “asylum/gone” is no entry. Delete the line if the entry is gone on purpose."
        ]

    def test_a_record_of_many_years_can_be_read(self, content: Path) -> None:
        (content / "reviews.yaml").write_text("\n".join([self.RECORD] * 4000), "utf-8")
        loaded, problems = faq.load(content)
        assert loaded is not None, problems
        assert len(loaded.reviews) == 4000


def records(content: Path) -> Sequence[Review]:
    loaded, problems = faq.load(content)
    assert loaded is not None, problems
    return loaded.reviews


class TestWriting:
    def new(self, content: Path, role: str = "lawyer") -> Review:
        loaded, _ = faq.load(content)
        assert loaded is not None
        return reviewed(loaded.entries[APPEAL], "fa_AF", role, "АК", DAY)

    @pytest.mark.parametrize(
        ("before", "head"),
        [
            ("# one\n# two\n[]\n", "# one\n# two\n"),
            ("# one\n# no end of line", "# one\n# no end of line\n"),
            ("", ""),
            (None, ledger.HEADER),
            ("\ufeff# one\r\n[]\r\n", "# one\n"),
        ],
    )
    def test_the_head_stays(self, content: Path, before: str | None, head: str) -> None:
        path = content / "reviews.yaml"
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before.encode())
        new = self.new(content)
        ledger.record(content, (), new)
        assert path.read_text("utf-8").startswith(f"{head}- {{entry: {APPEAL}, language: fa_AF, role: lawyer, by: АК")
        assert records(content) == (new,)

    def test_earlier_records_stay_however_they_were_written(self, content: Path) -> None:
        path, first = content / "reviews.yaml", self.new(content)
        keys = first.__dataclass_fields__
        path.write_text("# head\n-\n" + "".join(f"    {key}: '{getattr(first, key)}'\n" for key in keys), "utf-8")
        assert records(content) == (first,)
        second = self.new(content, "native")
        ledger.record(content, records(content), second)
        assert records(content) == (first, second)
        assert len(path.read_text("utf-8").splitlines()) == 3

    def test_nothing_is_left_beside_it_and_its_rights_stay(self, content: Path) -> None:
        path = content / "reviews.yaml"
        path.write_text("[]\n", "utf-8")
        path.chmod(0o664)
        before = set(content.iterdir())
        ledger.record(content, (), self.new(content))
        assert set(content.iterdir()) == before
        assert path.stat().st_mode & 0o777 == 0o664

    def test_a_failure_leaves_the_old_file(self, content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = content / "reviews.yaml"
        path.write_text("# old\n[]\n", "utf-8")

        def full(_file: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            ledger.record(content, (), self.new(content))
        assert path.read_text("utf-8") == "# old\n[]\n"
        assert not list(content.glob("*.new"))


class TestTheCommand:
    def test_it_records_and_the_reader_is_told(self, content: Path) -> None:
        done = pana(
            "review", APPEAL, "prs", "--role", "lawyer", "--by", "AK", "--on", "2026-11-24", FAQ_DIR=str(content)
        )
        assert done.returncode == 0, done.stderr
        assert "asylum/appeal, fa_AF, lawyer, AK, 2026-11-24." in done.stdout
        [record] = records(content)
        assert (record.entry, record.language, record.role, record.by, record.on) == (
            APPEAL, "fa_AF", "lawyer", "AK", DAY,
        )  # fmt: skip
        assert "وکیل در" in pana("show", "asylum_appeal", "--language", "fa", FAQ_DIR=str(content)).stdout
        again = pana(
            "review", APPEAL, "fa", "--role", "lawyer", "--by", "AK", "--on", "2026-11-24", FAQ_DIR=str(content)
        )
        assert again.stdout == "This is recorded already.\n"
        assert records(content) == (record,)

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["asylum/apeal", "ru"], "“asylum/apeal” is no entry. Did you mean asylum/appeal?"),
            (["zz", "ru"], "“zz” is no entry. Write topic/name."),
            ([APPEAL, "tlh"], "“tlh” is none of the four languages. Write kk, ru, en or fa."),
            ([APPEAL, "ru", "--by", "Anna Karimova"], "“Anna Karimova” is no initials."),
            ([APPEAL, "ru", "--by", "ANNAK"], "“ANNAK” is no initials."),
            ([APPEAL, "ru", "--on", "2999-01-01"], "2999-01-01 has not come yet."),
            ([APPEAL, "ru", "--role", "friend"], "'friend' is not one of"),
            ([APPEAL, "ru", "--on", "yesterday"], "does not match the format"),
        ],
    )
    def test_what_it_refuses_is_said_and_not_written(self, content: Path, words: list[str], said: str) -> None:
        (content / "reviews.yaml").write_text("[]\n", "utf-8")
        given = words if "--by" in words else [*words, "--by", "AK"]
        given = given if "--role" in given else [*given, "--role", "native"]
        done = pana("review", *given, FAQ_DIR=str(content))
        assert done.returncode != 0
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert (content / "reviews.yaml").read_text("utf-8") == "[]\n"

    def test_a_text_that_does_not_exist_cannot_be_confirmed(self, content: Path) -> None:
        path = content / "asylum" / "appeal.yaml"
        path.write_text(path.read_text("utf-8").partition("kk:\n")[0], "utf-8")
        loaded, problems = faq.load(content)
        assert loaded is not None, problems
        gone = next(code for code in languages.CODES if code not in loaded.entries[APPEAL].texts)
        done = pana("review", APPEAL, gone, "--role", "native", "--by", "AK", FAQ_DIR=str(content))
        assert done.returncode == 1
        assert done.stderr.strip() == f"{APPEAL} has no text in {gone} yet, so nobody can confirm it."

    def test_a_broken_file_is_not_written_over(self, content: Path) -> None:
        (content / "reviews.yaml").write_text("- {entry: x}\n", "utf-8")
        done = pana("review", APPEAL, "ru", "--role", "native", "--by", "AK", FAQ_DIR=str(content))
        assert done.returncode == 1
        assert "faq/reviews.yaml:1:" in done.stderr
        assert (content / "reviews.yaml").read_text("utf-8") == "- {entry: x}\n"
