"""What happens to each update: who asks, in which language, and which of the Guide's doors it is brought to."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, Final

from telegram import Chat, Message, Update
from telegram.constants import ChatType
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)

from bot import log
from bot.addresses import Address
from bot.chat.send import Sender
from bot.guide import Guide
from bot.languages import Language
from bot.screens import Screen

LONG: Final = 1000  # letters of a question that is answered in a thread, so that nobody else waits for it
REMEMBERED: Final = 5_000  # chosen languages in memory: eight times all refugees in the country

_PAGES: Final = {
    "topics": "home",
    "emergency": "sos",
    "help": "help",
    "privacy": "privacy",
    "about": "about",
}

# What a message that is no text is, in the order in which it is looked for -> the notice it gets.
_KINDS: Final = (
    (("photo", "document"), "document"),
    (("voice", "video_note", "audio"), "voice"),
    (("sticker", "animation", "dice", "game"), "sticker"),
    (("location", "venue"), "location"),
    (("contact",), "contact"),
)
# Messages that people did not write: joins, pinned messages, timers. They get no answer.
_SILENT: Final = filters.StatusUpdate.ALL


class _Person(filters.MessageFilter):
    """A message that a person sent: not another bot, not a chat in whose name somebody speaks."""

    def filter(self, message: Message) -> bool:
        return message.sender_chat is None and message.from_user is not None and not message.from_user.is_bot


class Chosen:
    """The languages that people chose, by chat, in memory only; the least recently used is forgotten first."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._by_chat: OrderedDict[int, str] = OrderedDict()
        self._remembered = remembered

    def __getitem__(self, chat: int) -> str | None:
        if chat in self._by_chat:
            self._by_chat.move_to_end(chat)
        return self._by_chat.get(chat)

    def __setitem__(self, chat: int, letters: str) -> None:
        self._by_chat[chat] = letters
        self._by_chat.move_to_end(chat)
        while len(self._by_chat) > self._remembered:
            self._by_chat.popitem(last=False)

    def forget(self, chat: int) -> None:
        """Delete what is known of a chat."""
        self._by_chat.pop(chat, None)

    def __len__(self) -> int:
        return len(self._by_chat)


class Handlers:
    """Brings updates to the Guide. ``guide`` gives the one of the moment: content is swapped while we run."""

    def __init__(self, guide: Callable[[], Guide], sender: Sender, chosen: Chosen) -> None:
        self._guide = guide
        self._sender = sender
        self._chosen = chosen
        self._log = log.get("chat")

    def register(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Put the handlers into the application, the most particular first."""
        private, people = filters.ChatType.PRIVATE, _Person()
        groups = filters.ChatType.GROUPS & filters.COMMAND & people
        registered: list[BaseHandler[Update, Any, Any]] = [
            CallbackQueryHandler(self.pressed),
            ChatMemberHandler(self.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(private & people & ~_SILENT & filters.COMMAND, self.command),
            MessageHandler(private & people & ~_SILENT & filters.TEXT, self.typed),
            MessageHandler(private & people & ~_SILENT, self.other),
            MessageHandler(groups, self.in_group),
        ]
        for handler in registered:
            application.add_handler(handler)

    async def command(self, update: Update, _context: object) -> None:
        """/start with its payload, the pages, and anything else that begins with a slash as a question."""
        message = _message(update)
        name, _, rest = (message.text or "").lstrip("/").partition(" ")
        name = name.partition("@")[0].lower()
        if name == "start":
            await self._open(message, Address.parse(rest.strip() or "home"))
        elif name == "language":
            await self._open(message, Address("home", step="lang"))
        elif name in _PAGES:
            await self._open(message, Address(_PAGES[name]))
        else:
            await self._ask(message, f"{name} {rest}")

    async def _open(self, message: Message, address: Address) -> None:
        """Show an address. A newcomer chooses a language first, and the address is kept."""
        guide, language = self._guide(), self._language(message.chat)
        if language:
            # A link's own language only suggests: what the reader chose decides.
            screen = guide.open(address.spoken(language.letters, address.step), language)
        else:
            screen = self._newcomer(guide, address, message)
        await self._say(message.chat, screen, page=address.page)

    def _newcomer(self, guide: Guide, address: Address, message: Message) -> Screen:
        if address.page == "sos" and not address.language:
            return guide.open(address, None, _phone(message))
        return guide.greet(address, _phone(message))

    async def typed(self, update: Update, _context: object) -> None:
        """A question in somebody's own words; an edited one is asked again."""
        message = _message(update)
        await self._ask(message, message.text or "")

    async def _ask(self, message: Message, text: str) -> None:
        guide, language = self._guide(), self._language(message.chat)
        if len(text) > LONG:
            screen = await asyncio.to_thread(guide.ask, text, language, _phone(message))
        else:
            screen = guide.ask(text, language, _phone(message))
        await self._say(message.chat, screen, page="ask")

    async def pressed(self, update: Update, _context: object) -> None:
        """A button: answered and followed at once. Its own language opens; a choice is remembered."""
        query = update.callback_query
        assert query is not None  # noqa: S101 - CallbackQueryHandler
        message = query.message
        if message is None or message.chat.type != ChatType.PRIVATE:
            await self._sender.answer(query.id)
            return
        screen, page = self._followed(message.chat, Address.parse(query.data or ""), query.from_user.language_code)
        started = perf_counter()
        await _all(self._sender.answer(query.id), self._sender.edit(message.chat.id, message.message_id, screen))
        self._note(page, started)

    def _followed(self, chat: Chat, address: Address, hint: str | None) -> tuple[Screen, str]:
        if address.language and (address.step == "set" or self._chosen[chat.id] is None):
            self._chosen[chat.id] = address.language
        place = address if address.step == "lang" else address.spoken(address.language)
        return self._guide().open(place, self._language(chat), hint), address.page

    async def other(self, update: Update, _context: object) -> None:
        """A message that is no text: a calm sentence. Nothing of it is fetched or kept."""
        message = _message(update)
        guide, language = self._guide(), self._language(message.chat)
        kind = next((kind for names, kind in _KINDS if any(getattr(message, name, None) for name in names)), "other")
        screen = guide.notice(kind, language) if language else guide.greet(Address("home"), _phone(message))
        await self._say(message.chat, screen, page=kind)

    async def in_group(self, update: Update, _context: object) -> None:
        """In a group, only a command is answered, and only with the way to the private chat."""
        await self._say(_message(update).chat, self._guide().in_group(), page="group")

    async def membership(self, update: Update, _context: object) -> None:
        """Blocked: what is known of the chat is forgotten. Added to a channel: we leave, nobody can ask there."""
        change = update.my_chat_member
        assert change is not None  # noqa: S101 - ChatMemberHandler
        if change.new_chat_member.status in ("kicked", "left"):
            self._chosen.forget(change.chat.id)
        elif change.chat.type == ChatType.CHANNEL:
            await self._sender.leave(change.chat.id)

    async def failed(self, update: object, error: BaseException) -> None:
        """An exception in a handler: noted without a word of the update, and said calmly to the reader."""
        self._log.error("a handler failed", **log.fault(error))
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is not None and chat.type == ChatType.PRIVATE:
            language = self._language(chat) or self._guide().languages["en"]
            await self._sender.send(chat.id, self._guide().failure(language))

    def _language(self, chat: Chat) -> Language | None:
        return self._guide().languages.get(self._chosen[chat.id])

    async def _say(self, chat: Chat, screen: Screen, page: str) -> None:
        started = perf_counter()
        await self._sender.send(chat.id, screen)
        self._note(page, started)

    def _note(self, page: str, started: float) -> None:
        self._log.info("answered", page=page, duration_ms=round((perf_counter() - started) * 1000))


async def _all(*calls: Awaitable[None]) -> None:
    """Make calls at once; every one is finished before the first failure is raised."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _message(update: Update) -> Message:
    message = update.effective_message
    assert message is not None  # noqa: S101 - MessageHandler
    return message


def _phone(message: Message) -> str | None:
    return message.from_user.language_code if message.from_user else None
