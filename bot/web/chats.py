"""What stands in a chat: messages, and what the server tells a bot about them."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from bot.web.entities import Formatted
from bot.web.keyboards import Markup

Json = dict[str, Any]


@dataclass
class ChatMessage:
    """One message in its present state. `entities` and `keyboard` are in the Bot API's own shape.

    `kind` is "text" or the field of a Message that holds its content ("photo", "document", "location" ...);
    for those, `text` is the caption.
    """

    id: int
    from_bot: bool
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    markup: Markup | None = None
    kind: str = "text"
    content: Any = None
    sender: Json | None = None
    date: int = field(default_factory=lambda: int(time.time()))
    edit_date: int = 0
    deleted: bool = False
    reply_to: int = 0
    upload: bytes = b""  # what the bot sent as a file, for the page to hand on

    @property
    def edited(self) -> bool:
        return self.edit_date > 0

    @property
    def keyboard(self) -> list[list[Json]]:
        """The rows of the inline keyboard; empty if there is none."""
        rows: list[list[Json]] = (self.markup or {}).get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> list[Json]:
        return [button for row in self.keyboard for button in row]

    def button(self, label_or_data: str) -> Json:
        """The button with this callback data or this label; raises LookupError that names those there are."""
        for name in ("callback_data", "text"):
            for button in self.buttons:
                if button.get(name) == label_or_data:
                    return button
        there = ", ".join(repr(button["text"]) for button in self.buttons) or "none"
        raise LookupError(f"No button {label_or_data!r} on message {self.id}; there are: {there}")

    def put(self, formatted: Formatted, markup: Markup | None) -> None:
        self.text = formatted.text
        self.entities = [entity.json() for entity in formatted.entities]
        self.markup = markup


@dataclass(frozen=True)
class CallbackAnswer:
    """What a press brought back: a toast, an alert, or a link to open."""

    query_id: str
    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(eq=False)
class Chat:
    """A chat and all that ever stood in it; `news` holds the bot's messages since a person last acted."""

    id: int
    kind: str
    name: str
    messages: dict[int, ChatMessage] = field(default_factory=dict)
    blocked: bool = False
    answers: list[CallbackAnswer] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    news: list[ChatMessage] = field(default_factory=list)
    stir: asyncio.Event = field(default_factory=asyncio.Event)

    def json(self) -> Json:
        title = "first_name" if self.kind == "private" else "title"
        return {"id": self.id, "type": self.kind, title: self.name}

    def present(self, message_id: Any) -> ChatMessage | None:
        message = self.messages.get(message_id) if isinstance(message_id, int) else None
        return message if message and not message.deleted else None


def message_json(message: ChatMessage, chat: Chat) -> Json:
    """The Bot API's Message."""
    shown: Json = {"message_id": message.id, "date": message.date, "chat": chat.json()}
    if message.sender:
        shown["from"] = message.sender
    if message.edit_date:
        shown["edit_date"] = message.edit_date
    if replied := chat.present(message.reply_to):
        shown["reply_to_message"] = {"message_id": replied.id, "date": replied.date, "chat": chat.json()}
    if "inline_keyboard" in (message.markup or {}):
        shown["reply_markup"] = message.markup
    return shown | _content(message)


def _content(message: ChatMessage) -> Json:
    text, entities = ("text", "entities") if message.kind == "text" else ("caption", "caption_entities")
    content: Json = {} if message.kind == "text" else {message.kind: message.content}
    if message.text:
        content[text] = message.text
    if message.entities:
        content[entities] = message.entities
    return content
