"""What happens to each update: who asks, in which language, and which of the Guide's doors it is brought to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter, time
from typing import Any, Final

from telegram import Chat, MaybeInaccessibleMessage, Message, Update
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
from bot.addresses import PRIVACY, Address
from bot.chat.memory import Chosen
from bot.chat.privacy import ACTIONS, Privacy
from bot.chat.reminders import ACTIONS as REMINDING
from bot.chat.reminders import Reminders
from bot.chat.send import Sender
from bot.chat.waiting import Waiting
from bot.guide import Guide
from bot.languages import Language
from bot.screens import Screen
from bot.tally import Tally

LONG: Final = 1000  # letters of a question that is answered in a thread, so that nobody else waits for it

_PAGES: Final = {
    "topics": "home",
    "emergency": "sos",
    "help": "help",
    "privacy": "privacy",
    "reminders": "reminders",
    "about": "about",
}

# Whoever asks what we hold, or deletes it, does not thereby give us something to hold.
_ASKING: Final = frozenset({*PRIVACY, "reminders", "drop", "drop-all", "done"}) - {"quiet-on"}

# What a message that is no text is, in the order in which it is looked for -> the notice it gets.
_KINDS: Final = (
    (("photo", "document"), "document"),
    (("voice", "video_note", "audio"), "voice"),
    (("sticker", "animation", "dice", "game"), "sticker"),
    (("location", "venue"), "location"),
    (("contact",), "contact"),
)
# Messages that people did not write: joins, pinned messages, timers. They have no text, and get no answer.
_SILENT: Final = filters.StatusUpdate.ALL


class _Person(filters.MessageFilter):
    """A message that a person sent: not another bot, not a chat in whose name somebody speaks."""

    def filter(self, message: Message) -> bool:
        return message.sender_chat is None and message.from_user is not None and not message.from_user.is_bot


class Handlers:
    """Brings updates to the Guide. ``guide`` gives the one of the moment: content is swapped while we run.

    ``waiting`` holds the question for a day that the last screen of a chat asked.
    """

    def __init__(
        self,
        guide: Callable[[], Guide],
        sender: Sender,
        chosen: Chosen,
        privacy: Privacy,
        reminders: Reminders,
        waiting: Waiting,
        tally: Tally | None = None,
    ) -> None:
        self._guide = guide
        self._sender = sender
        self._chosen = chosen
        self._privacy = privacy
        self._reminders = reminders
        self._waiting = waiting
        self._tally = tally or Tally()
        self._log = log.get("chat")

    def register(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Put the handlers into the application, the most particular first."""
        private, people = filters.ChatType.PRIVATE, _Person()
        groups = filters.ChatType.GROUPS & filters.COMMAND & people
        registered: list[BaseHandler[Update, Any, Any]] = [
            CallbackQueryHandler(self.pressed),
            ChatMemberHandler(self.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(private & people & filters.COMMAND, self.command),
            MessageHandler(private & people & filters.TEXT, self.typed),
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
        guide, language = self._guide(), await self._language(message.chat)
        if language:
            # A link's own language only suggests: what the reader chose decides.
            place = address.spoken(language.letters, address.step)
            screen = await self._personal(message.chat, place, language) or guide.open(place, language)
        else:
            screen = self._newcomer(guide, address, message)
        await self._say(message, screen, page=address.page)

    async def _personal(self, chat: Chat, place: Address, language: Language) -> Screen | None:
        if place.step == "lang":
            return None
        mine = await self._reminders.page(chat.id, place, language)
        return mine or await self._privacy.page(chat.id, place.page, language)

    def _newcomer(self, guide: Guide, address: Address, message: Message) -> Screen:
        if address.page == "sos" and not address.language:
            return guide.open(address, None, _phone(message))
        return guide.greet(address, _phone(message))

    async def typed(self, update: Update, _context: object) -> None:
        """A question in somebody's own words; an edited one is asked again."""
        message = _message(update)
        await self._ask(message, message.text or "")

    async def _ask(self, message: Message, text: str) -> None:
        guide, language = self._guide(), await self._language(message.chat)
        place = self._waiting[message.chat.id]
        question = (text, language, _phone(message), place)
        screen = await asyncio.to_thread(guide.ask, *question) if len(text) > LONG else guide.ask(*question)
        await self._say(message, screen, page="ask")

    async def pressed(self, update: Update, _context: object) -> None:
        """A button: answered and followed at once. Its own language opens; a choice is remembered."""
        query = update.callback_query
        assert query is not None  # noqa: S101 - CallbackQueryHandler
        message = query.message
        if message is None or message.chat.type != ChatType.PRIVATE or query.from_user.id != message.chat.id:
            await self._sender.answer(query.id, query.from_user.id)
            return
        address, started = Address.parse(query.data or ""), perf_counter()
        followed = self._followed(message, address, query.from_user.language_code)
        await _all(self._sender.answer(query.id, query.from_user.id), followed)
        self._note(address.page, started)

    async def _followed(self, message: MaybeInaccessibleMessage, address: Address, hint: str | None) -> None:
        chat, known = message.chat, await self._language(message.chat)
        asks = address.page in _ASKING and address.step != "set"
        if address.language and (address.step == "set" or (known is None and not asks)):
            self._chosen[chat.id] = address.language
        language = self._guide().languages.get(address.language) or known
        if language and not address.step and address.page in ACTIONS:
            await self._privacy.act(chat.id, message.message_id, address.page, language)
            return
        if language and not address.step and address.page in REMINDING:
            await self._reminders.act(chat.id, message.message_id, address, language)
            return
        if not asks:
            self._privacy.trail.note(chat.id, message.message_id, _age(message))
        place = address if address.step == "lang" else address.spoken(address.language)
        personal = await self._personal(chat, place, language) if language else None
        screen = personal or self._guide().open(place, self._guide().languages.get(self._chosen[chat.id]), hint)
        self._waiting[chat.id] = screen.asks
        await self._privacy.quiet.edit(chat.id, message.message_id, screen)

    async def other(self, update: Update, _context: object) -> None:
        """A message that is no text: a calm sentence. Nothing of it is fetched or kept."""
        message = _message(update)
        guide, language = self._guide(), await self._language(message.chat)
        kind = next((kind for names, kind in _KINDS if any(getattr(message, name, None) for name in names)), "other")
        screen = guide.notice(kind, language) if language else guide.greet(Address("home"), _phone(message))
        await self._say(message, screen, page=kind)

    async def in_group(self, update: Update, _context: object) -> None:
        """In a group, only a command is answered, and only with the way to the private chat."""
        started = perf_counter()
        await self._sender.send(_message(update).chat.id, self._guide().in_group())
        self._note("group", started)

    async def membership(self, update: Update, _context: object) -> None:
        """Blocked: what is known of the chat is forgotten. Added to a channel: we leave, nobody can ask there."""
        change = update.my_chat_member
        assert change is not None  # noqa: S101 - ChatMemberHandler
        if change.new_chat_member.status in ("kicked", "left"):
            self._privacy.blocked(change.chat.id)
        elif change.chat.type == ChatType.CHANNEL:
            await self._sender.leave(change.chat.id)

    async def failed(self, update: object, error: BaseException) -> None:
        """An exception in a handler: noted without a word of the update, and said calmly to the reader."""
        self._log.error("a handler failed", **log.fault(error))
        self._tally.count("failures", "chat")
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is not None and chat.type == ChatType.PRIVATE:
            language = await self._language(chat) or self._guide().languages["en"]
            await self._privacy.quiet.send(chat.id, self._guide().failure(language))

    def unheard(self, raw: dict[str, Any]) -> None:
        """A message that gets no answer stands in its chat all the same: it can be cleaned away, quietly that is done soon."""
        message = raw.get("message")
        if isinstance(message, dict):
            chat, number = message["chat"]["id"], message["message_id"]
            self._privacy.trail.note(chat, number, max(0.0, time() - message["date"]))
            self._privacy.quiet.unheard(chat, number)

    async def crowded(self, chat: int) -> None:
        """So much came from a chat that not all of it is answered: that is said, in every language if its own is not known."""
        language = self._guide().languages.get(await self._chosen.of(chat))
        await self._privacy.quiet.send(chat, self._guide().crowded(language))

    async def _language(self, chat: Chat) -> Language | None:
        language = self._guide().languages.get(await self._chosen.of(chat.id))
        self._tally.count("languages", language.letters if language else "none")
        return language

    async def _say(self, message: Message, screen: Screen, page: str) -> None:
        """Answer what a person wrote. Its own number is noted, so that it can be cleaned away; quietly, that is done at once."""
        started, chat, quiet = perf_counter(), message.chat.id, self._privacy.quiet
        self._waiting[chat] = screen.asks
        self._privacy.trail.note(chat, message.message_id, _age(message))
        await _all(quiet.send(chat, screen), quiet.heard(chat, message.message_id))
        self._note(page, started)

    def _note(self, page: str, started: float) -> None:
        seconds = perf_counter() - started
        self._tally.count("answers", page)
        self._tally.took(seconds)
        self._log.info("answered", page=page, duration_ms=round(seconds * 1000))


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


def _age(message: MaybeInaccessibleMessage) -> float:
    """Seconds since a message was sent. One that we may not see any more has the date 0: it is too old for everything."""
    return max(0.0, time() - message.date.timestamp())


def _phone(message: Message) -> str | None:
    return message.from_user.language_code if message.from_user else None
