"""What a start takes in memory and time: libraries without what we never use of them, and heaps that give back.

What is said here of libraries leaves nothing behind: whoever imports the whole later gets the whole.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from sys import modules
from types import ModuleType
from typing import Final

_ARENA_MAX: Final = -8  # of glibc's mallopt


@contextmanager
def without(*unused: str) -> Iterator[None]:
    """What is imported inside finds these as if they were not installed; it must do without. Loaded ones stay as they are."""
    absent = [name for name in unused if name not in modules]
    modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: "not to be found"
    try:
        yield
    finally:
        for name in absent:
            del modules[name]


@contextmanager
def bare(package: str) -> Iterator[None]:
    """Modules of a package are imported inside without what the package itself would take along."""
    spec = find_spec(package)
    if package in modules or spec is None:
        yield
        return
    modules[package] = hull = ModuleType(package)
    hull.__path__, hull.__spec__ = list(spec.submodule_search_locations or ()), spec
    try:
        yield
    finally:
        del modules[package]


def one_heap() -> None:
    """Threads allocate in the heap that is there: one of their own each keeps what it once needed. Before the first thread."""
    with suppress(OSError, AttributeError):  # another libc has its own ways
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give what was only needed to start back to the system."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
