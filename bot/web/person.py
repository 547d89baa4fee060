"""The other side of the chat: a person with a phone, in Python, for tests and for the page."""

import asyncio
import time
from typing import Any

from bot.web.chats import CallbackAnswer, Chat, ChatMessage, Json, message_json
from bot.web.entities import found_entities
from bot.web.switchboard import Switchboard

SIZES = {"file_id": "local-file", "file_unique_id": "local", "file_size": 2048}
CONTENTS: dict[str, Any] = {
    "photo": [{**SIZES, "width": 640, "height": 480}],
    "document": {**SIZES, "file_name": "test.pdf", "mime_type": "application/pdf"},
    "voice": {**SIZES, "duration": 3, "mime_type": "audio/ogg"},
    "sticker": {
        **SIZES, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False,
        "emoji": "🙂",
    },
    "contact": {"phone_number": "+70000000000", "first_name": "Test"},
    "location": {"latitude": 43.238, "longitude": 76.945},
    "dice": {"emoji": "🎲", "value": 4},
}  # fmt: skip


class Person:
    """Someone who writes to the bot. Every act queues the update that Telegram would send."""

    def __init__(self, board: Switchboard, chat: Chat, user: Json) -> None:
        self._board = board
        self.chat = chat
        self.user = user

    @property
    def chat_id(self) -> int:
        return self.chat.id

    @property
    def language_code(self) -> str:
        return str(self.user.get("language_code", ""))

    @language_code.setter
    def language_code(self, code: str) -> None:
        """What the phone is set to; empty: the client says nothing, as some do."""
        self.user = {key: value for key, value in self.user.items() if key != "language_code"}
        if code:
            self.user["language_code"] = code

    # what the person sees

    @property
    def messages(self) -> list[ChatMessage]:
        """All messages of the chat in order, deleted ones too (`deleted` says so)."""
        return list(self.chat.messages.values())

    @property
    def last(self) -> ChatMessage:
        """The newest message of the bot that is not deleted; raises LookupError if there is none."""
        for message in reversed(self.messages):
            if message.from_bot and not message.deleted:
                return message
        raise LookupError("The bot has written nothing yet")

    @property
    def answers(self) -> list[CallbackAnswer]:
        """What the presses of this chat brought back, oldest first."""
        return self.chat.answers

    @property
    def commands(self) -> list[dict[str, str]]:
        """The menu as this phone shows it."""
        return self._board.profile.commands_for(self.chat, self.language_code)

    async def reply(self, within: float = 5.0) -> ChatMessage:
        """Wait for the bot's next message or edit since this person last acted; raises TimeoutError."""
        async with asyncio.timeout(within):
            while not self.chat.news:
                self.chat.stir.clear()
                await self.chat.stir.wait()
        return self.chat.news.pop(0)

    async def answer(self, query_id: str, within: float = 5.0) -> CallbackAnswer:
        """Wait for the answer to a press; raises TimeoutError."""
        async with asyncio.timeout(within):
            while not (found := [a for a in self.answers if a.query_id == query_id]):
                self.chat.stir.clear()
                await self.chat.stir.wait()
        return found[0]

    # what the person does

    def write(self, text: str, reply_to: int = 0) -> ChatMessage:
        return self._send(text=text, entities=[e.json() for e in found_entities(text)], reply_to=reply_to)

    def start(self, payload: str = "") -> ChatMessage:
        """The Start button, or a link t.me/bot?start=payload; unblocks the bot, as Telegram does."""
        if self.chat.blocked:
            self.unblock()
        return self.write(f"/start {payload}".rstrip())

    def press(self, message_id: int, button: str, *, stale: bool = False) -> str:
        """Press a button by its callback data or its label; returns the id of the callback query.

        `stale` sends `button` as callback data although no such button stands there: a tap on an old screen.
        """
        message = self.chat.messages[message_id]
        if message.deleted and not stale:
            raise LookupError(f"Message {message_id} is deleted")
        data = button if stale else message.button(button).get("callback_data")
        if not data:
            raise ValueError(f"Button {button!r} on message {message_id} is no callback button")
        self._acts()
        return self._board.ask(self.chat, self.user, message, data)

    def tap(self, button: str) -> str:
        """Press a button of the bot's newest message."""
        return self.press(self.last.id, button)

    def edit(self, message_id: int, text: str) -> ChatMessage:
        message = self.chat.messages[message_id]
        if message.from_bot:
            raise ValueError("A person edits only what a person wrote")
        self._acts()
        message.text, message.entities = text, [e.json() for e in found_entities(text)]
        message.edit_date = int(time.time())
        self._board.changed(self.chat, message)
        self._queue("edited_" + self._post_kind(), message)
        return message

    def send(self, kind: str, caption: str = "") -> ChatMessage:
        """Something other than text: a key of CONTENTS."""
        return self._send(kind=kind, content=CONTENTS[kind], text=caption)

    def block(self) -> None:
        self.chat.blocked = True
        self._membership("member", "kicked")

    def unblock(self) -> None:
        self.chat.blocked = False
        self._membership("kicked", "member")

    # how it reaches the bot

    def _send(self, **parts: Any) -> ChatMessage:
        if self.chat.blocked:
            raise RuntimeError("This person has blocked the bot; unblock() or start() first")
        self._acts()
        sender = None if self.chat.kind == "channel" else self.user
        message = ChatMessage(self._board.new_message_id(), from_bot=False, sender=sender, **parts)
        self._board.add(self.chat, message)
        self._queue(self._post_kind(), message)
        return message

    def _acts(self) -> None:
        self.chat.news.clear()

    def _post_kind(self) -> str:
        return "channel_post" if self.chat.kind == "channel" else "message"

    def _queue(self, kind: str, message: ChatMessage) -> None:
        self._board.updates.put(kind, message_json(message, self.chat))

    def _membership(self, old: str, new: str) -> None:
        self._acts()
        change = {
            "chat": self.chat.json(),
            "from": self.user,
            "date": int(time.time()),
            "old_chat_member": self._member(old),
            "new_chat_member": self._member(new),
        }
        self._board.updates.put("my_chat_member", change)
        self._board.tell("chat", self.chat)

    def _member(self, status: str) -> Json:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"user": self._board.bot, "status": status} | until
