"""Keyboards under messages: what Telegram takes, and in its own words what it does not."""

from collections.abc import Callable
from typing import Any

from bot.web.entities import MarkupError, checked_link, is_blank, units
from bot.web.rules import Params, Refusal, bad_request, object_field, string_field

BUTTONS, BUTTONS_IN_ROW = 100, 8
DATA_BYTES = 64
COPY_UNITS = 256

Button = dict[str, Any]
Markup = dict[str, Any]
STYLES = ("", "default", "primary", "danger", "success")


def reply_markup(params: Params, *, only_inline: bool = False) -> Markup | None:
    """The markup as Telegram keeps it, or None; raises Refusal for a keyboard that it would not take."""
    markup = object_field(params, "reply_markup", "reply markup", "reply keyboard markup")
    for name in ("keyboard", "inline_keyboard"):
        if name in markup and not isinstance(markup[name], list):
            raise bad_request(f'Field "{name}" must be of type Array')
    if only_inline and markup and "inline_keyboard" not in markup:
        raise bad_request("Inline keyboard expected")
    if markup.get("inline_keyboard"):
        return _inline_markup(markup["inline_keyboard"])
    return markup if any(markup.values()) else None


def _inline_markup(rows: list[Any]) -> Markup | None:
    if not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    checked = [[_button(button) for button in row] for row in rows]
    # The limits are known (telegram.constants), the words for a row of nine are ours.
    if sum(map(len, checked)) > BUTTONS or any(len(row) > BUTTONS_IN_ROW for row in checked):
        raise bad_request("Reply markup is too long")
    kept = [row for row in checked if row]
    return {"inline_keyboard": kept} if kept else None


def _button(button: Any) -> Button:
    if not isinstance(button, dict):
        raise bad_request("Can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    try:
        action = _only_action(button)
        text = string_field(button, "text", required=True)
        style = string_field(button, "style").lower()
    except Refusal as refusal:
        reason = refusal.description.removeprefix("Bad Request: ")
        raise bad_request(f"Can't parse inline keyboard button: {reason[:1].upper()}{reason[1:]}") from refusal
    if style not in STYLES:
        raise bad_request("Can't parse inline keyboard button: invalid button style specified")
    if is_blank(text):
        # Telegram drops such a button silently; here it is a mistake that somebody should see.
        raise bad_request("Inline keyboard button text must be non-empty")
    return button | ACTIONS[action](button, action)


def _only_action(button: Button) -> str:
    given = [name for name in ACTIONS if button.get(name) not in (None, "")]
    given += [name for name in ("switch_inline_query", "switch_inline_query_current_chat") if button.get(name) == ""]
    if not given:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    if len(given) > 1:
        # Ours: Telegram takes the first and drops the rest without a word.
        raise bad_request(f"A button must have exactly one action, it has {', '.join(given)}")
    return given[0]


def _url_action(button: Button, name: str) -> Button:
    url = string_field(button, name)
    try:
        checked = checked_link(url)
    except MarkupError as error:
        raise bad_request(f"Inline keyboard button URL '{url}' is invalid: {error}") from error
    if not checked.startswith(("http:", "https:", "tg:")) or units(checked) > 2048:
        raise bad_request("BUTTON_URL_INVALID")
    return {name: checked}


def _data_action(button: Button, name: str) -> Button:
    if len(string_field(button, name).encode()) > DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return {}


def _copy_action(button: Button, name: str) -> Button:
    copied = button[name]
    if not isinstance(copied, dict):
        raise bad_request(f'Can\'t parse inline keyboard button: Field "{name}" must be of type Object')
    if not 1 <= units(string_field(copied, "text")) <= COPY_UNITS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {}


def _web_app_action(button: Button, name: str) -> Button:
    url = str(button[name].get("url", "")) if isinstance(button[name], dict) else ""
    try:
        checked = checked_link(url)
    except MarkupError as error:
        raise bad_request(f"Inline keyboard button Web App URL '{url}' is invalid: {error}") from error
    if not checked.startswith("https:"):
        raise bad_request(f"Inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    return {name: {"url": checked}}


def _any_action(button: Button, name: str) -> Button:
    return {}


ACTIONS: dict[str, Callable[[Button, str], Button]] = {
    "url": _url_action,
    "callback_data": _data_action,
    "copy_text": _copy_action,
    "web_app": _web_app_action,
    "switch_inline_query": _any_action,
    "switch_inline_query_current_chat": _any_action,
    "switch_inline_query_chosen_chat": _any_action,
    "login_url": _any_action,
    "callback_game": _any_action,
    "pay": _any_action,
}
