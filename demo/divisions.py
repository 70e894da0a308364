"""The made-up county's townships and villages, and the file ``include/codes/divisions.csv`` they come from.

Township names and their number are those of Datong (630121); every village of the fixture county 639900 is
made up. Weights and ethnic shares are invented; they only have to look like a county of the eastern
plateau.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COUNTY_CODE = "639900"
COUNTY_NAME = "衔接示范县"
DIVISIONS_CSV = Path(__file__).resolve().parents[1] / "include" / "codes" / "divisions.csv"
_HEADER = ("code", "name", "level", "parent_code", "category")


@dataclass(frozen=True)
class Town:
    """A township: its code within the county, villages, share of people, ethnic shares in per cent."""

    code: str
    name: str
    category: str
    villages: int
    weight: int
    ethnic: dict[str, int]


_HAN = {"汉": 74, "回": 10, "土": 8, "藏": 5, "蒙古": 3}
_HUI = {"汉": 26, "回": 66, "土": 4, "藏": 2, "蒙古": 2}
_TU = {"汉": 48, "回": 8, "土": 34, "藏": 6, "蒙古": 4}
_TIBETAN = {"汉": 34, "回": 6, "土": 12, "藏": 44, "蒙古": 4}

TOWNS = (
    Town("100", "桥头镇", "镇", 20, 110, _HAN),
    Town("101", "城关镇", "镇", 16, 65, _HUI),
    Town("102", "塔尔镇", "镇", 18, 75, _HUI),
    Town("103", "东峡镇", "镇", 16, 48, _TU),
    Town("104", "黄家寨镇", "镇", 17, 66, _HAN),
    Town("105", "长宁镇", "镇", 20, 78, _HAN),
    Town("106", "景阳镇", "镇", 16, 52, _HAN),
    Town("107", "多林镇", "镇", 13, 36, _HUI),
    Town("108", "新庄镇", "镇", 15, 44, _HUI),
    Town("200", "青林乡", "乡", 14, 34, _HAN),
    Town("201", "青山乡", "乡", 15, 36, _TU),
    Town("202", "逊让乡", "乡", 16, 42, _HUI),
    Town("203", "极乐乡", "乡", 13, 38, _HUI),
    Town("204", "石山乡", "乡", 12, 30, _HAN),
    Town("205", "宝库乡", "乡", 14, 32, _TU),
    Town("206", "斜沟乡", "乡", 11, 28, _HUI),
    Town("207", "良教乡", "乡", 10, 30, _HUI),
    Town("208", "向化藏族乡", "民族乡", 12, 24, _TIBETAN),
    Town("209", "桦林乡", "乡", 9, 26, _TU),
    Town("210", "朔北藏族乡", "民族乡", 12, 40, _TIBETAN),
)

_PLACES = (  # noqa: SIM905
    "柳湾 石崖 红土 白杨 松台 杏花 寺沟 泉儿 马营 羊圈 黑林 瓦窑 阳坡 阴洼 双庙 龙尾 "
    "凤台 麦场 药水 桦树 油坊 磨沟 盐台 铁炉 槐荫 青稞 菜籽 草滩 月牙 金钟 银洞 鹿角 "
    "雁坪 鹰嘴 鱼池 清水 沙坝 野狐 古树 长岭 平坝 塔湾 河沿 山根 梁家 尕庄 拉卡 元朔 "
    "多隆 达隆 加措 祁汉 毛家 新添 老营 石桥 木场 官亭 民和 安定 永丰 兴隆 仁爱 和睦 "
    "团结 "
).split()
_SIDES = ("", "", "", "上", "下", "东", "西", "前", "后", "大", "小", "中")
_KINDS = ("村", "庄村", "沟村", "滩村", "台村", "堡村", "湾村", "岭村")


def villages(town: Town) -> Iterator[tuple[str, str]]:
    """Code (12 digits) and made-up name of every village of a township; always the same."""
    draw = random.Random(int(town.code) * 7919)
    seen: set[str] = set()
    for number in range(town.villages):
        name = ""
        while not name or name in seen:
            name = draw.choice(_SIDES) + draw.choice(_PLACES) + draw.choice(_KINDS)
        seen.add(name)
        yield f"{COUNTY_CODE}{town.code}{200 + number}", name


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """All rows of the divisions file: Datong down to townships, the fixture county down to villages."""
    for county, name, category in (
        ("630121", "大通回族土族自治县", "自治县"),
        (COUNTY_CODE, COUNTY_NAME, "县"),
    ):
        yield county, name, "county", county[:4], category
        for town in TOWNS:
            yield county + town.code, town.name, "town", county, town.category
    for town in TOWNS:
        for code, name in villages(town):
            yield code, name, "village", COUNTY_CODE + town.code, "村"


def write_csv(path: Path = DIVISIONS_CSV) -> int:
    """Writes the divisions file and returns its number of rows; the file is kept in the repository."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = list(rows())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEADER)
        writer.writerows(content)
    return len(content)
