"""The three calls that nearly every answer is made of, as the plain values that Telegram gets.

The library's own methods build an object for every button and, from what Telegram answers, the whole message with all its
buttons and entities anew: more work than finding and writing the answer. We need of it one number. Errors are the library's,
for its ``BaseRequest.post`` makes them.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from telegram import Bot
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.addresses import Address
from bot.screens import Button, Screen

COPIED: Final = 256  # letters that a button can copy
_FORM: Final = {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


class Calls:
    """Calls of the Bot API, made with the connection of a bot. Each raises the library's errors."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, chat: int, screen: Screen, silent: bool = False) -> int:
        """A new message; its number."""
        quietly = {"disable_notification": True} if silent else {}
        sent = await self.post("sendMessage", chat_id=chat, **self._shown(screen), **quietly)
        return int(sent["message_id"])

    async def edit(self, chat: int, message: int, screen: Screen) -> None:
        """A message anew."""
        await self.post("editMessageText", chat_id=chat, message_id=message, **self._shown(screen))

    async def answer(self, query: str) -> None:
        """Take the waiting sign off a pressed button."""
        await self.post("answerCallbackQuery", callback_query_id=query)

    async def post(self, method: str, **values: Any) -> Any:
        """Any call; gives back its result as Telegram wrote it."""
        data = RequestData([RequestParameter(name, value, None) for name, value in values.items()])
        return await self._bot.request.post(f"{self._bot.base_url}/{method}", data)

    def _shown(self, screen: Screen) -> dict[str, Any]:
        keyboard = self.keyboard(screen)
        markup = {"reply_markup": {"inline_keyboard": keyboard}} if keyboard else {}
        return {"text": screen.text, **_FORM, **markup}

    def keyboard(self, screen: Screen) -> list[list[dict[str, Any]]]:
        """The buttons of a screen as Telegram's."""
        return [[self._button(button) for button in row] for row in screen.rows]

    def _button(self, button: Button) -> dict[str, Any]:
        style = {"style": button.style} if button.style else {}
        if button.to:
            return {"text": button.label, "callback_data": str(button.to), **style}
        if button.copy:
            return {"text": button.label, "copy_text": {"text": button.copy[:COPIED]}}
        return {"text": button.label, "url": button.url or self._link(button.share or Address("home"))}

    def _link(self, address: Address) -> str:
        """Home opens the bot itself; any other place is offered to be sent on."""
        link = f"https://t.me/{self._bot.username}?start={address}"
        return link if address.page == "home" else f"https://t.me/share/url?{urlencode({'url': link})}"
