"""A table or view of a department's database: PostgreSQL, and MySQL or MariaDB.

Options: ``table`` (``schema.table`` if need be), ``columns`` (default all), ``watermark_column`` and
``lag_minutes``. Everything is cast to text by the database itself. The rows and the new watermark are read
from one snapshot; rows stamped before it and committed after it come with the next night's lag window.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from xianjie.contract.model import Contract
from xianjie.intake.connections import SourceConnection, connection_of
from xianjie.intake.connectors.database_errors import translated
from xianjie.intake.errors import SourceConfigurationError
from xianjie.intake.fetched import Fetched, Request, mode_of
from xianjie.landing import BatchTable, CsvTable, Table, batch_schema, text_batches

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
_CONNECT_SECONDS = 15
_FETCHED_ROWS = 20_000
_LAG_MINUTES = 60


def fetch(request: Request) -> Fetched:
    """The table's rows, or those stamped since the watermark less the lag.

    The rows are read into a file before the connection closes, so that landing never holds a transaction of
    theirs open.
    """
    contract = request.contract
    with _snapshot(contract, connection_of(contract)) as connection:
        query = _Query(contract, connection, request.watermark)
        newest = query.newest()
        table, rows, size = query.rows(request.folder)
    mode = mode_of(contract, is_incremental=query.since is not None)
    since = query.since.isoformat(sep=" ") if query.since else None
    return Fetched(
        tables=[table],
        mode=mode,
        bytes_read=size,
        window=(since, newest),
        watermark=newest or request.watermark,
        is_nothing_new=mode == "delta" and not rows,
    )


class _Query:
    """The statements of one pull. Identifiers come from the contract and are quoted; moments are bound."""

    def __init__(self, contract: Contract, connection: Connection, watermark: str | None) -> None:
        options = contract.source.options
        if "table" not in options:
            raise SourceConfigurationError(f"{contract.title}: 数据约定缺少取数选项 table")
        self._connection, self._contract = connection, contract
        self._quote = connection.dialect.identifier_preparer.quote
        self._table = ".".join(self._quote(part) for part in str(options["table"]).split("."))
        self._is_postgres = connection.dialect.name == "postgresql"
        stamp = options.get("watermark_column")
        self._stamp = self._quote(str(stamp)) if stamp else None
        lag = dt.timedelta(minutes=float(options.get("lag_minutes", _LAG_MINUTES)))
        self.since = _moment(contract, watermark) - lag if watermark and stamp else None

    def newest(self) -> str | None:
        """The latest stamp in the snapshot, as text: where the next pull starts, less its lag."""
        if self._stamp is None:
            return None
        found = self._connection.execute(
            text(f"select {self._as_text(f'max({self._stamp})')} from {self._table}")
        ).scalar()
        return None if found is None else str(found)

    def rows(self, folder: Path) -> tuple[Table, int, int]:
        """The rows as a table kept in `folder`, how many they are, and how many bytes."""
        columns = self._columns()
        cells = ", ".join(self._as_text(self._quote(column)) for column in columns)
        select = f"select {cells} from {self._table}"
        if self.since is not None:
            select += f" where {self._stamp} >= :since"
        name = str(self._contract.source.options["table"])
        if self._is_postgres:
            path = folder / "rows.csv"
            rows = self._copy(select, path)
            return CsvTable(name, columns, path, skip=0, first_line=1), rows, path.stat().st_size
        path = folder / "rows.arrow"
        rows = self._stream(select, path, len(columns))
        return BatchTable(name, columns, _batches(path)), rows, path.stat().st_size

    def _copy(self, select: str, path: Path) -> int:
        """PostgreSQL writes the CSV itself."""
        driver: Any = self._connection.connection.driver_connection
        bound = select.replace("%", "%%").replace(":since", "%s") if self.since else select
        with driver.cursor() as cursor, path.open("wb") as file:
            values = [self.since] if self.since else None
            with cursor.copy(f"copy ({bound}) to stdout (format csv)", values) as blocks:
                for block in blocks:
                    file.write(block)
            return int(cursor.rowcount)

    def _stream(self, select: str, path: Path, width: int) -> int:
        """Batches from a server-side cursor into an Arrow file."""
        values = {"since": self.since} if self.since else {}
        result = self._connection.execution_options(
            stream_results=True, max_row_buffer=_FETCHED_ROWS
        ).execute(text(select), values)
        rows = 0
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch_schema(width)) as writer:
            for batch in text_batches(result, width):
                rows += batch.num_rows
                writer.write_batch(batch)
        return rows

    def _columns(self) -> tuple[str, ...]:
        wanted = self._contract.source.options.get("columns")
        if wanted:
            return tuple(str(column) for column in wanted)
        return tuple(self._connection.execute(text(f"select * from {self._table} where 1 = 0")).keys())

    def _as_text(self, expression: str) -> str:
        return f"cast({expression} as {'text' if self._is_postgres else 'char'})"


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_file(file) as reader:
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


@contextmanager
def _snapshot(contract: Contract, source: SourceConnection) -> Iterator[Connection]:
    """A connection on which all statements see the same rows; drivers' errors become ours."""
    engine = create_engine(_url(contract, source), hide_parameters=True, connect_args=_arguments(source))
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection
    except DBAPIError as error:
        raise translated(contract.title, error.orig) from None
    except psycopg.Error as error:  # COPY goes past SQLAlchemy
        raise translated(contract.title, error) from None
    finally:
        engine.dispose()


def _url(contract: Contract, source: SourceConnection) -> URL:
    driver = _DRIVERS.get(source.kind)
    if driver is None:
        raise SourceConfigurationError(f"{contract.title}: 连接 {source.id} 的类型应为 postgres 或 mysql")
    return URL.create(
        driver, source.login or None, source.password or None, source.host, source.port, source.schema or None
    )


def _arguments(source: SourceConnection) -> dict[str, object]:
    """Driver arguments from the connection's extra that make sense for every installation."""
    names = (
        ("sslmode", "sslrootcert", "options")
        if source.kind.startswith("postgres")
        else ("unix_socket", "ssl")
    )
    arguments = {name: source.extra[name] for name in names if name in source.extra}
    charset = {} if source.kind.startswith("postgres") else {"charset": "utf8mb4"}
    return {"connect_timeout": _CONNECT_SECONDS, **charset, **arguments}


def _moment(contract: Contract, watermark: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(watermark)
    except ValueError:
        raise SourceConfigurationError(f"{contract.title}: 水位不是时间, 请清除后全量重取") from None
