"""Statements compiled once, and a transaction that reads and writes our rows by them: for the webhooks, where every
millisecond is a caller's.

SQLAlchemy builds, caches and maps each statement anew; on the few of a webhook that costs ten times what the database
takes. Here the same statements are compiled to SQL text once per dialect, from the tables, and run on the driver's own
connection.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Dialect, Executable, String, bindparam, insert, update
from sqlalchemy.orm import InstrumentedAttribute, class_mapper
from sqlmodel import Session, select

from voicebot.tables import Row

R = TypeVar("R", bound=Row)
Processor = Callable[[Any], Any] | None
Build = Callable[[Any], Any]
Part = type[Row] | InstrumentedAttribute[Any] | Any
Values = Mapping[str, Any]


class Transaction:
    """One transaction on the driver's own connection. What is added or changed is written at the next `flush`, rows of
    one kind together; a row read twice is two objects, and a new row never learns its id.

    Raises the driver's own errors.
    """

    def __init__(self, dialect: Dialect, connection: Any) -> None:
        self.dialect = dialect
        self.cursor = connection.cursor()
        # What was read ahead, by its `ByKey` and key.
        self.ahead: dict[tuple[ByKey, str], list[tuple[Any, ...]]] = {}
        self._fresh: list[Row] = []
        self._read: list[tuple[Row, dict[str, Any]]] = []

    def add(self, row: Row) -> None:
        """A new row, to be written. One that was read by a `Query` needs no adding: its changes are seen."""
        if row.__dict__.get("id") is None and not any(waiting is row for waiting in self._fresh):
            self._fresh.append(row)

    def flush(self) -> None:
        """Write what is new, in the order of its tables' first rows, and then what has changed."""
        fresh, self._fresh = self._fresh, []
        new: dict[type[Row], list[Values]] = defaultdict(list)
        for row in fresh:
            new[type(row)].append({name: row.__dict__.get(name) for name in _names(type(row)) if name != "id"})
        for table, rows in new.items():
            _insertion(table, self.dialect).run(self, rows)
        changed: dict[tuple[type[Row], tuple[str, ...]], list[Values]] = defaultdict(list)
        for row, original in self._read:
            now = row.__dict__
            if names := tuple(name for name, before in original.items() if now[name] != before):
                changed[type(row), names].append({"this_id": original["id"], **{name: now[name] for name in names}})
                original.update({name: now[name] for name in names})
        for (table, names), rows in changed.items():
            # In one order everywhere: two transactions that wait for each other's rows would both be lost.
            rows.sort(key=lambda values: values["this_id"])
            _change(table, names, self.dialect).run(self, rows)

    def read(self, table: type[R], values: Sequence[Any]) -> R | None:
        """The row object of these values, in the order of the table's columns; None for a row of NULLs."""
        if values[0] is None:
            return None
        original = dict(zip(_names(table), values, strict=True))
        row = _blank(table)
        row.__dict__.update(original)
        self._read.append((row, original))
        return row


AnySession = Session | Transaction


class Query:
    """One SELECT: `parts` are tables or columns, `build` adds joins, conditions and order, with `bindparam`s.

    A session runs it as it runs any statement. A transaction's own rows are seen only once they are flushed.
    """

    def __init__(self, *parts: Part, build: Build) -> None:
        self._tables = [part if isinstance(part, type) else None for part in parts]
        columns = [_columns(part) if isinstance(part, type) else [part] for part in parts]
        self._widths = [len(some) for some in columns]
        self._mapped = build(select(*parts))
        self._flat = build(select(*(column for some in columns for column in some)))
        self._compiled: dict[str, Compiled] = {}

    def first(self, session: AnySession, **values: Any) -> tuple[Any, ...] | None:
        """The first row, with a row object for each table (None where an outer join found none), or None."""
        return next(iter(self.all(session, **values)), None)

    def all(self, session: AnySession, **values: Any) -> list[tuple[Any, ...]]:
        """Every row."""
        if isinstance(session, Session):
            return [tuple(row) for row in cast(Any, session).execute(self._mapped, values)]
        compiled = _once(self._compiled, self._flat, session.dialect)
        return [self._shaped(session, row) for row in compiled.rows(session, values)]

    def _shaped(self, transaction: Transaction, values: Sequence[Any]) -> tuple[Any, ...]:
        shaped, place = [], 0
        for table, width in zip(self._tables, self._widths, strict=True):
            shaped.append(values[place] if table is None else transaction.read(table, values[place : place + width]))
            place += width
        return tuple(shaped)


class ByKey:
    """One SELECT of the rows of a key, a column of text. In a transaction those of many keys can be read at once."""

    def __init__(self, key: Any, *parts: Part, build: Build) -> None:
        self._key = key
        self._parts = parts
        self._build = build
        self._queries: dict[int, Query] = {}

    def of(self, session: AnySession, key: str) -> list[tuple[Any, ...]]:
        """The rows of this key."""
        if isinstance(session, Transaction) and (found := session.ahead.get((self, key))) is not None:
            return found
        return [row[1:] for row in self._query(1).all(session, key_0=key)]

    def read_ahead(self, transaction: Transaction, keys: Collection[str]) -> None:
        """Read the rows of these keys, for `of` to give."""
        if not keys:
            return
        # Few sizes, each a statement of its own: the rest is filled up with the last key.
        size = 1 << (len(keys) - 1).bit_length()
        padded = [*keys, *[list(keys)[-1]] * (size - len(keys))]
        rows = self._query(size).all(transaction, **{f"key_{place}": key for place, key in enumerate(padded)})
        transaction.ahead.update({(self, key): [] for key in keys})
        for key, *values in rows:
            transaction.ahead[self, key].append(tuple(values))

    def _query(self, size: int) -> Query:
        if size not in self._queries:
            keys = [bindparam(f"key_{place}", type_=String()) for place in range(size)]
            self._queries[size] = Query(
                self._key, *self._parts, build=lambda statement: self._build(statement).where(self._key.in_(keys))
            )
        return self._queries[size]


class Command:
    """One statement that changes something and returns columns. It means the same on both databases."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def first(self, session: AnySession, **values: Any) -> Sequence[Any] | None:
        """Run it at once. Out: the first row returned, or None."""
        if isinstance(session, Session):
            return cast(Sequence[Any] | None, session.connection().execute(self._statement, values).first())
        compiled = _once(self._compiled, self._statement, session.dialect)
        compiled.run(session, [values])
        return cast(Sequence[Any] | None, session.cursor.fetchone())


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
        self._results: list[tuple[int, Callable[[Any], Any]]] | None = None

    def run(self, transaction: Transaction, rows: Sequence[Values]) -> None:
        """Execute it for each of these."""
        if len(rows) == 1:
            transaction.cursor.execute(self.text, self._parameters(rows[0]))
        else:
            transaction.cursor.executemany(self.text, [self._parameters(values) for values in rows])

    def _parameters(self, values: Values) -> Any:
        given = {**self._fixed, **values}
        for name, work in self._processors:
            given[name] = work(given[name])
        return given if self._positions is None else [given[name] for name in self._positions]

    def rows(self, transaction: Transaction, values: Values) -> list[Sequence[Any]]:
        """Execute it. Out: its rows, as our column types have them."""
        self.run(transaction, [values])
        if self._results is None:
            # Some types depend on what the driver says that the column is.
            described = zip(self._columns, transaction.cursor.description, strict=True)
            dialect = transaction.dialect
            work = [column.type.dialect_impl(dialect).result_processor(dialect, one[1]) for column, one in described]
            self._results = [(place, one) for place, one in enumerate(work) if one is not None]
        return [self._processed(row) for row in transaction.cursor.fetchall()]

    def _processed(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, work in self._results or ():
            values[place] = work(values[place])
        return values


def fresh(table: type[R], **values: Any) -> R:
    """A new row with its table's defaults, at a tenth of what the class's own constructor takes."""
    row = _blank(table)
    fixed, made = _defaults(table)
    row.__dict__.update(fixed)
    row.__dict__.update({name: make() for name, make in made.items() if name not in values})
    row.__dict__.update(values)
    return row


def _blank(table: type[R]) -> R:
    return class_mapper(table).class_manager.new_instance()


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


def _once(compiled: dict[str, Compiled], statement: Executable, dialect: Dialect) -> Compiled:
    if (found := compiled.get(dialect.name)) is None:
        found = compiled[dialect.name] = Compiled(statement, dialect)
    return found


@lru_cache(maxsize=64)
def _insertion(table: type[Row], dialect: Dialect) -> Compiled:
    mapped: Any = table
    values = {name: bindparam(name, type_=mapped.__table__.c[name].type) for name in _names(table) if name != "id"}
    return Compiled(insert(mapped.__table__).values(values), dialect)


@lru_cache(maxsize=256)
def _change(table: type[Row], names: tuple[str, ...], dialect: Dialect) -> Compiled:
    columns = cast(Any, table).__table__.c
    values = {name: bindparam(name, type_=columns[name].type) for name in names}
    return Compiled(update(table).where(columns.id == bindparam("this_id")).values(values), dialect)
