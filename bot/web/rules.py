"""What Telegram refuses: every call is judged here, in the words of its own server.

They stand in tdlib/telegram-bot-api (May 2026) and tdlib/td (July 2026).
Where the words are the author's own, because no source names Telegram's, a comment says so.
"""

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

from bot.web.entities import Entity, Formatted, MarkupError, is_blank, settled, units
from bot.web.html_reader import parse_html

Params = Mapping[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BYTES_BEFORE_PARSING = 1 << 15

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
POLL_ENDED_BY_WEBHOOK = "Conflict: terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class Refusal(Exception):  # noqa: N818 - an answer of the server, not a mistake in it
    """An answer of the server that is not ok."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after


def bad_request(message: str) -> Refusal:
    """400 with Telegram's prefix; the server makes the first letter small but for A_CONSTANT."""
    is_constant = len(message) > 1 and (message[1] == "_" or message[1].isupper())
    return Refusal(400, f"Bad Request: {message if is_constant else message[:1].lower() + message[1:]}")


# --- parameters -----------------------------------------------------------------------------------

JSON_FIELDS = frozenset(
    (
        "allowed_updates",
        "caption_entities",
        "commands",
        "entities",
        "link_preview_options",
        "message_ids",
        "reply_markup",
        "reply_parameters",
        "scope",
    )
)
INTEGER_FIELDS = frozenset(
    (
        "cache_time",
        "chat_id",
        "limit",
        "max_connections",
        "message_id",
        "message_thread_id",
        "offset",
        "reply_to_message_id",
        "timeout",
        "user_id",
    )
)
BOOLEAN_FIELDS = frozenset(
    (
        "disable_notification",
        "disable_web_page_preview",
        "drop_pending_updates",
        "has_spoiler",
        "protect_content",
        "show_alert",
    )
)


def decoded(raw: Params) -> dict[str, Any]:
    """Parameters as values; what cannot be read stays a string, for the rule of that parameter to refuse."""
    return {name: _value(name, value) for name, value in raw.items() if value is not None}


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in JSON_FIELDS and value:
        return _json_or(value)
    if name in INTEGER_FIELDS and re.fullmatch(r"-?\d{1,19}", value.strip()):
        return int(value)
    if name in BOOLEAN_FIELDS:
        return value.lower() in ("true", "yes", "1")
    return value


def _json_or(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def whole_number(params: Params, name: str, default: int, low: int, high: int) -> int:
    value = params.get(name, default)
    return max(low, min(high, value)) if isinstance(value, int) else default


def object_field(params: Params, name: str, what: str, json_name: str = "") -> dict[str, Any]:
    """A parameter that must be a JSON object, empty if it was not given; the names are for the refusal."""
    value = params.get(name)
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        raise bad_request(f"Can't parse {json_name or what} JSON object")
    if not isinstance(value, dict):
        raise bad_request(f"Object expected as {what}")
    return value


def string_field(owner: Params, name: str, *, required: bool = False) -> str:
    value = owner.get(name)
    if value is None and required:
        raise bad_request(f'Can\'t find field "{name}"')
    if value is not None and not isinstance(value, str | int):
        raise bad_request(f'Field "{name}" must be of type String')
    return "" if value is None else str(value)


# --- text -----------------------------------------------------------------------------------------


def message_text(params: Params) -> Formatted:
    """The text of a message as it will stand in the chat."""
    if not params.get("text"):
        raise bad_request("Message text is empty")
    formatted = _formatted(str(params["text"]), params, "entities")
    if is_blank(formatted.text):
        raise bad_request("Text must be non-empty")
    if units(formatted.text) > TEXT_LIMIT:
        raise bad_request("Message is too long")
    return formatted


def caption(params: Params) -> Formatted:
    formatted = _formatted(str(params.get("caption", "")), params, "caption_entities")
    if units(formatted.text) > CAPTION_LIMIT:
        raise bad_request("Message caption is too long")
    return formatted


def _formatted(text: str, params: Params, entities_name: str) -> Formatted:
    if len(text.encode("utf-8", "surrogatepass")) > BYTES_BEFORE_PARSING:
        raise bad_request("Text is too long")
    mode = str(params.get("parse_mode") or "none").lower()
    if mode == "html":
        return _parsed(text)
    if mode in ("markdown", "markdownv2"):
        # Ours: Telegram reads Markdown, this project does not send it.
        raise bad_request("The local server reads parse_mode HTML only")
    if mode != "none":
        raise bad_request("Unsupported parse_mode")
    return settled(Formatted(text, _given_entities(params.get(entities_name))))


@functools.lru_cache(maxsize=2048)
def _parsed(text: str) -> Formatted:
    """Kept, since a bot of written answers sends the same texts over and over."""
    try:
        return settled(parse_html(text))
    except MarkupError as error:
        raise bad_request(f"Can't parse entities: {error}") from error


def _given_entities(value: Any) -> tuple[Entity, ...]:
    return tuple(_given_entity(item) for item in value) if isinstance(value, list) else ()


def _given_entity(item: Any) -> Entity:
    if not isinstance(item, dict):
        raise bad_request("Can't parse MessageEntity: expected an Object")
    for name in ("offset", "length"):
        if not isinstance(item.get(name), int):
            raise bad_request(f"Can't parse MessageEntity: Can't find field \"{name}\"")
    url, language = str(item.get("url", "")), str(item.get("language", ""))
    return Entity(string_field(item, "type", required=True), item["offset"], item["length"], url, language)


# --- the bot's own profile ------------------------------------------------------------------------


def language_code(params: Params) -> str:
    code = str(params.get("language_code") or "")
    if code and not re.fullmatch("[a-z]{2}", code):
        raise bad_request("Invalid language code specified")
    return code


SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


def command_scope(params: Params) -> tuple[str, ...]:
    """The scope as a key: ("default",) or ("chat", "42"), in that order."""
    scope = object_field(params, "scope", "BotCommandScope")
    kind = scope.get("type", "default" if not scope else None)
    if kind in SCOPES:
        return (str(kind),)
    if kind not in CHAT_SCOPES:
        reason = "Unsupported type specified" if kind else 'Can\'t find field "type"'
        raise bad_request(f"Can't parse BotCommandScope: {reason}")
    if not scope.get("chat_id"):
        raise bad_request("Can't parse BotCommandScope: Empty chat_id specified")
    if kind == "chat_member" and not scope.get("user_id"):
        raise bad_request("Can't parse BotCommandScope: Invalid user_id specified")
    return (kind, str(scope["chat_id"]), *([str(scope["user_id"])] if kind == "chat_member" else []))


def bot_commands(params: Params) -> list[dict[str, str]]:
    commands = params.get("commands") or []
    if isinstance(commands, str):
        raise bad_request("Can't parse commands JSON object")
    if not isinstance(commands, list):
        raise bad_request("Expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_bot_command(command) for command in commands]


def _bot_command(item: Any) -> dict[str, str]:
    if not isinstance(item, dict):
        raise bad_request("Can't parse BotCommand: expected an Object")
    for field in ("command", "description"):
        if not isinstance(item.get(field), str):
            raise bad_request(f"Can't parse BotCommand: Can't find field \"{field}\"")
    command, description = item["command"].strip().removeprefix("/"), item["description"].strip()
    _refuse_if(not command, "Command must be non-empty")
    _refuse_if(len(command) > 32, "Command length must not exceed 32")
    _refuse_if(not description, "Command description must be non-empty")
    _refuse_if(len(description) > 256, "Command description length must not exceed 256")
    _refuse_if(not re.fullmatch("[a-z0-9_]+", command), "BOT_COMMAND_INVALID")
    return {"command": command, "description": description}


def _refuse_if(wrong: bool, message: str) -> None:
    if wrong:
        raise bad_request(message)
