"""Settings from the environment, a ``.env`` file or files that hold a secret. Only here os.environ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from os import environ
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

TELEGRAM: Final = "https://api.telegram.org"
_TOKEN: Final = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,64}")
_DATABASE: Final = re.compile(r"postgres(ql)?://\S+")
_ADDRESS: Final = re.compile(r"https?://[^\s/@]+(/[^\s@]*)?")
# Other programs use names that begin like ours: only these are taken for a mistyped setting.
_OURS: Final = ("TELEGRAM_", "FAQ_", "LOCALES_", "STATE_", "LOG_LEVEL", "PRIVACY_URL", "PANA_", "DATABASE_URL_",
                "WEBHOOK_", "HEALTH_")  # fmt: skip
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{32,256}")  # what Telegram takes, and long enough for 32 bytes
_TELEGRAM_PORTS: Final = (None, 443, 80, 88, 8443)  # to which Telegram brings updates
HERE: Final = "127.0.0.1"
_CONTAINERS: Final = ("/.dockerenv", "/run/.containerenv")  # files by which a container is known


class SettingsError(Exception):
    """Settings that cannot be used: one sentence for each variable, with what to write."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _token(secret: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(secret.get_secret_value()):
        raise ValueError("malformed")
    return secret


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("malformed")
    return text.rstrip("/")


def _database(secret: SecretStr) -> SecretStr:
    if not _DATABASE.fullmatch(secret.get_secret_value()):
        raise ValueError("malformed")
    return secret


def _public(text: str) -> str:
    """An address that a reader's phone opens: nobody on the way may see or change what stands there."""
    if not (_ADDRESS.fullmatch(text) and text.startswith("https://")):
        raise ValueError("malformed")
    return text


def _webhook(text: str) -> str:
    """An address to which Telegram brings updates. It stands in proxies' logs: a token has no place in it."""
    parts = urlsplit(_public(text))
    if parts.port not in _TELEGRAM_PORTS or parts.query or parts.fragment or _TOKEN.search(text) or {*text} & {*"{}%"}:
        raise ValueError("malformed")
    return text


def _shared(secret: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("malformed")
    return secret


class Listen(NamedTuple):
    """Where a server of ours listens; port 0 takes a free one."""

    host: str
    port: int


def _listen(text: str) -> Listen:
    """Written host:port, an address of IPv6 in brackets; or the port alone, on this machine only."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError("malformed")
    return Listen(host.strip("[]") or HERE, int(port))


class Settings(BaseModel):
    """How Pana runs. Frozen; what is secret shows itself in no repr."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    telegram_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    telegram_api_url: Annotated[str, AfterValidator(_address)] = TELEGRAM
    faq_dir: Path = Path("faq")
    locales_dir: Path = Path("locales")
    state_dir: Path = Path("state")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    privacy_url: Annotated[str, AfterValidator(_public)] = ""
    store: Literal["sqlite", "none"] = "sqlite"  # with a database_url, "sqlite" is PostgreSQL
    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = None
    webhook_url: Annotated[str, AfterValidator(_webhook)] = ""  # empty: Telegram is asked for updates
    webhook_secret: Annotated[SecretStr, AfterValidator(_shared)] | None = None
    webhook_listen: Annotated[Listen, BeforeValidator(_listen)] = Listen(HERE, 8090)
    health_listen: Annotated[Listen, BeforeValidator(_listen)] | None = None
    pana_key: SecretStr | None = None
    pana_key_file: Path | None = None  # where pana_key was read from, if from a file
    key_home: Path | None = None  # where one is made if none is given
    contained: bool = False  # in a container, where a key that is made would be lost with it
    token_source: str = Field(default="TELEGRAM_TOKEN", exclude=True)


_NAMES: Final = ("TELEGRAM_TOKEN", "TELEGRAM_TOKEN_FILE", "TELEGRAM_API_URL", "FAQ_DIR", "LOCALES_DIR", "STATE_DIR",
                 "LOG_LEVEL", "STORE", "DATABASE_URL", "DATABASE_URL_FILE", "PANA_KEY", "PANA_KEY_FILE",
                 "PANA_CONTAINER", "PRIVACY_URL", "WEBHOOK_URL", "WEBHOOK_SECRET", "WEBHOOK_SECRET_FILE", "WEBHOOK_LISTEN",
                 "HEALTH_LISTEN")  # fmt: skip
_SECRETS: Final = (
    "TELEGRAM_TOKEN",
    "DATABASE_URL",
    "PANA_KEY",
    "WEBHOOK_SECRET",
)  # each may stand in a file of its own, named by …_FILE
_CASES: Final = {"log_level": str.upper, "store": str.lower}
_MEND: Final = {
    "telegram_token": "is no token of a bot. Copy the whole line that BotFather gave you, like 123456789:AAE…; "
    "/mybots in @BotFather shows it again.",
    "telegram_api_url": "is no address. Write https://host or http://host:port of your own Bot API server, or leave it out.",
    "privacy_url": "is no public address. Write https://… of the page with docs/privacy.md, or leave it out.",
    "log_level": "is not known. Write DEBUG, INFO, WARNING or ERROR.",
    "store": "is not known. Write sqlite, or none to remember nothing.",
    "webhook_url": "is no address to which Telegram brings updates. Write https://name/path with port 443, 80, 88 or 8443, "
    "nothing after a “?”, no braces, no “%”, and never the token; or leave it out to ask Telegram for updates.",
    "webhook_secret": "is no secret that Telegram takes. Write at least 32 letters, digits, “_” or “-” (“openssl rand -hex 32” "
    "prints 64), or leave it out: one is made from the token.",
    "webhook_listen": "is no place to listen. Write host:port, such as 127.0.0.1:8090.",
    "health_listen": "is no place to listen. Write host:port, such as 127.0.0.1:9090, or leave it out to serve no health pages.",
    "database_url": "is no address of PostgreSQL. Write postgresql://user:password@host/name, or leave it out for SQLite.",
}


def load(given: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings; ``given`` stands for the environment. Raises SettingsError naming every wrong variable."""
    in_file = _read_env(env_file) if env_file and env_file.is_file() else {}
    values = {**in_file, **(environ if given is None else given)}
    problems = [*_unknown(values), *_missing_folders(values)]
    wanted: dict[str, Any] = {name.lower(): values[name].strip() for name in _NAMES if values.get(name, "").strip()}
    for name in _SECRETS:
        _read_secret(name, wanted, problems)
    wanted |= {"contained": _contained(wanted.pop("pana_container", "")), "key_home": _key_home(values)}
    try:
        settings = Settings(**{key: _CASES[key](value) if key in _CASES else value for key, value in wanted.items()})
    except ValidationError as error:
        raise SettingsError(problems + [_sentence(str(one["loc"][0]), wanted) for one in error.errors()]) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _read_env(path: Path) -> dict[str, str]:
    try:
        return {name: value or "" for name, value in dotenv_values(path).items()}
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            [f"{path.name} cannot be read. Save it with the encoding UTF-8, and see who may read it."]
        ) from None


def _unknown(values: Mapping[str, str]) -> list[str]:
    strangers = [name for name in values if name.startswith(_OURS) and name not in _NAMES]
    return [_stranger(name) for name in strangers]


def _stranger(line: str) -> str:
    """A line without its "=" is taken whole for a name, the token with it: only the name itself is ever shown."""
    name = re.match(r"[A-Z]+(_[A-Z]+)*", line)
    shown = name[0] if name else "A line"
    if shown != line:
        return f"{shown} stands in a line that is not “NAME=value”. Write the name, “=” and the value, with nothing between."
    return f"{shown} is not a setting of Pana. {_meant(shown)}"


def _meant(name: str) -> str:
    close = get_close_matches(name, _NAMES, 1, 0.6)
    return f"Did you mean {close[0]}?" if close else f"Delete it; the settings are {', '.join(_NAMES)}."


def _missing_folders(values: Mapping[str, str]) -> list[str]:
    return [
        f"{name} names a folder that does not exist. Write the path of Pana's own “{default}”, or leave it out."
        for name, default in (("FAQ_DIR", "faq"), ("LOCALES_DIR", "locales"))
        if values.get(name, "").strip() and not Path(values[name].strip()).is_dir()
    ]


def _read_secret(name: str, wanted: dict[str, Any], problems: list[str]) -> None:
    """Put what stands in the file of NAME_FILE in the place of NAME."""
    key, source = name.lower(), f"{name}_FILE"
    path = wanted.get(source.lower())
    if path is None:
        return
    if key != "pana_key":  # its file is written anew when the key is changed: the path is kept
        del wanted[source.lower()]
    if key == "telegram_token":
        wanted["token_source"] = source
    if key in wanted:
        problems.append(f"{name} and {source} are both set. Leave one of them out.")
        return
    try:
        wanted[key] = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        problems.append(f"{source} names a file that cannot be read. Check its path and who may read it.")


def _contained(said: str) -> bool:
    return said == "1" or (not said and any(Path(one).exists() for one in _CONTAINERS))


def _key_home(values: Mapping[str, str]) -> Path | None:
    """The key in the user's own configuration folder; None where there is no such folder."""
    given, home = values.get("XDG_CONFIG_HOME", ""), values.get("HOME", "")
    folder = Path(given) if Path(given).is_absolute() else Path(home) / ".config"
    return folder / "pana" / "key" if folder.is_absolute() else None


def _sentence(key: str, wanted: Mapping[str, Any]) -> str:
    name = wanted.get("token_source", "TELEGRAM_TOKEN") if key == "telegram_token" else key.upper()
    return f"{name} {_MEND.get(key, 'is wrong. See .env.example.')}"
