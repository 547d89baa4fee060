"""Files that are there whole or not at all: whoever reads meanwhile, or after a crash, sees the old one or the new one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write(file: Path, content: bytes, rights: int = 0o600) -> None:
    """Put a file with this content in the place of the old one, on the disk before anybody sees it.

    Raises OSError; the old file is then as it was. Its folder must be there.
    """
    # No ending that somebody looks for: a running bot looks at YAML.
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights), "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        fresh.chmod(rights)  # whatever the umask is
        fresh.replace(file)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise
