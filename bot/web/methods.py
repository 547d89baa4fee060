"""The methods of the Bot API that the local server speaks: functions of the board and the parameters."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.web import rules
from bot.web.chats import CallbackAnswer, Chat, ChatMessage, Json, message_json
from bot.web.delivery import CONNECTIONS, shown
from bot.web.entities import units
from bot.web.keyboards import reply_markup
from bot.web.rules import Params, Refusal, bad_request
from bot.web.switchboard import Switchboard

Method = Callable[[Switchboard, Params], Any]

DELETABLE_SECONDS = 48 * 3600
DICE_SECONDS = 24 * 3600  # a dice in a private chat stands at least so long
ANSWER_UNITS = 200
WEBHOOK_SECONDS = 1.0  # between two settings of it
WEBHOOK_PORTS = (None, 443, 80, 88, 8443)
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
CHAT_ACTIONS = frozenset(
    ["typing", "choose_sticker", "find_location", "upload_document", "upload_photo"]
    + [f"{doing}_{what}" for doing in ("record", "upload") for what in ("video", "voice", "video_note")]
)
WORD_LIMITS = {"name": 64, "description": 512, "short_description": 120}


# --- finding --------------------------------------------------------------------------------------


def _chat(board: Switchboard, params: Params) -> Chat:
    chat_id = params.get("chat_id")
    if chat_id in (None, ""):
        raise bad_request("chat_id is empty")
    chat = board.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None:
        raise bad_request("chat not found")
    return chat


def _open_chat(board: Switchboard, params: Params) -> Chat:
    """The chat, if the bot may write there."""
    chat = _chat(board, params)
    if chat.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    return chat


def _message(chat: Chat, params: Params, what: str) -> ChatMessage:
    message = chat.present(params.get("message_id"))
    if message is None:
        raise bad_request(f"{what} not found")
    return message


def _own_message(board: Switchboard, params: Params) -> tuple[Chat, ChatMessage]:
    if not params.get("message_id") and not params.get("chat_id"):
        raise bad_request("Message identifier is not specified")
    chat = _chat(board, params)
    message = _message(chat, params, "message to edit")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return chat, message


def _reply_to(chat: Chat, params: Params) -> int:
    asked = rules.object_field(params, "reply_parameters", "reply parameters")
    if asked and not isinstance(asked.get("message_id"), int):
        raise bad_request('Can\'t find field "message_id"')
    message_id = asked.get("message_id") or params.get("reply_to_message_id") or 0
    if message_id and not chat.present(message_id) and not asked.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return int(message_id)


# --- messages -------------------------------------------------------------------------------------


def send_message(board: Switchboard, params: Params) -> Json:
    text = rules.message_text(params)
    markup = reply_markup(params)
    chat = _open_chat(board, params)
    message = _from_bot(board, chat, params)
    message.put(text, markup)
    return message_json(board.add(chat, message), chat)


def _from_bot(board: Switchboard, chat: Chat, params: Params) -> ChatMessage:
    reply_to = _reply_to(chat, params)
    sender = None if chat.kind == "channel" else board.bot
    return ChatMessage(board.new_message_id(), from_bot=True, sender=sender, reply_to=reply_to)


def send_file(kind: str) -> Method:
    def send(board: Switchboard, params: Params) -> Json:
        given = params.get(kind)
        if not given:
            raise bad_request(f"There is no {kind} in the request")
        text, markup = rules.caption(params), reply_markup(params)
        chat = _open_chat(board, params)
        message = _from_bot(board, chat, params)
        message.put(text, markup)
        message.kind, message.content = kind, _file(kind, given)
        message.upload = given.get("content", b"") if isinstance(given, dict) else b""
        return message_json(board.add(chat, message), chat)

    return send


def _file(kind: str, given: Any) -> Any:
    """A file as Telegram describes it afterwards; `given` is an upload, or a file id or URL."""
    upload = given if isinstance(given, dict) else {"file_name": str(given).rsplit("/", 1)[-1], "size": 0}
    about = {"file_id": f"local-{kind}", "file_unique_id": "local", "file_size": upload.get("size", 0)}
    if kind == "photo":
        return [about | {"width": 640, "height": 640}]
    return about | {"file_name": upload.get("file_name", "")}


def edit_message_text(board: Switchboard, params: Params) -> Json:
    text = rules.message_text(params)
    markup = reply_markup(params, only_inline=True)
    chat, message = _own_message(board, params)
    if message.kind != "text":
        raise bad_request("There is no text in the message to edit")
    entities = [entity.json() for entity in text.entities]
    if (message.text, message.entities, message.markup) == (text.text, entities, markup):
        raise bad_request(rules.NOT_MODIFIED)
    message.put(text, markup)
    return _edited(board, chat, message)


def edit_message_reply_markup(board: Switchboard, params: Params) -> Json:
    markup = reply_markup(params, only_inline=True)
    chat, message = _own_message(board, params)
    if message.markup == markup:
        raise bad_request(rules.NOT_MODIFIED)
    message.markup = markup
    return _edited(board, chat, message)


def _edited(board: Switchboard, chat: Chat, message: ChatMessage) -> Json:
    message.edit_date = int(time.time())
    board.changed(chat, message)
    return message_json(message, chat)


def delete_message(board: Switchboard, params: Params) -> bool:
    if not params.get("chat_id"):
        raise bad_request("Chat identifier is not specified")
    if not params.get("message_id"):
        raise bad_request("Message identifier is not specified")
    chat = _chat(board, params)
    message = _message(chat, params, "message to delete")
    _refuse_undeletable(message)
    return _deleted(board, chat, message)


def _refuse_undeletable(message: ChatMessage) -> None:
    age = time.time() - message.date
    if age > DELETABLE_SECONDS or (message.kind == "dice" and age < DICE_SECONDS):
        raise bad_request("message can't be deleted for everyone")


def _deleted(board: Switchboard, chat: Chat, message: ChatMessage) -> bool:
    message.deleted = True
    board.changed(chat, message)
    return True


def delete_messages(board: Switchboard, params: Params) -> bool:
    """Missing ones are passed over, as on the real server; one that may not be deleted refuses the whole batch."""
    ids = params.get("message_ids")
    if not ids:
        raise bad_request("Message identifiers are not specified")
    if not isinstance(ids, list):
        raise bad_request("Expected an Array of message identifiers")
    if len(ids) > 100:
        raise bad_request("Too many message identifiers specified")
    if not all(isinstance(number, int) and number > 0 for number in ids):
        raise bad_request("Invalid message identifier specified")
    chat = _chat(board, params)
    found = [message for number in ids if (message := chat.present(number))]
    for message in found:
        _refuse_undeletable(message)
    for message in found:
        _deleted(board, chat, message)
    return True


# --- presses --------------------------------------------------------------------------------------


def answer_callback_query(board: Switchboard, params: Params) -> bool:
    query = board.queries.get(str(params.get("callback_query_id", "")))
    if query is None or query.answered or time.monotonic() - query.asked > board.callback_lifetime:
        raise bad_request(rules.QUERY_TOO_OLD)
    text, url = str(params.get("text") or ""), str(params.get("url") or "")
    if units(text) > ANSWER_UNITS:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and start_payload(board, url) is None:
        raise bad_request("URL_INVALID")
    query.answered = True
    answer = CallbackAnswer(query.id, text, bool(params.get("show_alert")), url)
    query.chat.answers.append(answer)
    query.chat.stir.set()
    board.tell("answer", query.chat, answer)
    return True


def start_payload(board: Switchboard, url: str) -> str | None:
    """The payload of a deep link to this bot ("" for none); None if the link leads elsewhere."""
    parts = urlsplit(url)
    is_ours = parts.netloc.lower() in ("t.me", "telegram.me") and parts.path.strip("/") == board.bot["username"]
    if not is_ours or parts.scheme not in ("http", "https"):
        return None
    payload = parse_qs(parts.query).get("start", [""])[0]
    return payload if re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload) else None


def send_chat_action(board: Switchboard, params: Params) -> bool:
    action = str(params.get("action") or "").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = _open_chat(board, params)
    chat.actions.append(action)
    board.tell("action", chat, action)
    return True


# --- the bot itself -------------------------------------------------------------------------------


def get_me(board: Switchboard, params: Params) -> Json:
    return board.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(board: Switchboard, params: Params) -> Json:
    return _chat(board, params).json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }


def leave_chat(board: Switchboard, params: Params) -> bool:
    chat = _chat(board, params)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.blocked = True
    return True


def set_my_commands(board: Switchboard, params: Params) -> bool:
    commands, scope = rules.bot_commands(params), rules.command_scope(params)
    board.profile.commands[scope, rules.language_code(params)] = commands
    board.profile_changed()
    return True


def get_my_commands(board: Switchboard, params: Params) -> list[dict[str, str]]:
    return board.profile.commands.get((rules.command_scope(params), rules.language_code(params)), [])


def delete_my_commands(board: Switchboard, params: Params) -> bool:
    board.profile.commands.pop((rules.command_scope(params), rules.language_code(params)), None)
    board.profile_changed()
    return True


def set_my(word: str) -> Method:
    def set_word(board: Switchboard, params: Params) -> bool:
        code, value = rules.language_code(params), str(params.get(word) or "")
        if len(value) > WORD_LIMITS[word]:
            # The limits are official, the words are ours.
            raise bad_request(f"{word.upper()}_TOO_LONG")
        board.profile.words[word, code] = value
        board.profile_changed()
        return True

    return set_word


def get_my(word: str) -> Method:
    def get_word(board: Switchboard, params: Params) -> dict[str, str]:
        default = board.bot["first_name"] if word == "name" else ""
        return {word: board.profile.word(word, rules.language_code(params)) or default}

    return get_word


# --- webhook --------------------------------------------------------------------------------------


def set_webhook(board: Switchboard, params: Params) -> bool:
    wanted = _webhook(params) if params.get("url") else {}
    if wanted and time.monotonic() - board.webhook_set_at < WEBHOOK_SECONDS:
        raise Refusal(429, "Too Many Requests: retry after 1", 1)
    if params.get("drop_pending_updates"):
        board.updates.pending.clear()
    board.updates.allow(params.get("allowed_updates"))
    board.webhook, board.webhook_set_at = wanted, time.monotonic()
    if board.webhook:
        board.updates.end_poll(rules.POLL_ENDED_BY_WEBHOOK)
    board.delivery.set(board.webhook)
    return True


def _webhook(params: Params) -> Json:
    url, secret = str(params["url"]), str(params.get("secret_token") or "")
    if not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if _port(url) not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    return {
        "url": url,
        "secret": secret,
        "max_connections": rules.whole_number(params, "max_connections", CONNECTIONS, 1, 100),
    }


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return 0


def delete_webhook(board: Switchboard, params: Params) -> bool:
    return set_webhook(board, {"drop_pending_updates": params.get("drop_pending_updates")})


def get_webhook_info(board: Switchboard, params: Params) -> Json:
    waiting, kinds = len(board.updates.pending), sorted(board.updates.allowed)
    info = {"url": "", "has_custom_certificate": False, "pending_update_count": waiting} | shown(board.webhook)
    return info | ({"allowed_updates": kinds} if kinds else {})


async def get_updates(board: Switchboard, params: Params) -> list[Json]:
    """The one method that waits; not in METHODS, as nothing delays or records it like the others."""
    if board.webhook:
        raise Refusal(409, rules.WEBHOOK_ACTIVE)
    board.updates.allow(params.get("allowed_updates"))
    offset = rules.whole_number(params, "offset", 0, -(2**31), 2**31)
    limit = rules.whole_number(params, "limit", 100, 1, 100)
    return await board.updates.take(offset, limit, rules.whole_number(params, "timeout", 0, 0, 50))


def _agreed(board: Switchboard, params: Params) -> bool:
    return True


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "logOut": _agreed,
    "close": _agreed,
    "getWebhookInfo": get_webhook_info,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "sendMessage": send_message,
    "sendPhoto": send_file("photo"),
    "sendDocument": send_file("document"),
    "sendChatAction": send_chat_action,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
    "getChat": get_chat,
    "leaveChat": leave_chat,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    **{f"setMy{name}": set_my(word) for name, word in [("Name", "name"), ("Description", "description")]},
    **{f"getMy{name}": get_my(word) for name, word in [("Name", "name"), ("Description", "description")]},
    "setMyShortDescription": set_my("short_description"),
    "getMyShortDescription": get_my("short_description"),
}
