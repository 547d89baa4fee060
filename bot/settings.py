"""Settings from the environment, a ``.env`` file or files that hold a secret. Only here os.environ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from os import environ
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

TELEGRAM: Final = "https://api.telegram.org"
_TOKEN: Final = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,64}")
_ADDRESS: Final = re.compile(r"https?://[^\s/@]+(/[^\s@]*)?")
# Other programs use names that begin like ours: only these are taken for a mistyped setting.
_OURS: Final = ("TELEGRAM_", "FAQ_", "LOCALES_", "STATE_", "LOG_LEVEL")


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


class Settings(BaseModel):
    """How Pana runs. Frozen; the token shows itself in no repr."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    telegram_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    telegram_api_url: Annotated[str, AfterValidator(_address)] = TELEGRAM
    faq_dir: Path = Path("faq")
    locales_dir: Path = Path("locales")
    state_dir: Path = Path("state")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    token_source: str = Field(default="TELEGRAM_TOKEN", exclude=True)


_NAMES: Final = ("TELEGRAM_TOKEN", "TELEGRAM_TOKEN_FILE", "TELEGRAM_API_URL", "FAQ_DIR", "LOCALES_DIR", "STATE_DIR",
                 "LOG_LEVEL")  # fmt: skip
_MEND: Final = {
    "telegram_token": "is no token of a bot. Copy the whole line that BotFather gave you, like 123456789:AAE…; "
    "/mybots in @BotFather shows it again.",
    "telegram_api_url": "is no address. Write https://host or http://host:port of your own Bot API server, or leave it out.",
    "log_level": "is not known. Write DEBUG, INFO, WARNING or ERROR.",
}


def load(given: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings; ``given`` stands for the environment. Raises SettingsError naming every wrong variable."""
    in_file = _read_env(env_file) if env_file and env_file.is_file() else {}
    values = {**in_file, **(environ if given is None else given)}
    problems = [*_unknown(values), *_missing_folders(values)]
    wanted: dict[str, Any] = {name.lower(): values[name].strip() for name in _NAMES if values.get(name, "").strip()}
    _read_token(wanted, problems)
    try:
        settings = Settings(**{key: value.upper() if key == "log_level" else value for key, value in wanted.items()})
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


def _read_token(wanted: dict[str, Any], problems: list[str]) -> None:
    path = wanted.pop("telegram_token_file", None)
    if path is None:
        return
    wanted["token_source"] = "TELEGRAM_TOKEN_FILE"  # noqa: S105 - the name of a variable
    if "telegram_token" in wanted:
        problems.append("TELEGRAM_TOKEN and TELEGRAM_TOKEN_FILE are both set. Leave one of them out.")
        return
    try:
        wanted["telegram_token"] = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        problems.append("TELEGRAM_TOKEN_FILE names a file that cannot be read. Check its path and who may read it.")


def _sentence(key: str, wanted: Mapping[str, Any]) -> str:
    name = wanted.get("token_source", "TELEGRAM_TOKEN") if key == "telegram_token" else key.upper()
    return f"{name} {_MEND.get(key, 'is wrong. See .env.example.')}"
