# ruff: noqa: E501 - word lists
"""Names with the frequencies of the eastern Qinghai plateau: few surnames carry most people.

Weights are rough shares, not statistics; names follow the generation (three cohorts), the sex and the
people (汉, 回, 土, 藏, 蒙古). Everything is turned into slot tables, so that DuckDB draws names by an equi-join.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

SLOTS = 2048

_SURNAMES = {
    "汉": "李100 张92 王88 刘52 赵40 陈38 杨36 马30 祁28 许24 郭22 徐20 孙19 何18 魏17 石16 朱15 谢14 贾13 雷12 白12 高11 梁11 田10 "
    "韩10 吴10 周9 胡9 林8 蔡8 贺7 范7 董7 冯6 任6 汪6 毛6 包5 铁5 严5 史4 侯4 钟4 阿3 哈2 欧阳1",
    "回": "马420 韩90 冶70 李44 王30 丁26 铁25 白24 穆22 米18 安16 张15 沙14 苏13 海12 陕10 喇10 妥9 牛8 杨8 虎5 者4 绽4",
    "土": "李90 祁70 马50 鲁46 东40 辛36 王32 张30 吕26 杨22 蔡20 胡18 何16 刁12 牛10 阿8",
    "藏": "李10 马8 祁6 韩4",
    "蒙古": "李30 祁26 王22 马18 包16 白14 张12 鲁10 达8 巴6",
}

# given names by sex and cohort: born before 1965, 1965 to 1994, since 1995
_GIVEN = {
    "1:0": "国庆 永福 生财 玉贵 占元 得福 成林 有才 万寿 发祥 占彪 文德 守义 生贵 国栋 正清 延寿 启明 长命 富贵",
    "1:1": "建军 海龙 永红 志强 国强 文军 建国 成军 小军 占海 永平 海军 生龙 志刚 晓东 得胜 永胜 玉林 世龙 忠 勇 军 伟 刚 龙",
    "1:2": "子轩 浩然 宇轩 浩 俊杰 梓豪 一鸣 文博 明轩 宇航 天佑 博文 志远 俊熙 晨阳 佳豪 凯 鑫 磊 涛 杰 成龙 海林 嘉瑞",
    "2:0": "秀英 玉兰 桂英 秀兰 桂花 玉莲 存花 生莲 占英 有莲 成兰 玉秀 桂芳 香莲 春花 引弟 发英 秀莲 兰英 金花",
    "2:1": "海燕 红梅 晓红 玉芳 秀梅 丽 艳 桂芳 春梅 彩霞 永梅 晓燕 玉梅 存英 海霞 小红 芳 萍 霞 静 生花 英 花 兰 梅",
    "2:2": "欣怡 梓涵 雨欣 佳怡 诗涵 思雨 子涵 可欣 雅婷 梦瑶 紫萱 静怡 一诺 雨桐 佳琪 欣 悦 婷 倩 颖 文慧 晓雯 海鸽 若曦",
}
_FIRST = {
    "1:0": "生 国 永 玉 占 得 成 有 万 发 文 守 正 延 启 长 富 德 世 进 廷 兴",
    "1:1": "建 海 永 志 国 文 成 小 占 生 晓 玉 世 忠 明 得 金 学 维 宝 延 守",
    "1:2": "子 浩 宇 俊 梓 一 文 明 天 博 志 晨 佳 嘉 泽 睿 思 承 家 海 雨 成",
    "2:0": "秀 玉 桂 存 生 占 有 成 香 春 引 发 兰 金 银 菊 月 翠 彩 凤 素 尕",
    "2:1": "海 红 晓 玉 秀 春 彩 永 存 小 生 金 丽 桂 月 雪 艳 翠 爱 延 国 占",
    "2:2": "欣 梓 雨 佳 诗 思 子 可 雅 梦 紫 静 一 若 晓 文 嘉 语 海 沐 艺 心",
}
_SECOND = {
    "1:0": "福 财 贵 元 林 才 寿 祥 彪 德 义 清 明 山 海 龙 仓 存 邦 忠 良 祖",
    "1:1": "军 龙 红 强 国 平 海 胜 林 刚 东 忠 福 成 明 山 云 寿 峰 宏 祥 录",
    "1:2": "轩 然 杰 豪 鸣 博 航 佑 远 熙 阳 瑞 涵 宸 霖 鑫 泽 龙 文 辰 睿 强",
    "2:0": "英 兰 花 莲 秀 芳 弟 梅 香 桃 珍 女 存 姐 菊 琴 玲 云 娥 凤 福 贞",
    "2:1": "燕 梅 红 芳 霞 英 花 兰 萍 琴 莲 玲 香 秀 云 艳 丽 珍 娟 娥 菊 青",
    "2:2": "怡 涵 欣 雨 瑶 萱 婷 桐 琪 悦 诺 彤 玥 慧 雯 曦 妍 莹 萌 然 蕊 洁",
}
_HUI = {
    "1": "尤素夫12 哈麦10 阿卜都9 伊布拉9 舍木苏6 者麦里6 哈三8 胡赛尼6 尤努斯8 阿里7 穆萨6 易斯哈格5 主麻6 索来哈3 祖拜尔3",
    "2": "法图麦14 海车12 阿西也11 麦燕10 索菲亚7 祖丽哈6 米娜5 艾米娜7 哈娜4 热比亚5 阿依舍8 则乃白6 买尔燕5",
}
_TIBETAN_FIRST = {
    "1": "扎西14 才让13 多杰12 桑杰9 尼玛9 索南10 达瓦6 丹增6 洛桑6 久美4 旦正6 公保6 完么3 拉毛2 仁青5 南拉3 关却3",
    "2": "卓玛16 拉毛13 才措8 央金9 德吉6 桑吉7 尼玛4 达娃5 仁增4 索南6 才让6 白玛5 完么4 南木措3 梅朵4 旦增3",
}
_TIBETAN_SECOND = {
    "1": "才让12 多杰12 扎西8 加10 东珠7 尖措8 太5 加措8 项杰3 本5 顿珠5 达杰4 旺杰4 昂毛1",
    "2": "卓玛14 措12 吉10 草8 央宗5 拉姆7 措毛6 德吉5 才让4 卓嘎4 毛5 旺姆4",
}
_TU = {"1": "什旦6 金索5 索南4 班旦5 成林4 尕旦3 占哇3", "2": "什姐10 兰索8 金姐5 拉姐5 索姐4 银索4 存姐3"}


def slot_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates table ``name_slot(kind, slot, text)``: `SLOTS` rows a kind, shared out by weight."""
    kinds, texts, weights = zip(*_weighted(), strict=True)
    connection.execute(
        f"""
        create or replace table name_slot as
        with weighted as (
            select unnest(?::varchar[]) as kind, unnest(?::varchar[]) as text, unnest(?::double[]) as weight
        ), cumulated as (
            select kind, text,
                sum(weight) over (partition by kind order by weight desc, text) as upper,
                sum(weight) over (partition by kind) as total,
                weight
            from weighted
        )
        select c.kind, s.slot::int as slot, c.text
        from range({SLOTS}) as s (slot)
        inner join cumulated as c on (s.slot + 0.5) / {SLOTS} * c.total between c.upper - c.weight and c.upper
        """,
        [list(kinds), list(texts), list(weights)],
    )


def _weighted() -> Iterator[tuple[str, str, float]]:
    for people, text in _SURNAMES.items():
        yield from _parse(f"surname:{people}", text)
    for cohort in _GIVEN:
        for kind, words in (("given", _GIVEN), ("first", _FIRST), ("second", _SECOND)):
            for rank, word in enumerate(words[cohort].split(), start=1):
                yield f"{kind}:{cohort}", word, 1 / rank**0.7 if kind == "given" else 1 / rank**0.3
    for sex in ("1", "2"):
        yield from _parse(f"hui:{sex}", _HUI[sex])
        yield from _parse(f"tu:{sex}", _TU[sex])
        yield from _parse(f"tibetan_first:{sex}", _TIBETAN_FIRST[sex])
        yield from _parse(f"tibetan_second:{sex}", _TIBETAN_SECOND[sex])


def _parse(kind: str, text: str) -> Iterator[tuple[str, str, float]]:
    for item in text.split():
        word = item.rstrip("0123456789")
        yield kind, word, float(item[len(word) :])
