"""The middle of the try-out: chats, updates and the bot's profile, between a person and the bot."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.web.chats import Chat, ChatMessage, Json, message_json
from bot.web.delivery import Delivery
from bot.web.updates import UpdateQueue

BOT_ID = 1_000_000_001
FIRST_PERSON_ID = 2_000_001

Listener = Callable[[str, Chat, Any], None]


@dataclass
class Query:
    """A press that waits for its answer."""

    id: str
    chat: Chat
    asked: float
    answered: bool = False


@dataclass
class Profile:
    """What the bot said of itself, by language code; commands also by scope."""

    commands: dict[tuple[tuple[str, ...], str], list[dict[str, str]]] = field(default_factory=dict)
    words: dict[tuple[str, str], str] = field(default_factory=dict)

    def commands_for(self, chat: Chat, language_code: str) -> list[dict[str, str]]:
        """The list that a client shows: the narrowest scope, and in it the phone's language before none."""
        everywhere = "all_private_chats" if chat.kind == "private" else "all_group_chats"
        scopes = (("chat", str(chat.id)), (everywhere,), ("default",))
        for scope, code in itertools.product(scopes, (language_code[:2].lower(), "")):
            if commands := self.commands.get((scope, code)):
                return commands
        return []

    def word(self, name: str, language_code: str) -> str:
        return self.words.get((name, language_code[:2].lower())) or self.words.get((name, ""), "")


class Switchboard:
    """All state of the local server. Everything runs in one event loop; nothing here waits."""

    def __init__(self, username: str) -> None:
        self.bot: Json = {"id": BOT_ID, "is_bot": True, "first_name": "Pana", "username": username}
        self.chats: dict[int, Chat] = {}
        self.updates = UpdateQueue()
        self.profile = Profile()
        self.webhook: Json = {}
        self.webhook_set_at = -60.0
        self.delivery = Delivery(self.updates)
        self.queries: dict[str, Query] = {}
        self.callback_lifetime = 15.0
        self.listeners: list[Listener] = []
        self._message_ids = itertools.count(1)
        self._query_ids = itertools.count(7_000_000_000_000_001)
        self._person_ids = itertools.count(FIRST_PERSON_ID)

    def open_chat(self, chat_id: int | None, kind: str, name: str) -> Chat:
        """The chat with this id, or a new one; the kind of one that stands already does not change."""
        number = chat_id if chat_id is not None else self._free_id(kind)
        if number not in self.chats:
            self.chats[number] = Chat(number, kind, name)
            self.tell("chat", self.chats[number])
        return self.chats[number]

    def _free_id(self, kind: str) -> int:
        number = self.new_person_id()
        return {"private": number, "group": -number}.get(kind, -1_000_000_000_000 - number)

    def new_person_id(self) -> int:
        return next(number for number in self._person_ids if number not in self.chats)

    def add(self, chat: Chat, message: ChatMessage) -> ChatMessage:
        chat.messages[message.id] = message
        self.changed(chat, message)
        return message

    def new_message_id(self) -> int:
        return next(self._message_ids)

    def changed(self, chat: Chat, message: ChatMessage) -> None:
        """A message is new, edited or deleted: whoever watches this chat hears of it."""
        if message.from_bot and not message.deleted:
            chat.news.append(message)
            chat.stir.set()
        self.tell("message", chat, message)

    def profile_changed(self) -> None:
        """The menu and the description of every chat may look different now."""
        for chat in self.chats.values():
            self.tell("chat", chat)

    def tell(self, event: str, chat: Chat, about: Any = None) -> None:
        for listener in tuple(self.listeners):
            listener(event, chat, about)

    def ask(self, chat: Chat, person: Json, message: ChatMessage, data: str) -> str:
        """A button was pressed; returns the id of the callback query."""
        query = Query(str(next(self._query_ids)), chat, time.monotonic())
        self.queries[query.id] = query
        shown = message_json(message, chat)
        payload = {
            "id": query.id,
            "from": person,
            "chat_instance": str(chat.id),
            "data": data,
            "message": shown,
        }
        self.updates.put("callback_query", payload)
        return query.id
