"""What Pana remembers of people, and only because they asked: a language, and reminders. Only here sqlalchemy and cryptography.

Nothing heavy is imported with this room: the database's libraries are read in the background, when the store opens.
"""

from bot.store.arrivals import Alone, Arrivals
from bot.store.jobs import Jobs
from bot.store.nowhere import Nowhere, NoWork
from bot.store.owed import FILE as OWED
from bot.store.purse import Purse
from bot.store.secrets import Keys, KeyTrouble, key_at_home, new_key, write_ring
from bot.store.store import FILE, Store
from bot.store.turn import Always, Turn
from bot.store.values import MOST, STALE_DAYS, UNUSED_MONTHS, Due, Held, NoStore, Reminder, StoreAway, TooMany

AnyStore = Store | Nowhere
AnyArrivals = Alone | Arrivals
AnyTurn = Always | Turn

__all__ = [
           "FILE",
           "MOST",
           "OWED",
           "STALE_DAYS",
           "UNUSED_MONTHS",
           "Always",
           "AnyArrivals",
           "AnyStore",
           "AnyTurn",
           "Due",
           "Held",
           "Jobs",
           "KeyTrouble",
           "Keys",
           "NoStore",
           "NoWork",
           "Nowhere",
           "Purse",
           "Reminder",
           "Store",
           "StoreAway",
           "TooMany",
           "key_at_home",
           "new_key",
           "write_ring",
]  # fmt: skip
