"""Alembic's entry point: runs the migrations on the engine that `voicebot.db` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import types
from sqlmodel import SQLModel

from voicebot import tables  # noqa: F401 - registers the tables in the metadata

# Two processes that start together must not migrate together. The number is arbitrary and ours.
ADVISORY_LOCK = 725_401


def render_item(kind: str, item: Any, _autogen: Any) -> "str | Literal[False]":
    """Write plain column types: a migration must not import code that changes later."""
    if kind == "type" and isinstance(item, types.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def compare_type(_context: Any, _column: Any, _metadata_column: Any, inspected: Any, ours: Any) -> bool | None:
    """JSON reads back as JSON on SQLite and JSONB on PostgreSQL: both are ours."""
    if isinstance(ours, types.JSON) and isinstance(inspected, types.JSON):
        return False
    return None


with context.config.attributes["engine"].connect() as connection:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        # A migration that waits for a lock blocks every query behind it: give up early instead.
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        compare_type=compare_type,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})")
        connection.commit()
