"""What a column of a sample is: type, kind, code list, whether it is always there, whether it names a row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import duckdb
import pyarrow as pa

from xianjie.contract import codes, id_number, typing_sql
from xianjie.contract.catalogue import read_contracts
from xianjie.contract.model import Field, FieldKind, FieldType

_SURE = 0.95  # this share of a column's values must be of a type
_LIKELY = 0.8  # this share is enough for what people mistype: ID numbers, telephones, names
_FEW_CODES = 20
_CODE_ROWS = 5  # a text that fewer rows have may be somebody's; it is not quoted
_MOST_KEYS = 3
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文韩冶祁"
)
_PERSON = rf"[{_SURNAMES}][\x{{4e00}}-\x{{9fa5}}·]{{1,3}}"
_SHAPES = {
    FieldKind.PHONE: r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}",
    FieldKind.BANK_ACCOUNT: r"\d{16}|\d{19}|62\d{15,17}",
    FieldKind.REGISTER_NO: r"[GJL]\d{17}[\dXx]",
}
_LABELS = {
    FieldKind.NAME: r"姓名|负责人|联系人|责任人|户主$|监护人$|经办人|干部",
    FieldKind.ADDRESS: r"住址|地址|住所",
    FieldKind.PHONE: r"电话|手机|联系方式",
    FieldKind.BANK_ACCOUNT: r"银行|账号|卡号",
    FieldKind.ID_NUMBER: r"身份证|证件号",
}
_LEVELS = {
    FieldKind.ID_NUMBER: "L4",
    FieldKind.BANK_ACCOUNT: "L4",
    FieldKind.REGISTER_NO: "L4",
    FieldKind.PHONE: "L3",
    FieldKind.NAME: "L3",
    FieldKind.ADDRESS: "L3",
}
_TYPES = (FieldType.BOOLEAN, FieldType.MONTH, FieldType.DATE, FieldType.INTEGER, FieldType.DECIMAL)
_ID_LABEL = re.compile(r"编号|号码|号$|代码|^id$|_no$|_id$", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column as drafted; `values` are the codes of a list nobody has yet, each with its number of rows."""

    field: Field
    is_key: bool = False
    is_known: bool = False
    distinct: int = 0
    values: tuple[tuple[str, int], ...] = ()
    has_few_values: bool = False


def columns(header: Sequence[str], rows: pa.Table, include_dir: Path, on: dt.date) -> tuple[Column, ...]:
    """Every column of a sample (`rows` has columns ``c0`` …); the key is the smallest set that names a row."""
    known = _known(include_dir)
    with duckdb.connect() as connection:
        connection.register("sample", rows)
        found = [
            _column(_Seen(connection, f"c{place}", include_dir, on), place, label, known)
            for place, label in enumerate(header)
        ]
        key = _key(connection, found, rows.num_rows)
    named = _named_once(found)
    return tuple(replace(column, is_key=place in key) for place, column in enumerate(named))


def _column(seen: _Seen, place: int, label: str, known: dict[str, Field]) -> Column:
    if _is_somebodys(label, seen):
        label = f"第{place + 1}列"  # a file without a header line has a row of data where names should be
    name = label if re.fullmatch(r"[a-z][a-z0-9_]*", label) else f"field_{place + 1:02d}"
    alike = known.get(label)
    if alike is not None and seen.fits(alike):
        field = alike.model_copy(update={"aliases": (), "fix": "", "description": "", "required": seen.is_full})
        return Column(field, is_known=True, distinct=seen.distinct)
    kind = seen.kind(label)
    code_list = seen.code_list() if kind is FieldKind.PLAIN else None
    kind_of_value = FieldType.STRING if kind is not FieldKind.PLAIN or code_list else seen.type()
    is_coded = code_list is None and kind is FieldKind.PLAIN and seen.has_few_values
    is_text = kind_of_value is FieldType.STRING
    precision, scale = seen.precision() if kind_of_value is FieldType.DECIMAL else (None, None)
    field = Field(
        name=name,
        label=label,
        type=kind_of_value,
        required=seen.is_full,
        max_length=_round(seen.longest) if is_text else None,
        precision=precision,
        scale=scale,
        code_list=code_list,
        pi_level=_LEVELS.get(kind, "L2"),
        kind=kind,
    )
    values = seen.values() if is_coded and is_text else ()
    return Column(field, False, False, seen.distinct, values, is_coded and is_text)


class _Seen:
    """Questions about one column of the sample; shares are of the values that are there."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, column: str, include_dir: Path, on: dt.date
    ) -> None:
        self._connection, self._column, self._include_dir, self._on = connection, column, include_dir, on
        self._text = typing_sql.clean(column)
        counted = connection.execute(
            f"select count(*), count({self._text}), count(distinct {self._text}), "
            f"coalesce(max(length({self._text})), 0) from sample"
        ).fetchone()
        numbers: tuple[int, int, int, int] = counted or (0, 0, 0, 0)
        self.rows, self.filled, self.distinct, self.longest = numbers

    @property
    def is_full(self) -> bool:
        """Whether every row has a value."""
        return 0 < self.rows == self.filled

    @property
    def has_few_values(self) -> bool:
        """Whether so few different texts come so often that they must be codes."""
        return 0 < self.distinct <= _FEW_CODES and self.filled >= 5 * self.distinct

    @property
    def has_names(self) -> bool:
        """Whether most values read like people's names."""
        return self.share(f"regexp_full_match(t, '{_PERSON}')") >= _LIKELY

    def share(self, condition: str) -> float:
        """The share of values for which a condition over the cleaned text ``t`` holds."""
        query = (
            f"select count(*) filter (where {condition}) from "
            f"(select {self._text} as t, {self._column} as raw from sample) where t is not null"
        )
        row = self._connection.execute(query).fetchone()
        return float(row[0]) / self.filled if row and self.filled else 0.0

    def fits(self, field: Field) -> bool:
        """Whether the values are what a field of another contract is."""
        if not self.filled:
            return True
        typed = typing_sql.typed(field, "raw", self._on, self._include_dir)
        if field.kind is FieldKind.ID_NUMBER:
            return self._is_id(_LIKELY)
        return self.share(f"({typed}) is not null") >= _LIKELY

    def kind(self, label: str) -> FieldKind:
        """By content; by the label where content cannot tell."""
        if self._is_id(0.5 if _says(label, FieldKind.ID_NUMBER) else _LIKELY):
            return FieldKind.ID_NUMBER
        for kind, shape in _SHAPES.items():
            if self.filled and self.share(f"regexp_full_match(t, '{shape}')") >= _LIKELY:
                return kind
        if self.has_names and (self.distinct > _FEW_CODES or _says(label, FieldKind.NAME)):
            return FieldKind.NAME
        said = (kind for kind in _LABELS if kind is not FieldKind.ID_NUMBER and _says(label, kind))
        return next(said, FieldKind.PLAIN)

    def code_list(self) -> str | None:
        """The code list whose spellings cover the values best, if one covers nearly all of them."""
        if not self.filled or self.distinct > 4 * _FEW_CODES:
            return self._division()
        query = f"select distinct {self._text} as t from sample where {self._text} is not null"
        texts = {text for (text,) in self._connection.execute(query).fetchall()}
        scored = []
        for name in sorted(codes.list_names(self._include_dir) - {codes.DIVISION}):
            spelt = set(codes.spellings(name, self._on, self._include_dir))
            if texts <= spelt and any(not text.isdigit() for text in texts):
                scored.append((len(texts) / len(spelt), name))
        return max(scored, default=(0.0, None))[1]

    def _division(self) -> str | None:
        shape = self.share("regexp_full_match(t, '[1-8][0-9]{11}') and substr(t, 1, 2) between '11' and '82'")
        return codes.DIVISION if shape >= _SURE and self.distinct * 2 < self.rows else None

    def type(self) -> FieldType:
        """The narrowest type that nearly every value is of; text with leading zeros stays text."""
        if not self.filled or self.share("regexp_full_match(t, '0[0-9]+')") > 0:
            return FieldType.STRING
        for each in _TYPES:
            field = Field(name="x", label="x", type=each, precision=18, scale=4)
            typed = typing_sql.typed(field, "raw", self._on, self._include_dir)
            if self.share(f"({typed}) is not null") >= _SURE and self._may_be(each):
                return each
        return FieldType.STRING

    def _may_be(self, each: FieldType) -> bool:
        """Figures that could be several things: what they look like decides."""
        if each is FieldType.BOOLEAN:
            return self.share("t in ('是', '否', '有', '无', 'true', 'false')") >= _SURE
        if each is FieldType.MONTH:
            shape = r"(19|20)\d{2}[-/.年]?(0?[1-9]|1[0-2])月?"
            return self.share(f"regexp_full_match(t, '{shape}')") >= _SURE
        if each is FieldType.DATE:
            return self.share(r"regexp_full_match(t, '\d{5}(\.\d+)?')") < _SURE
        return self.longest <= 18

    def precision(self) -> tuple[int, int]:
        """Digits and decimals of a number, with room above."""
        query = (
            rf"select coalesce(max(length(regexp_extract(t, '\.(\d+)$', 1))), 0) from "
            f"(select {self._text} as t from sample)"
        )
        row = self._connection.execute(query).fetchone()
        return 12, max(2, min(int(row[0]) if row else 2, 6))

    def values(self) -> tuple[tuple[str, int], ...]:
        """Codes in use with their rows: short texts of many rows that hold no long number."""
        query = (
            f"select t, count(*) as n from (select {self._text} as t from sample) where t is not null "
            f"group by t having n >= {_CODE_ROWS} and length(t) <= 12 and not regexp_matches(t, '[0-9]{{6}}') "
            f"and not regexp_full_match(t, '{_PERSON}') "
            "order by n desc, t"
        )
        return tuple(self._connection.execute(query).fetchall())

    def _is_id(self, enough: float) -> bool:
        valid = id_number.valid_sql("raw", self._on, allow_fixture=True)
        return bool(self.filled) and self.share(f"({valid}) is not null") >= enough


def _key(connection: duckdb.DuckDBPyConnection, found: Sequence[Column], rows: int) -> tuple[int, ...]:
    """Places of the smallest set of always filled columns that names each row; numbers before words."""
    full = [place for place, column in enumerate(found) if column.field.required]
    full.sort(key=lambda place: (not _is_number(found[place].field), place))
    candidates = full[:8]
    for size in range(1, _MOST_KEYS + 1):
        for places in combinations(candidates, size):
            names = ", ".join(f"c{place}" for place in places)
            row = connection.execute(f"select count(*) from (select distinct {names} from sample)").fetchone()
            if row and row[0] == rows > 0:
                return places
    return tuple(candidates[:1] or [0])


def _is_number(field: Field) -> bool:
    return field.kind is FieldKind.ID_NUMBER or bool(_ID_LABEL.search(field.label))


def _named_once(found: Sequence[Column]) -> Iterator[Column]:
    taken: set[str] = set()
    for place, column in enumerate(found, start=1):
        name = column.field.name if column.field.name not in taken else f"field_{place:02d}"
        taken.add(name)
        yield replace(column, field=column.field.model_copy(update={"name": name}))


def _is_somebodys(label: str, seen: _Seen) -> bool:
    """Whether a heading is a value: a long number, or a name above a column of names."""
    if re.search(r"\d{6}|\d{17}[\dXx]", label):
        return True
    is_name = re.fullmatch(_PERSON.replace(r"\x{4e00}-\x{9fa5}", "\u4e00-\u9fa5"), label)
    return bool(is_name) and seen.has_names


def _known(include_dir: Path) -> dict[str, Field]:
    """Fields of the contracts there are, by label and alias: a word that has a name already keeps it."""
    contracts, _ = read_contracts(include_dir)
    found: dict[str, Field] = {}
    for contract in contracts:
        for field in contract.fields:
            for label in (field.label, *field.aliases):
                found.setdefault(label, field.model_copy(update={"label": label}))
    return found


def _says(label: str, kind: FieldKind) -> bool:
    return bool(re.search(_LABELS[kind], label)) if kind in _LABELS else False


def _round(longest: int) -> int:
    """A length with room: the next of 10, 20, 50, 100, 200, 500, 1000."""
    return next((size for size in (10, 20, 50, 100, 200, 500, 1000) if longest <= size), 4000)
