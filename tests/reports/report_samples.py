"""A night as the reports see it, made of plain values; tests change what they are about."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from xianjie.reports.model import (
    DatasetNight,
    Indicator,
    Lead,
    Night,
    Node,
    Problem,
    ProblemCount,
    Recipient,
    ReturnedRow,
    ReturnedSheet,
    RuleNight,
    Slogan,
)

DAY = dt.date(2026, 9, 22)
HOUSING = Recipient("housing", "住建局", "department", ("housing@example.invalid",))
EDUCATION = Recipient("education", "教育局", "department", ("education@example.invalid",))
RURAL = Recipient("rural_revitalisation", "农业农村(乡村振兴)局", "department", ("rural@example.invalid",))
LEADERS = Recipient("county_leaders", "县级领导", "leaders", ("leaders@example.invalid",))
TITLES = {
    "education": "教育局",
    "civil_affairs": "民政局",
    "housing": "住建局",
    "employment": "人社局(就业局)",
    "rural_revitalisation": "农业农村(乡村振兴)局",
    "county_leaders": "县级领导",
}
_DATASETS = (
    ("education", "enrolment", "EDU-01", "学籍信息", "accepted"),
    ("education", "dropout_ledger", "EDU-02", "控辍保学台账", "empty"),
    ("education", "student_aid", "EDU-03", "学生资助", "accepted"),
    ("civil_affairs", "dibao", "CIV-01", "农村低保", "accepted"),
    ("civil_affairs", "temporary_relief", "CIV-04", "临时救助", "failed"),
    ("housing", "house_safety", "HOU-01", "农房安全档案", "accepted"),
    ("housing", "renovation", "HOU-02", "危房改造", "absent"),
    ("employment", "work_monthly", "EMP-01", "务工月监测", "accepted"),
    ("employment", "public_posts", "EMP-02", "乡村公益性岗位", "refused"),
    ("rural_revitalisation", "人", "B1", "脱贫人口与监测对象", "absent"),
    ("rural_revitalisation", "households", "B2", "脱贫户与监测户", "absent"),
)
_REASONS = {
    "absent": "到 22:00 截止仍未收到文件",
    "failed": "数据库连接被拒绝，请确认只读账号",
    "refused": "送达 412 行，较上次 1,030 行减少 60.0%，疑似截断，整批未采用",
}


def dataset(department: str, name: str, code: str, title: str, outcome: str) -> DatasetNight:
    arrived = outcome in {"accepted", "refused", "empty"}
    rows = {"landed": 5210, "unchanged": 5140, "accepted": 55, "quarantined": 15, "warned": 4, "merged": 55}
    return DatasetNight(
        department=department,
        department_title=TITLES[department],
        dataset=name,
        code=code,
        title=title,
        deadline=dt.time(21),
        cutoff=dt.time(22),
        outcome=outcome,  # type: ignore[arg-type]
        reason=_REASONS.get(outcome),
        error_code={"absent": "XJ-203"}.get(outcome),
        arrived_at=dt.datetime(2026, 9, 22, 20, 41) if arrived else None,
        open_returned=15 if outcome == "accepted" else 0,
        returned_new=3 if outcome == "accepted" else 0,
        **(rows if outcome == "accepted" else {}),
    )


def lead(number: int = 1, **values: object) -> Lead:
    plain = Lead(
        lead_id=f"00000000-0000-0000-0000-{number:012d}",
        rule_id="R-HOU-01",
        rule_title="C/D级危房住人",
        severity="red",
        town="塔尔镇",
        village="中庄村",
        household_no=f"63990010200{number:05d}",
        name_masked="李**",
        evidence="鉴定等级 D 级；现居住：是；鉴定日期 2026-09-20",
        first_seen=DAY,
        due_on=DAY + dt.timedelta(days=2),
        state="open",
        routed_to=("housing",),
        departments=("housing",),
        business_date=DAY,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def returned_row(number: int = 1, **values: object) -> ReturnedRow:
    plain = ReturnedRow(
        row_id=f"11111111-0000-0000-0000-{number:012d}",
        department="housing",
        dataset="house_safety",
        source_file="农房安全档案_20260922.xlsx",
        source_line=number + 3,
        opened_on=DAY,
        problems=(
            Problem(
                "HOU-01.owner_id_number.checksum",
                "产权人身份证号校验位不对",
                "核对户口簿或身份证原件，改正第18位",
                "owner_id_number",
            ),
            Problem("HOU-01.grade.code", "鉴定等级不在代码表内", "改为 A、B、C、D 或 未鉴定", "grade"),
        )[: 1 + number % 2],
        original={
            "house_no": f"FW{number:06d}",
            "owner_name": "王*",
            "owner_id_number": "****1234",
            "household_no": f"63990010200{number:05d}",
            "grade": "危",
            "assessed_on": "2026.9.1",
            "area_m2": "８６.5",
        },
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def returned_sheet(rows: int = 12, **values: object) -> ReturnedSheet:
    plain = ReturnedSheet(
        department="housing",
        dataset="house_safety",
        code="HOU-01",
        title="农房安全档案",
        columns=(
            ("house_no", "房屋编号"),
            ("owner_name", "产权人"),
            ("owner_id_number", "产权人身份证号"),
            ("household_no", "户编号"),
            ("grade", "鉴定等级"),
            ("assessed_on", "鉴定日期"),
            ("area_m2", "面积"),
        ),
        key=("house_no",),
        rows=tuple(returned_row(n) for n in range(1, rows + 1)),
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def _indicators() -> tuple[Indicator, ...]:
    def one(
        code: str, title: str, unit: str, value: float, before: float, light: str, lead: str, **more: object
    ) -> Indicator:
        plain = Indicator(
            code=code,
            title=title,
            unit=unit,
            is_whole=unit == "人",
            definition=f"{title}的口径：分子÷分母",
            numerator=1480,
            denominator=1502,
            value=value,
            previous=before,
            target="≥ 98%" if unit == "%" else "—",
            light=light,  # type: ignore[arg-type]
            is_confirmed=False,
            lead_department=lead,
            departments=(lead, "rural_revitalisation"),
            nodes=("S6", "N01"),
            note="农业农村(乡村振兴)局《脱贫人口》未报送，沿用 2026-09-21 的数据",
        )
        return replace(plain, **more)  # type: ignore[arg-type]

    return (
        one("I-3B-01", "义务教育保障率", "%", 98.53, 99.1, "red", "education"),
        one("I-3B-03", "住房安全率", "%", 99.12, 99.12, "yellow", "housing"),
        one("I-EMP-01", "务工就业规模", "人", 11603, 11590, "green", "employment", denominator=None),
        one(
            "I-DQ-02",
            "部门报送及时率",
            "%",
            72.7,
            100.0,
            "red",
            "rural_revitalisation",
            is_confirmed=True,
            note="",
        ),
        one("I-INC-01", "脱贫人口人均纯收入", "元", 13035.0, 13035.0, "none", "rural_revitalisation"),
    )


def _tree() -> tuple[Node, ...]:
    policies = [
        Node(
            f"N{n:02d}",
            "policy",
            f"配套政策{n}",
            "housing" if n % 3 else "education",
            (),
            False,
            "none" if n > 2 else "yellow",
            ("I-3B-03",) if n == 1 else (),
        )
        for n in range(1, 37)
    ]
    return (
        Node(
            "M1",
            "master_plan",
            "关于实现巩固拓展脱贫攻坚成果同乡村振兴有效衔接的实施方案",
            "rural_revitalisation",
            (),
            True,
            "red",
            ("I-3B-01", "I-3B-03"),
        ),
        *(
            Node(
                f"S{n}",
                "support_system",
                title,
                "rural_revitalisation",
                ("supervision_office",),
                True,
                "green",
                (),
            )
            for n, title in enumerate(
                ("组织领导", "规划目标", "工作责任", "社会动员", "资金投入", "监测督导", "监督考核"), 1
            )
        ),
        *(
            Node(f"P{n}", "action_plan", title, "housing", (), n < 3, "none", ())
            for n, title in enumerate(("产业提升", "人才培育", "文化振兴", "生态振兴", "组织振兴"), 1)
        ),
        *policies,
    )


def night(**values: object) -> Night:
    towns = ("塔尔镇", "东峡镇", "桥头镇", "朔北藏族乡", "极乐乡", "青山乡")
    leads = tuple(
        lead(
            n,
            severity=("red", "orange", "yellow")[n % 3],
            town=towns[n % 6],
            due_on=DAY + dt.timedelta(days=n % 5 - 1),
            first_seen=DAY - dt.timedelta(days=n % 4),
            rule_title=("C/D级危房住人", "疑似辍学", "公益岗到期")[n % 3],
            departments=(("housing",), ("education",), ("employment",))[n % 3],
            routed_to=(("housing",), ("education",), ("employment",))[n % 3],
        )
        for n in range(1, 40)
    )
    plain = Night(
        county_code="639900",
        county="衔接示范县",
        business_date=DAY,
        datasets=tuple(dataset(*row) for row in _DATASETS),
        leads=leads,
        rules=(
            RuleNight(
                "R-HOU-01", "C/D级危房住人", "ok", None, "鉴定等级为 C 或 D 且现居住", ("housing",), "red"
            ),
            RuleNight(
                "R-INC-01",
                "收入低于监测线",
                "blocked",
                "2026 年监测线未确定",
                "人均纯收入低于当年监测线",
                ("rural_revitalisation",),
                "red",
            ),
        ),
        returned=(returned_sheet(),),
        problems=(
            ProblemCount(
                "housing",
                "住建局",
                "HOU-01",
                "HOU-01.owner_id_number.checksum",
                "产权人身份证号校验位不对",
                "核对户口簿或身份证原件",
                12,
            ),
            ProblemCount(
                "education", "教育局", "EDU-01", "EDU-01.grade.code", "年级不在代码表内", "按代码表填写", 7
            ),
        ),
        indicators=_indicators(),
        tree=_tree(),
        slogans=(Slogan("2411", "防止返贫动态监测帮扶机制", False, ("2：待县级确认", "4：待县级确认")),),
        organisations=TITLES,
    )
    return replace(plain, **values)  # type: ignore[arg-type]
