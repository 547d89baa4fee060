"""Broken content, as editors break it: each file names the line to mend and what to write, and nothing is ever raised.

``faqs/broken/expected.tsv`` says of each file where it is laid over the small content, the line that must be named, a
piece of what is wrong, a piece of what to write, and the other lines (if any) that the same slip explains. A line in
another file is written with that file: ``emergency/emergency-numbers.yaml:13``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.faq import load
from bot.faq.drafts import Problem, read_all
from bot.faq.read import MAX_BYTES, MAX_DEPTH, MAX_NODES

from .conftest import ROOT, SMALL

BROKEN = ROOT / "tests" / "faqs" / "broken"
TABLE = BROKEN / "expected.tsv"
ENTRY = "asylum/appeal.yaml"

# How the last sentence of a message begins: it tells the editor what to do.
MENDS = (
    "Add", "Begin", "Check", "Close", "Compare", "Delete", "Did you mean", "Divide", "Indent", "Keep", "Leave", "List", "Make",
    "Name", "Put", "Save", "Say", "Shorten", "Take", "Translate", "Use", "Write",
)  # fmt: skip
MEND = re.compile(rf"^.+[.?] (?:{'|'.join(MENDS)})\b.+[.?…]$")


# Pieces of what is wrong that only a whole shared file can tell.
NEEDS = {
    "topics.yaml": ("no topic leads",),
    "contacts.yaml": ("no topic leads", "“polise-102” is", "“zzz” is", "no contact with a telephone"),
}


@dataclass(frozen=True)
class Case:
    """A broken file. ``places`` are (path, line) pairs: the one to be named, then the others that it explains."""

    file: str
    place: str
    places: tuple[tuple[str, int], ...]
    wrong: str
    write: str

    @property
    def raw(self) -> bytes:
        return (BROKEN / self.file).read_bytes()

    @property
    def is_entry(self) -> bool:
        return "/" in self.place

    def lay(self, folder: Path, place: str) -> None:
        target = folder / place
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(self.raw)

    def is_told(self, problem: Problem, place: tuple[str, int]) -> bool:
        where = (problem.path, problem.line) == (f"faq/{place[0]}", place[1])
        return where and self.wrong in problem.text and self.write in problem.text


def read_case(row: str) -> Case:
    file, place, line, wrong, write, also = (row + "\t" * (5 - row.count("\t"))).split("\t")
    pairs = [one.rpartition(":") for one in [line, *also.split()]]
    return Case(file, place, tuple((path or place, int(number)) for path, _, number in pairs), wrong, write)


CASES = [read_case(row) for row in TABLE.read_text("utf-8").removesuffix("\n").split("\n")[1:]]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)


def errors_of(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if not problem.warning]


@each_case
def test_the_line_is_named_and_what_to_write(case: Case, content: Path) -> None:
    case.lay(content, case.place)
    found, problems = load(content)
    errors = errors_of(problems)
    assert found is None
    assert any(case.is_told(problem, case.places[0]) for problem in errors), "\n".join(map(str, problems))
    assert {(problem.path, problem.line) for problem in errors} == {(f"faq/{path}", line) for path, line in case.places}
    assert len(errors) <= max(2, len(case.places))


@each_case
def test_every_message_ends_with_what_to_do(case: Case, content: Path) -> None:
    case.lay(content, case.place)
    for problem in load(content)[1]:
        assert MEND.match(problem.text), str(problem)
        assert "\n" not in problem.text


@each_case
def test_other_files_are_not_blamed(case: Case, content: Path) -> None:
    """Not even in a warning: a file that cannot be read is there all the same."""
    before = set(load(content)[1])
    case.lay(content, case.place)
    explained = {f"faq/{path}" for path, _ in case.places} | {f"faq/{case.place}"}
    assert {problem.path for problem in load(content)[1] if problem not in before} <= explained


@each_case
def test_each_file_differs_from_what_it_is_laid_over(case: Case) -> None:
    whole = SMALL / case.place
    assert not whole.is_file() or whole.read_bytes() != case.raw


def test_the_table_and_the_folder_tell_the_same() -> None:
    names = [case.file for case in CASES]
    assert names == sorted({path.name for path in BROKEN.iterdir()} - {TABLE.name})
    assert len(CASES) >= 64
    assert len({case.raw + case.place.encode() for case in CASES}) == len(CASES), "two files are alike"


@pytest.mark.parametrize("broken", ["topics.yaml", "contacts.yaml"])
def test_all_broken_files_together_are_reported_in_one_run(broken: str, content: Path) -> None:
    """Every broken entry beside the others, with one of the two shared files broken as well."""
    shared = next(case for case in CASES if case.place == broken)
    shared.lay(content, broken)
    entries = [case for case in CASES if case.is_entry and not needs_whole(case, broken)]
    for case in entries:
        case.lay(content, beside(case))
    found, problems = load(content)
    told = [(shared, shared.places[0]), *((case, (beside(case), case.places[0][1])) for case in entries)]
    assert found is None
    assert [case.file for case, place in told if not any(case.is_told(problem, place) for problem in problems)] == []


def beside(case: Case) -> str:
    return f"asylum/{case.file.rsplit('.', 1)[0]}.yaml"


def needs_whole(case: Case, shared: str) -> bool:
    """What shows only beside the shared file, which cannot be read now."""
    return any(piece in case.wrong for piece in NEEDS[shared])


def test_the_small_content_is_whole(content: Path) -> None:
    found, problems = load(content)
    assert found is not None
    assert errors_of(problems) == []


@pytest.mark.parametrize("name", ["topics.yaml", "contacts.yaml"])
def test_a_missing_file_is_one_problem(name: str, content: Path) -> None:
    (content / name).unlink()
    found, problems = load(content)
    (error,) = errors_of(problems)
    assert found is None
    assert (error.path, error.line) == (f"faq/{name}", 1)
    assert MEND.match(error.text)


def deep(text: str) -> str:
    return text.replace("contacts: [police-102, office]", f"contacts: {'[' * 5000}")


def crowded(text: str) -> str:
    return text.replace("    - appeal\n", "    - appeal\n" * MAX_NODES, 1)


def heavy(text: str) -> str:
    return text + "#" * MAX_BYTES


@pytest.mark.parametrize(
    ("grow", "line", "wrong", "write"),
    [
        (deep, 9, f"deeper than {MAX_DEPTH} levels", "Put brackets in quotes"),
        (crowded, MAX_NODES - 16, f"more than {MAX_NODES} values", "Divide the file"),
        (heavy, 1, "larger than 512 KB", "Divide it"),
    ],
)
def test_what_is_too_big_is_refused_soon(
    grow: Callable[[str], str], line: int, wrong: str, write: str, content: Path
) -> None:
    entry = content / ENTRY
    entry.write_text(grow(entry.read_text("utf-8")), "utf-8")
    found, problems = load(content)
    (error,) = errors_of(problems)
    assert found is None
    assert (error.path, error.line) == (f"faq/{ENTRY}", line)
    assert wrong in error.text
    assert write in error.text


# What slips of the hand do to the lines of a file: each takes the lines, a row and a text to insert.
Lines = list[str]
SLIPS: dict[str, Callable[[Lines, int, str], Lines]] = {
    "delete": lambda lines, row, _: lines[:row] + lines[row + 1 :],
    "double": lambda lines, row, _: [*lines[: row + 1], *lines[row:]],
    "swap": lambda lines, row, _: [*lines[:row], *lines[row : row + 2][::-1], *lines[row + 2 :]],
    "insert": lambda lines, row, text: [
        *lines[:row],
        lines[row][: len(text)] + text + lines[row][len(text) :],
        *lines[row + 1 :],
    ],
    "prepend": lambda lines, row, text: [*lines[:row], text + lines[row], *lines[row + 1 :]],
    "append": lambda lines, row, text: [*lines[:row], lines[row] + text, *lines[row + 1 :]],
    "indent": lambda lines, row, text: [*lines[:row], " " * len(text) + lines[row], *lines[row + 1 :]],
    "dedent": lambda lines, row, text: [*lines[:row], lines[row].removeprefix(" " * len(text)), *lines[row + 1 :]],
    "cut": lambda lines, row, text: [*lines[:row], lines[row][: len(text)]],
}
INSERTED = st.sampled_from(
    ["\t", ": ", ":", "- ", "[", "]", "{", "}", '"', "'", "#", " #", "&a ", "*a", "!x ", "|", ">", "%", "@", "`", "---", "...",
     "? ", "<<: ", "\n", "\r", "\\", ",", "**", "_", "~~", "\u200b", "\u202e", "\ufeff", "\x00", "\x85", "ي", "a", "  ", "]("]
) | st.text(max_size=4)  # fmt: skip
SLIP = st.tuples(st.sampled_from(sorted(SLIPS)), st.integers(0, 10_000), INSERTED)


def lines_of(raw: bytes) -> int:
    """How many lines a program for texts shows; an empty file has one."""
    return max(1, len(re.split(rb"\r\n|\r|\n", raw.removesuffix(b"\n"))))


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("slips") / "faq"
    shutil.copytree(SMALL, copy)
    return copy


def judged(folder: Path, place: str, raw: bytes) -> None:
    """Lay a file over the small content and read all: nothing is raised, every line is one of the file, and it says why."""
    target = folder / place
    whole = target.read_bytes()
    try:
        target.write_bytes(raw)
        found, problems = load(folder)
    finally:
        target.write_bytes(whole)
    assert (found is None) == bool(errors_of(problems))
    for problem in problems:
        own = problem.path == f"faq/{place}"
        size = lines_of(raw if own else (folder / problem.path.removeprefix("faq/")).read_bytes())
        assert 1 <= problem.line <= size, str(problem)
        assert MEND.match(problem.text.replace("\n", " ")), str(problem)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([ENTRY, ENTRY, "topics.yaml", "contacts.yaml"]), st.lists(SLIP, min_size=1, max_size=3))
def test_slips_of_the_hand_are_reported_never_raised(
    workbench: Path, place: str, slips: list[tuple[str, int, str]]
) -> None:
    lines = (SMALL / place).read_text("utf-8").split("\n")
    for name, number, text in slips:
        lines = SLIPS[name](lines, number % len(lines), text) or [""]
    judged(workbench, place, "\n".join(lines).encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_broken_bytes_are_reported_never_raised(workbench: Path, data: st.DataObject) -> None:
    raw = (SMALL / ENTRY).read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 20)))
    judged(workbench, ENTRY, raw[:start] + data.draw(st.binary(max_size=8)) + raw[end:])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len((SMALL / ENTRY).read_bytes())))
def test_a_truncated_file_is_reported_never_raised(workbench: Path, length: int) -> None:
    judged(workbench, ENTRY, (SMALL / ENTRY).read_bytes()[:length])


BEYOND = """visa-elsewhere:
  en: [a visa for Canada]
  ru: [виза в Канаду]
  kk: [Канадаға виза]
  fa_AF: [ویزای کانادا]
"""


def test_what_lies_beyond_the_faq_is_read_by_language(content: Path) -> None:
    (content / "beyond.yaml").write_text(BEYOND, "utf-8")
    faq, problems = load(content)
    assert faq is not None
    assert not [one for one in problems if "beyond" in one.path]
    assert [(one.id, one.phrases["ru"]) for one in faq.beyond] == [("visa-elsewhere", ("виза в Канаду",))]


def test_a_subject_beyond_the_faq_needs_all_languages_and_no_phrasing_of_an_entry(content: Path) -> None:
    question = read_all(content).entries["asylum/appeal"].texts["en"].question
    (content / "beyond.yaml").write_text(BEYOND.replace("[a visa for Canada]", f'["{question.upper()}"]'), "utf-8")
    found = [one for one in load(content)[1] if one.path.endswith("beyond.yaml")]
    assert [
        (one.line, "is asked in asylum/appeal.yaml too. Leave it in one of the two." in one.text) for one in found
    ] == [(2, True)]
    (content / "beyond.yaml").write_text(BEYOND.replace("  kk: [Канадаға виза]\n", ""), "utf-8")
    found = [one for one in load(content)[1] if one.path.endswith("beyond.yaml")]
    assert len(found) == 1
    assert "kk" in found[0].text
    assert MEND.match(found[0].text)


@pytest.mark.parametrize(
    ("file", "wrong", "said"),
    [
        ("beyond.yaml", BEYOND.replace("fa_AF", "fa"), "“fa” is not a key here. Did you mean “fa_AF”?"),
        ("beyond.yaml", BEYOND + "  entry: asylum/appeal\n", "Delete it, or write one of: en, ru, kk, fa_AF."),
        ("danger.yaml", BEYOND + "  entri: asylum/appeal\n", "“entri” is not a key here. Did you mean “entry”?"),
        ("danger.yaml", BEYOND, "needs the key “entry”. Write the entry that comes first: entry: emergency/detained."),
    ],
)
def test_what_people_say_has_keys_of_its_own(content: Path, file: str, wrong: str, said: str) -> None:
    (content / file).write_text(wrong, "utf-8")
    found = [str(one) for one in load(content)[1] if one.path.endswith(file)]
    assert any(said in one for one in found), found
