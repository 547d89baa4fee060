"""Keys, and what is made with them: people become codes, reminders are sealed. Without the key neither can be undone.

A ring of keys is a text of one or more keys (32 bytes in base64), the newest first. The newest seals and codes; with the
older ones what they once made is still found. HMAC and HKDF are the standard library's, so that a language can be
looked up without loading cryptography, which takes 8 MB; AES-GCM is cryptography's, loaded where a reminder needs it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Final, Self

from bot import whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SIZE: Final = 32
_NONCE: Final = 12
_KIND: Final = 8  # letters of a kind; all seals are of one length
_MEND: Final = "Write 32 bytes in base64, as “pana key new” prints them."


class KeyTrouble(Exception):  # noqa: N818
    """A key cannot be used: one sentence for the operator, with nothing of the key in it."""


class Unreadable(Exception):  # noqa: N818
    """A seal that no key of ours opens."""


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """What of a reminder nobody reads without the key: whose chat it goes to, and the kind and last day of what it is about."""

    chat: int
    kind: str
    last: date

    def packed(self) -> bytes:
        """Twenty bytes. Raises ValueError where the kind is longer than eight letters."""
        if len(self.kind) > _KIND:
            raise ValueError("a kind is longer than eight letters")
        return _number(self.chat) + self.last.toordinal().to_bytes(4, "big") + self.kind.encode("ascii").ljust(_KIND)

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """The value again."""
        chat, last, kind = packed[:8], packed[8:12], packed[12:]
        return cls(
            int.from_bytes(chat, "big", signed=True),
            kind.decode("ascii").rstrip(),
            date.fromordinal(int.from_bytes(last, "big")),
        )


def derived(key: bytes, purpose: bytes) -> bytes:
    """A subkey of 32 bytes: HKDF-SHA256 (RFC 5869) without salt."""
    return _hmac(_hmac(bytes(SIZE), key), purpose + b"\x01")


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def new_key() -> str:
    """A new random key, as it is written in files and settings."""
    return base64.b64encode(token_bytes(SIZE)).decode()


class _Key:
    """One key as the subkeys that are made of it: what codes people cannot be compared with what codes owners."""

    __slots__ = ("content", "id", "once", "owners", "people", "sealing")

    def __init__(self, key: bytes) -> None:
        self.people = derived(key, b"pana people")
        self.owners = derived(key, b"pana owners of reminders")
        self.sealing = derived(key, b"pana reminders")
        self.once = derived(key, b"pana reminders once")
        self.content = derived(key, b"pana content")
        self.id = derived(key, b"pana key id").hex()[:16]


class Keys:
    """A ring of keys, the newest first. Shows itself in no repr."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._ring = tuple(map(_Key, keys))

    @classmethod
    def read(cls, text: str) -> Self:
        """The ring that a setting or a file holds, keys apart by spaces or lines. Raises KeyTrouble."""
        keys = [_bytes(word) for word in text.split()]
        if not keys:
            raise KeyTrouble(f"holds no key. {_MEND}")
        return cls(keys)

    @property
    def ids(self) -> list[str]:
        """Names of the keys, of which nothing can be learned about them; the newest first."""
        return [key.id for key in self._ring]

    def people(self, person: int) -> list[bytes]:
        """The codes under which a person's language may stand, that of the newest key first."""
        return [_hmac(key.people, _number(person)) for key in self._ring]

    def owners(self, person: int) -> list[bytes]:
        """The codes under which a person's reminders may stand, that of the newest key first."""
        return [_hmac(key.owners, _number(person)) for key in self._ring]

    def once(self, what: Sealed) -> list[bytes]:
        """The codes under which the same wish may stand already, that of the newest key first. No two people's are alike."""
        return [_hmac(key.once, what.packed()) for key in self._ring]

    def mark(self, text: bytes) -> bytes:
        """The newest key's mark of content that was judged: 32 bytes."""
        return _hmac(self._ring[0].content, text)

    def seal(self, what: Sealed, reminder: str) -> bytes:
        """What only the newest key opens, and only for this reminder. All are of one length."""
        nonce = token_bytes(_NONCE)
        return nonce + _cipher(self._ring[0].sealing).encrypt(nonce, what.packed(), reminder.encode())

    def unseal(self, key_id: str, sealed: bytes, reminder: str) -> Sealed:
        """The same again. Raises Unreadable where it was sealed by another key, for another reminder, or changed."""
        from cryptography.exceptions import InvalidTag

        sealing = next((key.sealing for key in self._ring if key.id == key_id), None)
        try:
            if sealing is None:
                raise Unreadable
            return Sealed.unpacked(_cipher(sealing).decrypt(sealed[:_NONCE], sealed[_NONCE:], reminder.encode()))
        except (InvalidTag, ValueError):
            raise Unreadable from None


def _bytes(word: str) -> bytes:
    try:
        key = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SIZE:
        raise KeyTrouble(f"holds what is no key. {_MEND}")
    return key


def _number(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def key_at_home(file: Path, state_dir: Path) -> tuple[Keys, bool]:
    """The ring of the user's own file, and whether it was made just now. Raises KeyTrouble.

    The folder is for the user alone, and never the one with the database: whoever copies that must not have the key.
    """
    if file.resolve().is_relative_to(state_dir.resolve()):
        raise KeyTrouble("would be made beside the database. Set PANA_KEY_FILE to a file outside of STATE_DIR.")
    try:
        made = not file.exists()
        if made:
            write_ring(file, new_key())
        return Keys.read(file.read_text("ascii")), made
    except (OSError, UnicodeDecodeError):
        raise KeyTrouble("cannot be read or made. Check who may write there, or set PANA_KEY_FILE.") from None


def write_ring(file: Path, text: str) -> None:
    """Write a ring whole or not at all, for the user alone (0600 in a folder of 0700). Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole.write(file, f"{text.strip()}\n".encode("ascii"))
