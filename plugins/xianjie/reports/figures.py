"""The figures: indicators, the tree they belong to, and what every word and number means."""

from __future__ import annotations

from collections.abc import Iterator

from xianjie.reports.book import Book, Column, Styled
from xianjie.reports.model import Content, Indicator, Node
from xianjie.reports.rows import Value
from xianjie.reports.words import Words


def write_indicators(book: Book, content: Content, w: Words) -> None:
    """Each indicator with its value, light, change since the last night, and what it lacks."""
    label = w.labels("indicators")
    columns = [
        Column(label["code"], 11, "center"),
        Column(label["title"], 34, "wrap"),
        Column(label["value"], 13, "number"),
        Column(label["unit"], 7, "center"),
        Column(label["light"], 9, "center"),
        Column(label["target"], 18, "wrap"),
        Column(label["previous"], 13, "number"),
        Column(label["change"], 11, "signed"),
        Column(label["numerator"], 13, "number"),
        Column(label["denominator"], 13, "number"),
        Column(label["lead"], 20, "wrap"),
        Column(label["nodes"], 16, "wrap"),
        Column(label["note"], 36, "wrap"),
    ]
    rows = [_indicator_row(indicator, content, w) for indicator in content.indicators]
    book.list_sheet(
        w("sheet.indicators"),
        w("sheet.indicators"),
        [w("about.indicators")],
        columns,
        rows,
        freeze=2,
        colour="375623",
        empty=w("no_rows"),
    )


def _indicator_row(i: Indicator, content: Content, w: Words) -> list[Value | Styled]:
    style = value_style(i)
    return [
        i.code,
        i.title,
        Styled(i.value, style),
        unit(i, w),
        Styled(w(f"light.{i.light}"), i.light),
        i.target,
        Styled(i.previous, style),
        i.change,
        _whole(i.numerator),
        _whole(i.denominator),
        content.night.title_of(i.lead_department),
        w.names(i.nodes),
        i.note,
    ]


def value_style(indicator: Indicator) -> str:
    """Counts as whole numbers, everything else with two decimals."""
    return "int" if indicator.is_whole else "number"


def _whole(value: float | None) -> Styled:
    return Styled(value, "int" if value is not None and float(value).is_integer() else "number")


def unit(indicator: Indicator, w: Words) -> str:
    """The unit in words."""
    return w.either(f"units.{indicator.unit}", indicator.unit)


def write_tree(book: Book, content: Content, w: Words) -> None:
    """The nodes of 1+7+5+N with lead units and lights."""
    label = w.labels("tree")
    columns = [
        Column(label["node"], 8, "center"),
        Column(label["layer"], 14, "center"),
        Column(label["title"], 48, "wrap"),
        Column(label["lead"], 26, "wrap"),
        Column(label["support"], 26, "wrap"),
        Column(label["light"], 10, "center"),
        Column(label["indicators"], 52, "wrap"),
        Column(label["status"], 18, "center"),
    ]
    titles = {indicator.code: indicator.title for indicator in content.night.indicators}
    rows = [_node_row(node, titles, content, w) for node in content.tree]
    book.list_sheet(
        w("sheet.tree"),
        w("sheet.tree"),
        [w("about.tree")],
        columns,
        rows,
        freeze=1,
        colour="375623",
        empty=w("no_rows"),
    )


def _node_row(node: Node, titles: dict[str, str], content: Content, w: Words) -> list[Value | Styled]:
    named = [f"{code} {titles.get(code, '')}".strip() for code in node.indicators]
    return [
        node.node_id,
        w(f"layer.{node.layer}"),
        node.title,
        content.night.title_of(node.lead),
        w.names([content.night.title_of(code) for code in node.support]) if node.support else "",
        Styled(w(f"light.{node.light}"), node.light),
        "\n".join(named),
        "" if node.is_confirmed else Styled(w("unconfirmed"), "yellow"),
    ]


def write_definitions(book: Book, content: Content, w: Words) -> None:
    """Terms, colours, rules (with those not evaluated tonight), indicators, mechanisms to be confirmed."""
    columns = [
        Column(w("definitions.item"), 40, "wrap"),
        Column(w("definitions.meaning"), 96, "wrap"),
        Column(w("definitions.status"), 20, "center"),
    ]
    rows: list[list[Value | Styled]] = []
    for title, part in (
        ("words", _glossary(w)),
        ("rules", _rules(content, w)),
        ("indicators", _indicators(content, w)),
        ("mechanisms", _mechanisms(content, w)),
    ):
        found = list(part)
        if found:
            heading = w(f"definitions.{title}")
            rows += [
                [Styled(heading, "text_bold"), Styled(None, "text_bold"), Styled(None, "text_bold")],
                *found,
            ]
    book.list_sheet(w("sheet.definitions"), w("sheet.definitions"), [w("about.definitions")], columns, rows)


def _glossary(w: Words) -> Iterator[list[Value | Styled]]:
    for term, meaning in w.get("glossary"):
        yield [term, meaning, None]


def _rules(content: Content, w: Words) -> Iterator[list[Value | Styled]]:
    looks = {"ok": "green", "partial": "orange", "blocked": "red"}
    for rule in content.rules:
        text = f"{rule.definition}\n{rule.reason}" if rule.reason else rule.definition
        yield [
            f"{rule.rule_id} {rule.title}",
            text,
            Styled(w(f"rule_status.{rule.status}"), looks[rule.status]),
        ]


def _indicators(content: Content, w: Words) -> Iterator[list[Value | Styled]]:
    for i in content.indicators:
        yield [f"{i.code} {i.title}", i.definition, confirmation(i.is_confirmed, w)]


def _mechanisms(content: Content, w: Words) -> Iterator[list[Value | Styled]]:
    for slogan in content.night.slogans:
        yield [f"{slogan.code} {slogan.title}", "；".join(slogan.slots), confirmation(slogan.is_confirmed, w)]


def confirmation(is_confirmed: bool, w: Words) -> Styled:
    """已确认 or 待县级确认."""
    return Styled(w("confirmed"), "green") if is_confirmed else Styled(w("unconfirmed"), "yellow")
