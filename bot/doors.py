"""Where we listen: the webhook's door, and the one for health. Both are plain HTTP: TLS is a proxy's business."""

from __future__ import annotations

from time import monotonic
from typing import Final

from bot.chat.deliveries import Deliveries
from bot.chat.receive import Receiver
from bot.chat.webhook import Hook, secret_from
from bot.settings import Listen, Settings, SettingsError
from bot.shelf import Shelf
from bot.store import AnyStore
from bot.tally import Tally, rounded
from bot.web.health import Health
from bot.web.hook import Webhook
from bot.web.metrics import written
from bot.web.server import Mount, Server

_OF_PEOPLE: Final = frozenset(
    ("handled", "repeated", "dropped", "elsewhere", "stopping")
)  # outcomes that are shown in steps


def hook_of(settings: Settings) -> Hook | None:
    """The webhook of the settings; None where Telegram is asked for updates instead."""
    if not settings.webhook_url or settings.telegram_token is None:
        return None
    given = settings.webhook_secret
    secret = given.get_secret_value() if given else secret_from(settings.telegram_token.get_secret_value())
    return Hook(settings.webhook_url, secret)


def webhook_of(hook: Hook, deliveries: Deliveries) -> Webhook:
    """The webhook's page."""
    return Webhook(hook.path, hook.secret, deliveries.take)


class Door:
    """A server at the place that a setting names."""

    def __init__(self, name: str, place: Listen, *mounts: Mount) -> None:
        self._name, self._place = name, place
        self._server = Server(place.host, place.port, *mounts)
        self.port = place.port

    async def open(self) -> None:
        """Listen. Raises SettingsError where that cannot be; ``port`` is the one that was taken."""
        try:
            self.port = await self._server.start()
        except OSError as error:
            shown = f"{self._place.host}:{self._place.port}"
            raise SettingsError(
                [
                    f"{self._name}: nobody can listen at {shown} ({error.strerror}). Choose another port, or stop who has it."
                ]
            ) from None

    async def close(self) -> None:
        """Listen no more."""
        await self._server.stop()


def health_of(
    shelf: Shelf, store: AnyStore, tally: Tally, receiver: Receiver | Deliveries, web: Webhook | None
) -> Health:
    """What is asked of a running Pana by those who watch over it."""

    def outcomes() -> dict[str, int]:
        found = dict(web.outcomes) if web else {"handled": receiver.handled, "unreadable": receiver.skipped}
        told = {name: rounded(number) if name in _OF_PEOPLE else number for name, number in found.items()}
        return {name: number for name, number in told.items() if number}

    def numbers() -> bytes:
        return written(tally, health, outcomes)

    health = Health(
        lambda: monotonic() - receiver.last_answer,
        lambda: shelf.version,
        lambda: store.state,
        lambda: receiver.state,
        numbers,
    )
    return health
