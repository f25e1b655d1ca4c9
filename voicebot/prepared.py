"""Statements compiled once, and a session that reads and writes our rows by them: for the webhooks, where every
millisecond is a caller's.

SQLAlchemy builds, caches and maps each statement anew; on the few of a webhook that costs ten times what the database
takes. Here the same statements are compiled to SQL text once per dialect and run on the session's own connection.
Everything else that a session can do, it does as ever.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Dialect, Executable, bindparam, insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, class_mapper
from sqlmodel import Session, select

from voicebot.tables import Row

R = TypeVar("R", bound=Row)
Processor = Callable[[Any], Any] | None
Build = Callable[[Any], Any]
Part = type[Row] | InstrumentedAttribute[Any] | Any


class Query:
    """One SELECT: `parts` are tables or columns, `build` adds joins, conditions and order, with `bindparam`s.

    A session that is no `PreparedSession` runs it as it runs any statement.
    """

    def __init__(self, *parts: Part, build: Build) -> None:
        self._tables = [part if isinstance(part, type) else None for part in parts]
        self._columns = [_columns(part) if isinstance(part, type) else [part] for part in parts]
        self._mapped = build(select(*parts))
        self._flat = build(select(*(column for columns in self._columns for column in columns)))
        self._compiled: dict[str, Compiled] = {}

    def first(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        """The first row, with a row object for each table (None where an outer join found none), or None."""
        return next(iter(self.all(session, **values)), None)

    def all(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Every row."""
        if not isinstance(session, PreparedSession):
            return [tuple(row) for row in cast(Any, session).execute(self._mapped, values)]
        session.flush_prepared()
        dialect, cursor = session.raw()
        if (compiled := self._compiled.get(dialect.name)) is None:
            compiled = self._compiled[dialect.name] = Compiled(self._flat, dialect)
        return [self._shaped(session, row) for row in compiled.rows(dialect, cursor, values)]

    def _shaped(self, session: "PreparedSession", values: Sequence[Any]) -> tuple[Any, ...]:
        shaped, place = [], 0
        for table, columns in zip(self._tables, self._columns, strict=True):
            if table is None:
                shaped.append(values[place])
            else:
                shaped.append(session.loaded(table, values[place : place + len(columns)]))
            place += len(columns)
        return tuple(shaped)


class Command:
    """One statement that changes something and returns columns: `build` makes it for a dialect."""

    def __init__(self, build: Callable[[Dialect], Executable]) -> None:
        self._build = build
        self._compiled: dict[str, Compiled] = {}

    def first(self, session: "PreparedSession", **values: Any) -> tuple[Any, ...] | None:
        """Run it. Out: the first row returned, or None when nothing was changed."""
        dialect, cursor = session.raw()
        if (compiled := self._compiled.get(dialect.name)) is None:
            compiled = self._compiled[dialect.name] = Compiled(self._build(dialect), dialect)
        found: tuple[Any, ...] | None = compiled.run(dialect, cursor, values).fetchone()
        return found


class Compiled:
    """A statement as one dialect's text, with what its parameters and results go through."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = cast(Any, statement).compile(dialect=dialect)
        self.text: str = str(compiled)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._positions: list[str] | None = compiled.positiontup
        self._processors = [
            (name, work)
            for name, parameter in compiled.binds.items()
            if (work := parameter.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        ]
        self._columns = list(getattr(statement, "selected_columns", ()))
        self._results: list[Processor] | None = None

    def run(self, dialect: Dialect, cursor: Any, values: Mapping[str, Any]) -> Any:
        """Execute it. Out: the cursor. Raises SQLAlchemy's errors, as a session's own statements do."""
        given = {**self._fixed, **values}
        for name, work in self._processors:
            given[name] = work(given[name])
        parameters = given if self._positions is None else [given[name] for name in self._positions]
        base = cast(Any, dialect).dbapi.Error
        try:
            return cursor.execute(self.text, parameters)
        except base as error:
            raise DBAPIError.instance(self.text, parameters, error, base, dialect=dialect) from error

    def rows(self, dialect: Dialect, cursor: Any, values: Mapping[str, Any]) -> list[list[Any]]:
        """Execute it. Out: its rows, as our column types have them."""
        found = self.run(dialect, cursor, values)
        if self._results is None:
            # Some types depend on what the driver says that the column is.
            self._results = [
                column.type.dialect_impl(dialect).result_processor(dialect, described[1])
                for column, described in zip(self._columns, found.description, strict=True)
            ]
        work = self._results
        return [
            [value if one is None else one(value) for value, one in zip(row, work, strict=True)]
            for row in found.fetchall()
        ]


class PreparedSession(Session):
    """A session whose rows of `Query`, and new rows of single tables, are written by prepared statements.

    Such rows are not in the identity map: a row read by both ways is two objects.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._fresh: list[Row] = []
        self._known: dict[int, tuple[Row, dict[str, Any]]] = {}
        self._raw: tuple[Dialect, Any] | None = None

    def raw(self) -> tuple[Dialect, Any]:
        """The dialect, and a cursor of the driver's in the session's transaction."""
        if self._raw is None:
            connection = self.connection()
            self._raw = connection.dialect, connection.connection.cursor()
        return self._raw

    def loaded(self, table: type[R], values: Sequence[Any]) -> R | None:
        """The row object of these values, in the order of the table's columns; None for a row of NULLs."""
        if values[0] is None:
            return None
        names = _names(table)
        row = class_mapper(table).class_manager.new_instance()
        original = dict(zip(names, values, strict=True))
        row.__dict__.update(original)
        self._known[id(row)] = row, original
        return row

    def add(self, instance: object, *, _warn: bool = True) -> None:
        """As ever; a new row of ours waits for the next flush, and a row of a `Query` needs no adding."""
        if id(instance) in self._known:
            return
        if isinstance(instance, Row) and instance.__dict__.get("id") is None and "id" in _names(type(instance)):
            if not any(waiting is instance for waiting in self._fresh):
                self._fresh.append(instance)
            return
        super().add(instance, _warn=_warn)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is new and what has changed."""
        self.flush_prepared()
        super().flush(objects)

    def rollback(self) -> None:
        """Forget all of it."""
        self._fresh.clear()
        self._known.clear()
        self._raw = None
        super().rollback()

    def commit(self) -> None:
        """Write what is left, and keep all of it."""
        self.flush_prepared()
        self._raw = None
        super().commit()

    def flush_prepared(self) -> None:
        """Write the rows that prepared statements take care of, in the order in which they were added."""
        fresh, self._fresh = self._fresh, []
        for row in fresh:
            self._insert(row)
        for row, original in list(self._known.values()):
            self._update(row, original)

    def _insert(self, row: Row) -> None:
        table = type(row)
        values = {name: row.__dict__.get(name) for name in _names(table) if name != "id"}
        dialect, cursor = self.raw()
        compiled = _insertion(table, dialect)
        (found,) = compiled.run(dialect, cursor, values).fetchone()
        row.__dict__["id"] = found
        self._known[id(row)] = row, {"id": found, **values}

    def _update(self, row: Row, original: dict[str, Any]) -> None:
        now = row.__dict__
        changed = tuple(name for name, before in original.items() if now.get(name) != before)
        if not changed:
            return
        dialect, cursor = self.raw()
        compiled = _change(type(row), changed, dialect)
        values = {name: now[name] for name in changed}
        compiled.run(dialect, cursor, {**values, "this_id": original["id"]})
        original.update(values)


def fresh(table: type[R], **values: Any) -> R:
    """A new row with its table's defaults, at a tenth of what the class's own constructor takes."""
    row = class_mapper(table).class_manager.new_instance()
    fixed, made = _defaults(table)
    row.__dict__.update(fixed)
    row.__dict__.update({name: make() for name, make in made.items() if name not in values})
    row.__dict__.update(values)
    return row


@lru_cache(maxsize=64)
def _defaults(table: type[Row]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """Defaults that are values, and those that are made anew for each row."""
    fields = table.model_fields.items()
    made = {name: cast(Callable[[], Any], field.default_factory) for name, field in fields if field.default_factory}
    fixed = {name: field.default for name, field in fields if name not in made and not field.is_required()}
    return fixed, made


def _columns(table: type[Row]) -> list[Any]:
    return [getattr(table, name) for name in _names(table)]


@lru_cache(maxsize=64)
def _names(table: type[Row]) -> tuple[str, ...]:
    return tuple(column.key for column in class_mapper(table).column_attrs)


@lru_cache(maxsize=64)
def _insertion(table: type[Row], dialect: Dialect) -> Compiled:
    mapped: Any = table
    values = {name: bindparam(name, type_=mapped.__table__.c[name].type) for name in _names(table) if name != "id"}
    return Compiled(insert(mapped.__table__).values(values).returning(mapped.__table__.c.id), dialect)


@lru_cache(maxsize=256)
def _change(table: type[Row], names: tuple[str, ...], dialect: Dialect) -> Compiled:
    columns = cast(Any, table).__table__.c
    values = {name: bindparam(name, type_=columns[name].type) for name in names}
    return Compiled(update(table).where(columns.id == bindparam("this_id")).values(values), dialect)
