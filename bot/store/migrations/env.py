"""Alembic's door: the connection comes from bot/store/engine.py, which holds the lock and the transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
