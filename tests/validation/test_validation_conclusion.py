"""Every dataset's night concludes, whatever came of it; a person settles what is held."""

from __future__ import annotations

import datetime as dt
import uuid
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text

from xianjie.contract.cadence import Cadence
from xianjie.contract.catalogue import Catalogue
from xianjie.database.engine import transaction
from xianjie.validation import CheckError, DecisionError, check, check_department, conclude, decide, is_due

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("clean_slate")


@pytest.fixture(autouse=True)
def only_posts(county: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A catalogue with two datasets of one department."""
    second = county.POSTS.model_copy(
        update={"id": "employment.test_other", "dataset": "test_other", "title": "另一个"}
    )
    known = Catalogue([county.POSTS, second])
    import sys

    for module in ("xianjie.validation.verdict", "xianjie.validation.conclusion"):
        monkeypatch.setattr(sys.modules[module], "catalogue", lambda: known)
    return second


def receipt(
    county: ModuleType,
    outcome: str,
    dataset: str = "test_posts",
    reason: str = "口令错误",
    day: dt.date | None = None,
) -> None:
    with transaction() as connection:
        connection.execute(
            text(
                "insert into ops.receipt (receipt_id, county_code, department, dataset, business_date, "
                "outcome, error_code, reason, started_at, finished_at) values "
                "(:id, :c, 'employment', :d, :b, :o, 'XJ-301', :r, clock_timestamp(), clock_timestamp())"
            ),
            {
                "id": uuid.uuid4(),
                "c": county.COUNTY,
                "d": dataset,
                "b": day or county.FIRST,
                "o": outcome,
                "r": reason,
            },
        )


def good(county: ModuleType, count: int, first: int = 0) -> list[Any]:
    return [county.good_row(n) for n in range(first, first + count)]


def concluded(
    county: ModuleType, day: dt.date | None = None, is_late: bool = False
) -> dict[str, tuple[str, str]]:
    found = conclude("employment", day or county.FIRST, county.COUNTY, is_late)
    return {each.dataset: (each.outcome, each.reason) for each in found}


def test_nothing_came(county: ModuleType) -> None:
    assert concluded(county)["test_posts"] == ("absent", "到截止时间没有收到数据")


@pytest.mark.parametrize("outcome", ["failed", "empty", "absent"])
def test_receipts_without_a_delivery(county: ModuleType, outcome: str) -> None:
    receipt(county, outcome)
    assert concluded(county)["test_posts"] == (outcome, "口令错误")


def test_what_is_not_owed_is_not_absent(county: ModuleType, deliver: Any, only_posts: Any) -> None:
    import sys

    monthly = county.POSTS.model_copy(update={"cadence": Cadence("month", 25)})
    with pytest.MonkeyPatch.context() as patch:
        known = Catalogue([monthly])
        for module in ("xianjie.validation.verdict", "xianjie.validation.conclusion"):
            patch.setattr(sys.modules[module], "catalogue", lambda: known)
        assert concluded(county)["test_posts"][0] == "absent"  # nothing ever came
        deliver(good(county, 100), contract=monthly)
        check_department("employment", county.FIRST, county.COUNTY)
        assert concluded(county, is_late=True)["test_posts"][0] == "accepted"
        receipt(county, "absent", day=county.FIRST + DAY)
        assert concluded(county, county.FIRST + DAY) == {
            "test_posts": ("not_due", "每月 25 日前报送，下次截止 2026-09-25")
        }
        assert not is_due(monthly, dt.date(2026, 10, 24), county.COUNTY)
        assert is_due(monthly, dt.date(2026, 10, 25), county.COUNTY)
        assert concluded(county, dt.date(2026, 10, 26))["test_posts"][0] == "absent"
        deliver(good(county, 100), dt.date(2026, 10, 20), contract=monthly)
        check_department("employment", dt.date(2026, 10, 20), county.COUNTY)
        (conclusion,) = conclude("employment", dt.date(2026, 10, 20), county.COUNTY, True)
        assert (conclusion.outcome, conclusion.is_late) == ("accepted", False)
        assert concluded(county, dt.date(2026, 10, 26))["test_posts"][0] == "not_due"


def test_verdicts_conclude(county: ModuleType, deliver: Any, only_posts: Any) -> None:
    deliver(good(county, 100))
    deliver(good(county, 3), contract=only_posts)
    verdicts = check_department("employment", county.FIRST, county.COUNTY)
    assert sorted(v.decision for v in verdicts) == ["accept", "refuse"]
    found = concluded(county)
    assert found["test_posts"][0] == "accepted"
    assert found["test_other"] == ("refused", "全量交付只有 3 行，少于约定的最少 5 行")


def test_an_accepted_delivery_counts_whatever_comes_after_it(county: ModuleType, deliver: Any) -> None:
    accepted = deliver(good(county, 100))
    check_department("employment", county.FIRST, county.COUNTY)
    deliver(good(county, 3))
    check_department("employment", county.FIRST, county.COUNTY)
    receipt(county, "failed")
    (posts,) = [c for c in conclude("employment", county.FIRST, county.COUNTY) if c.dataset == "test_posts"]
    assert (posts.outcome, posts.delivery_id) == ("accepted", accepted.delivery_id)
    assert "之后的一次交付未被采用：全量交付只有 3 行" in posts.reason
    assert "之后再次取数失败：口令错误" in posts.reason


def test_a_pull_that_was_killed_after_landing_and_ran_again_counts_once(county: ModuleType, deliver: Any) -> None:
    deliver(good(county, 100))
    again = deliver(good(county, 100))
    (verdict,) = check_department("employment", county.FIRST, county.COUNTY)
    assert (verdict.delivery_id, verdict.ledger.landed, verdict.ledger.accepted) == (again.delivery_id, 100, 100)
    (posts,) = [c for c in conclude("employment", county.FIRST, county.COUNTY) if c.dataset == "test_posts"]
    assert (posts.outcome, posts.delivery_id) == ("accepted", again.delivery_id)
    assert "之后" not in posts.reason


def test_one_failing_dataset_does_not_stop_the_other(
    county: ModuleType, deliver: Any, only_posts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    deliver(good(county, 100))
    deliver(good(county, 100), contract=only_posts)
    whole = sys.modules["xianjie.validation.verdict"].check

    def fails_for_posts(contract: Any, delivery_id: str) -> Any:
        if contract.dataset == "test_posts":
            raise ValueError("张三 639900199001010030")
        return whole(contract, delivery_id)

    monkeypatch.setattr(sys.modules["xianjie.validation.verdict"], "check", fails_for_posts)
    with pytest.raises(CheckError, match="试验岗位未能完成校验，其余 1 个数据集已裁定"):
        check_department("employment", county.FIRST, county.COUNTY)
    found = concluded(county)
    assert found["test_other"][0] == "accepted"
    assert found["test_posts"] == ("failed", "校验程序出错（ValueError）")


def test_concluding_again_keeps_the_first_moment(county: ModuleType, deliver: Any) -> None:
    query = "select outcome, is_late, concluded_at from ops.conclusion where dataset = 'test_posts'"
    concluded(county)
    before = county.rows_of(query)
    concluded(county, is_late=True)
    assert county.rows_of(query) == before
    deliver(good(county, 100))
    check_department("employment", county.FIRST, county.COUNTY)
    concluded(county, is_late=True)
    (after,) = county.rows_of(query)
    assert (after.outcome, after.is_late) == ("accepted", True)


def held(county: ModuleType, deliver: Any) -> str:
    """A delivery that dropped by 30 %, with one bad row."""
    first = deliver(good(county, 100))
    check(county.POSTS, first.delivery_id)
    county.merged(first)
    second = deliver([*good(county, 69), county.good_row(69, pay_yuan="很多")], county.FIRST + DAY)
    assert check(county.POSTS, second.delivery_id).code == "GATE-ROWS-DIP"
    assert county.rows_of("select * from quality.quarantined_row") == []
    return second.delivery_id


def test_a_person_accepts_a_held_delivery(county: ModuleType, deliver: Any) -> None:
    delivery_id = held(county, deliver)
    assert concluded(county, county.FIRST + DAY)["test_posts"][0] == "held"
    verdict = decide(delivery_id, "accept", "李科长", "岗位整合，639900199001010030 等已核实")
    assert verdict is not None
    assert verdict.decision == "accept"
    assert verdict.reason.endswith("。已由李科长确认接收：岗位整合，[ID] 等已核实")
    assert len(county.rows_of("select * from quality.quarantined_row")) == 1
    assert concluded(county, county.FIRST + DAY)["test_posts"][0] == "accepted"
    assert check(county.POSTS, delivery_id).decision == "accept"
    assert decide(delivery_id, "accept", "李科长", "再点一次") is not None
    assert len(county.rows_of("select * from quality.decision")) == 1


def test_an_approved_level_is_where_the_band_starts_anew(county: ModuleType, deliver: Any) -> None:
    decide(held(county, deliver), "accept", "李科长", "岗位整合")
    third = deliver(good(county, 68), county.FIRST + 2 * DAY)
    assert check(county.POSTS, third.delivery_id).decision == "accept"


def test_a_person_refuses_a_held_delivery(county: ModuleType, deliver: Any) -> None:
    delivery_id = held(county, deliver)
    for _ in range(2):
        assert decide(delivery_id, "refuse", "李科长", "少报一个乡") is None
    (row,) = county.rows_of("select * from ops.delivery where delivery_id = :d", d=delivery_id)
    assert (row.verdict, row.decided_by) == ("refuse", "李科长")
    assert row.verdict_reason.count("已由李科长拒收：少报一个乡") == 1
    assert check(county.POSTS, delivery_id).decision == "refuse"


def test_what_is_merged_stays_accepted(county: ModuleType, deliver: Any) -> None:
    delivery_id = held(county, deliver)
    decide(delivery_id, "accept", "李科长", "岗位整合")
    with transaction() as connection:
        connection.execute(text("delete from quality.decision"))
        connection.execute(
            text("update ops.delivery set merged_at = now() where delivery_id = :d"), {"d": delivery_id}
        )
    verdict = check(county.POSTS, delivery_id)
    assert (verdict.decision, verdict.code) == ("accept", "GATE-ROWS-DIP")
    assert verdict.reason.endswith("已入库，维持接收")
    assert len(county.rows_of("select * from quality.quarantined_row")) == 1


def test_only_what_is_held_can_be_decided(county: ModuleType, deliver: Any) -> None:
    accepted = deliver(good(county, 100))
    check(county.POSTS, accepted.delivery_id)
    with pytest.raises(DecisionError):
        decide(accepted.delivery_id, "refuse", "李科长", "不要")
    with pytest.raises(DecisionError):
        decide("639900.x.y.20260921.z", "accept", "李科长", "不存在")
    with pytest.raises(DecisionError):
        decide(held(county, deliver), "accept", " ", "没有签名")


def test_a_department_s_night_has_a_page_that_links_its_datasets(
    county: ModuleType, deliver: Any, module_home: Any
) -> None:
    deliver([county.good_row(n) for n in range(3)])
    check_department("employment", county.FIRST, county.COUNTY)
    concluded(county)
    folder = module_home / "data_docs" / county.FIRST.isoformat() / "employment"
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert '<a href="test_posts/index.html">试验岗位</a>' in html
    assert "GATE-ROWS-FEW" in html
    assert "全量交付只有 3 行，少于约定的最少 5 行" in html
    assert "到截止时间没有收到数据" in html
    assert "http" not in html
    assert (folder / "test_posts" / "index.html").exists()
