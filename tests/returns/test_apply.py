"""What becomes of answered rows: in the warehouse, in the ledger, of the items, and what the clerk is told."""

from __future__ import annotations

import uuid

import pyarrow.parquet as pq
from returns_helpers import (
    DAYS,
    EARLY,
    Office,
    answer,
    assert_reconciled,
    balance,
    ends,
    id_number,
    items,
    land,
    night,
    open_ids,
    post,
    posts,
    query,
)  # fmt: skip

from xianjie import landing
from xianjie.contract.catalogue import catalogue

GOOD, MONTHS = "2027-06-30", "employment.work_monthly"


def test_a_corrected_row_is_taken_in_and_its_item_closed(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    (row,) = open_ids()
    (done,) = office.outcomes(1, answer(row, contract_end_date=GOOD))
    assert (done.result, done.problems, done.sheet, done.line) == ("accepted", (), "公益性岗位", 5)
    assert items() == [("accepted", 0, 1)]
    assert ends()["G00007"] == [GOOD]
    assert balance(1) == [(1, 0, 1, 0, 1)]
    assert_reconciled(0, 1)


def test_the_correction_can_be_traced(office: Office) -> None:
    first = night(0, posts({7: {"contract_end_date": EARLY}}))
    office.apply(1, answer(open_ids()[0], contract_end_date=GOOD, line=9))
    ((delivery_id, row, fields, line, original, source_row),) = query(
        "select delivery_id, source_row, fields, line, original_delivery_id, original_row from quality.correction"
        " where county_code = :county"
    )
    assert (row, fields, line, original, source_row) == (1, ["contract_end_date"], 9, first.delivery_id, 7)
    delivery = landing.load(delivery_id)
    assert (delivery.origin, delivery.mode, [f.name for f in delivery.files]) == (
        "returns", "delta", ["退回数据-1.xlsx"],
    )  # fmt: skip
    assert query("select delivery_id from facts.employment_public_posts where post_no = 'G00007'"
                 " and county_code = :county") == [(delivery_id,)]  # fmt: skip


def test_a_wrong_answer_goes_back_with_its_age(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    (first,) = open_ids()
    (done,) = office.outcomes(1, answer(first, contract_end_date="2025-03-03"))
    assert (done.result, [p.field for p in done.problems]) == ("still_wrong", ["在岗开始日期、合同到期日"])
    assert items() == [("replaced", 0, 1), ("open", 1, None)]
    found = query(
        "select origin_row_id, first_opened_on, tries from quality.item where county_code = :county"
        " and closed_on is null"
    )
    assert found == [(first, DAYS[0], 1)]
    assert balance(1) == [(1, 0, 0, 1, 0)]
    assert_reconciled(0, 1)
    # The older workbook, filled in anew, still finds it.
    assert office.apply(2, answer(first, contract_end_date=GOOD)) == ["accepted"]
    assert [state for state, _, _ in items()] == ["replaced", "accepted"]
    assert ends()["G00007"] == [GOOD]


def test_an_answer_that_changes_nothing_leaves_the_item_open(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    (row,) = open_ids()
    assert office.apply(1, answer(row)) == ["still_wrong"]
    assert open_ids() == [row]
    assert balance(1) == [(1, 0, 0, 1, 0)]


def test_the_same_file_again_does_nothing(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}, 8: {"contract_end_date": EARLY}}))
    one, two = open_ids()
    answers = (answer(one, contract_end_date=GOOD), answer(two, contract_end_date="2025-09-09", line=6))
    assert office.apply(1, *answers, file="x.xlsx") == ["accepted", "still_wrong"]
    before = everything()
    assert office.apply(2, *answers, file="x.xlsx") == ["already_closed", "still_wrong"]
    assert everything() == before


def test_the_same_workbook_with_more_answers_is_taken_on(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}, 8: {"contract_end_date": EARLY}}))
    one, two = open_ids()
    assert office.apply(1, answer(one, contract_end_date=GOOD)) == ["accepted"]
    more = (answer(one, contract_end_date=GOOD), answer(two, contract_end_date=GOOD, line=6))
    assert office.apply(1, *more) == ["already_closed", "accepted"]
    assert balance(1) == [(1, 0, 1, 0, 1)] * 2


def test_answers_that_are_not_to_be_taken(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}, 8: {"contract_end_date": EARLY}}))
    one, two = open_ids()
    night(1, posts({8: {"contract_end_date": EARLY}}))
    answers = (
        answer(one, contract_end_date=GOOD), answer(uuid.uuid4(), contract_end_date=GOOD),
        answer(two, contract_end_date="2025-01-01"), answer(two, contract_end_date=GOOD, line=6),
    )  # fmt: skip
    assert office.apply(2, *answers) == ["superseded", "unknown_row", "superseded", "accepted"]
    assert office.apply(2, answer(two, contract_end_date=GOOD), department="housing") == ["not_yours"]


def test_a_row_struck_out_is_void_and_leaves_the_warehouse(office: Office) -> None:
    night(0, posts())
    night(1, posts({7: {"contract_end_date": EARLY}}))
    assert ends()["G00007"] == ["2027-01-04"]
    assert office.apply(2, answer(open_ids()[0], "void")) == ["void"]
    assert items() == [("void", 1, 2)]
    assert "G00007" not in ends()
    assert "G00007" in ends(1)
    assert balance(2) == [(1, 0, 1, 0, 1)]
    assert_reconciled(0, 1, 2)
    night(3, posts({7: {"contract_end_date": EARLY}}))
    assert items() == [("void", 1, 2), ("open", 3, None)]
    assert query("select is_recurring from quality.item where county_code = :county and closed_on is null") == [(True,)]
    assert_reconciled(3)


def test_true_as_it_is_lifts_the_rule_until_a_day(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    (row,) = open_ids()
    assert office.apply(1, answer(row, "waive", reason="不说")) == ["still_wrong"]
    assert office.apply(1, answer(row, "waive", reason="补签合同，属实")) == ["waived"]
    assert items() == [("waived", 0, 1)]
    assert ends()["G00007"] == [EARLY]
    rules, valid_from = query("select rule_ids, valid_from from quality.waiver where county_code = :county")[0]
    assert (rules, valid_from) == (["EMP-02.contract_before_start"], DAYS[1])
    night(2, posts({7: {"contract_end_date": "2025-02-02"}}))  # other content, the same rule
    assert ends()["G00007"] == ["2025-02-02"]
    assert items() == [("waived", 0, 1)]
    assert_reconciled(0, 1, 2)


def test_a_value_that_cannot_be_read_cannot_be_waived(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": "年底"}}))
    (done,) = office.outcomes(1, answer(open_ids()[0], "waive", reason="合同就是这样写的"))
    assert done.result == "still_wrong"
    assert "情况属实" in done.problems[0].title
    assert balance(1) == []


def test_the_old_error_again_opens_a_recurring_item_and_the_correction_stays(office: Office) -> None:
    old = posts({7: {"contract_end_date": EARLY}})
    night(0, old)
    office.apply(1, answer(open_ids()[0], contract_end_date=GOOD))
    night(1, old)
    assert ends()["G00007"] == [GOOD]
    assert items() == [("accepted", 0, 1), ("open", 1, None)]
    found = query(
        "select i.is_recurring, array_agg(f.rule_id order by f.rule_id) from quality.item as i"
        " join quality.finding as f using (county_code, row_id)"
        " where i.county_code = :county and i.closed_on is null group by 1"
    )
    assert found == [(True, ["EMP-02.contract_before_start", "EMP-02.row.recurring"])]
    night(2, old)
    assert len(open_ids()) == 1
    assert_reconciled(0, 1, 2)
    night(3, posts({7: {"contract_end_date": GOOD}}))
    assert [state for state, _, _ in items()] == ["accepted", "superseded"]
    assert_reconciled(3)


def test_what_only_had_a_warning_recurs_all_the_same(office: Office) -> None:
    old = posts({7: {"ended_date": "2026-05-01", "subsidy_paid_yuan": "500"}})
    night(0, old)
    (row,) = open_ids(kind="warned")
    assert office.apply(1, answer(row, subsidy_paid_yuan="0")) == ["accepted"]
    assert items("warned") == [("accepted", 0, 1)]
    night(2, old)
    assert items() == [("open", 2, None)]
    paid = (
        "select subsidy_paid_yuan from facts.employment_public_posts"
        " where county_code = :county and post_no = 'G00007'"
    )
    assert query(paid) == [(0,)]
    assert_reconciled(0, 1, 2)
    # The office says that what its system holds was right after all.
    assert office.apply(3, answer(open_ids()[0], "waive", reason="补发上月补贴")) == ["waived"]
    assert query(paid) == [(500,)]
    night(4, old)
    assert open_ids() == []
    assert_reconciled(3, 4)


def test_a_corrected_key_is_another_record_and_is_not_ended_as_absent(office: Office) -> None:
    wrong = id_number(7)[:-1] + ("0" if id_number(7)[-1] != "0" else "1")
    old = posts({7: {"id_number": wrong}})
    night(0, old)
    assert "G00007" not in ends()
    assert office.apply(1, answer(open_ids()[0], id_number=id_number(7))) == ["accepted"]
    assert ends()["G00007"] == ["2027-01-04"]
    assert balance(1) == [(2, 0, 2, 0, 2)]
    for day in (2, 3):
        night(day, old)
        assert ends()["G00007"] == ["2027-01-04"]
    assert items() == [("accepted", 0, 1), ("open", 2, None)]
    assert_reconciled(0, 1, 2, 3)
    night(4, posts(without=[7]))
    assert "G00007" not in ends()
    assert_reconciled(4)


def test_a_corrected_key_that_is_wrong_again_changes_nothing(office: Office) -> None:
    wrong = id_number(7)[:-1] + ("0" if id_number(7)[-1] != "0" else "1")
    night(0, posts({7: {"id_number": wrong}}))
    (row,) = open_ids()
    (done,) = office.outcomes(1, answer(row, id_number="12345"))
    assert (done.result, done.problems[0].field) == ("still_wrong", "身份证号")
    (done,) = office.outcomes(1, answer(row, id_number=id_number(8), post_no="G00008"))
    assert (done.result, done.problems[0].title) == ("still_wrong", "主键与另一条已有记录相同")
    assert open_ids() == [row]
    assert balance(1) == []


def test_a_reason_is_kept_without_the_person_it_speaks_of(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    reason = f"杨秀7（{id_number(7)}，13812345678）补签合同，属实"
    assert office.apply(1, answer(open_ids()[0], "waive", reason=reason)) == ["waived"]
    ((kept,),) = query("select reason from quality.waiver where county_code = :county")
    assert "补签合同" in kept
    assert not any(value in kept for value in ("杨秀7", id_number(7), "13812345678"))


def month(n: int, **changes: str | None) -> dict[str, str | None]:
    row = {"id_number": id_number(n), "month": "202608", "name": f"杨秀{n}", "status": "employed"}
    return row | {"wage_yuan": "3000"} | changes


def test_a_change_that_came_without_its_key_is_news_of_the_record_it_belongs_to(office: Office) -> None:
    def wages() -> set[tuple[object, ...]]:
        return set(query("select wage_yuan::int from facts.employment_work_monthly where county_code = :county"))

    night(0, [month(n) for n in range(1, 41)], MONTHS, mode="delta")
    without_id = [month(7, id_number=None, wage_yuan="4100"), month(8, id_number=None, wage_yuan="5200")]
    night(1, without_id, MONTHS, mode="delta")
    seventh, eighth = open_ids(MONTHS)
    (done,) = office.outcomes(2, answer(eighth, contract_id=MONTHS, id_number=id_number(9)))
    assert (done.result, done.problems[0].title) == ("still_wrong", "主键与另一条已有记录相同")
    assert wages() == {(3000,)}
    assert office.apply(2, answer(seventh, contract_id=MONTHS, id_number=id_number(7))) == ["accepted"]
    assert wages() == {(3000,), (4100,)}
    assert open_ids(MONTHS) == [eighth]
    assert_reconciled(0, 1, 2)


def test_a_record_delivered_before_names_were_is_nobody_to_compare_with(office: Office) -> None:
    first = night(0, [month(n) for n in range(1, 41)], MONTHS, mode="delta")
    old = pq.read_table(first.data_path)
    pq.write_table(old.drop_columns(["name"]), first.data_path)
    night(1, [month(7, id_number=None, wage_yuan="4100")], MONTHS, mode="delta")
    (row,) = open_ids(MONTHS)
    (done,) = office.outcomes(2, answer(row, contract_id=MONTHS, id_number=id_number(7)))
    assert (done.result, done.problems[0].title) == ("still_wrong", "主键与另一条已有记录相同")


def test_of_two_rows_of_one_record_the_one_not_struck_out_stays(office: Office) -> None:
    twice = [*posts(), post(7, contract_end_date=GOOD)]
    night(0, twice)
    one, _other = open_ids()
    assert office.apply(1, answer(one, "void")) == ["void"]
    assert [state for state, _, _ in items()] == ["superseded", "void"]
    assert ends()["G00007"] == [GOOD]
    assert_reconciled(0, 1)


def test_a_repeat_struck_out_leaves_the_row_once(office: Office) -> None:
    night(0, [*posts(), post(7)])
    assert ends()["G00007"] == ["2027-01-04"]
    assert office.apply(1, answer(open_ids()[0], "void")) == ["void"]
    assert ends()["G00007"] == ["2027-01-04"]
    assert_reconciled(0, 1)
    night(2, [*posts(), post(7)])
    assert query("select is_recurring from quality.item where county_code = :county and closed_on is null") == [(True,)]
    assert ends()["G00007"] == ["2027-01-04"]
    assert_reconciled(2)


def test_a_held_night_and_a_late_one_keep_their_places(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    office.apply(2, answer(open_ids()[0], contract_end_date=GOOD))
    night(1, posts({7: {"contract_end_date": EARLY}, 8: {"contract_end_date": "2028-01-01"}}))
    assert (ends()["G00007"], ends(1).get("G00007"), ends()["G00008"]) == ([GOOD], None, ["2028-01-01"])
    assert_reconciled(0, 1, 2)


def test_an_answer_never_concludes_a_night_nor_enters_its_history(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    office.apply(1, answer(open_ids()[0], contract_end_date=GOOD))
    from xianjie import validation

    concluded = validation.conclude("employment", DAYS[1], settings_county())
    assert {each.outcome for each in concluded} == {"absent"}
    assert validation.ledger(DAYS[1], settings_county()) == []
    contract = catalogue().get("employment.public_posts")
    again = land(contract, posts({8: {"contract_end_date": "2028-01-01"}}), DAYS[1], mode="full")
    assert validation.check(contract, again.delivery_id).decision == "accept"


def settings_county() -> str:
    from returns_helpers import county

    return county()


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All that an answer can change, without the moments of writing."""
    found = {
        table: sorted(query(f"select t::text from {table} as t where county_code = :county"))
        for table in (
            "quality.quarantined_row", "quality.warned_row", "quality.finding", "quality.waiver",
            "quality.correction", "changes.employment_public_posts", "history.employment_public_posts",
        )
    }  # fmt: skip
    ledger = "select delivery_id, landed, accepted, merged from ops.ledger where county_code = :county"
    return found | {"ledger": sorted(query(ledger))}
