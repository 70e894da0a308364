from __future__ import annotations

import hashlib
import hmac
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_helpers import DAY, HEADER, land, make_contract, read

from xianjie import landing
from xianjie.contract.typing_text import clean
from xianjie.landing import hashing
from xianjie.settings import settings as conf

pytestmark = pytest.mark.usefixtures("warehouse_url")


def expected(purpose: str, values: list[str | None], tail: str = "") -> uuid.UUID:
    pepper = hmac.digest(bytes.fromhex("11" * 32), b"xianjie landing", "sha256").hex()
    canonical = "\x1f".join([f"{pepper}{purpose}\x1e", *(clean(value) or "" for value in values)])
    canonical = canonical.rstrip("\x1f") if purpose == "row" else canonical
    # The number DuckDB reads from a digest is little-endian; a UUID prints it from the big end.
    return uuid.UUID(int=int.from_bytes(hashlib.md5((canonical + tail).encode()).digest(), "little"))


def test_keys_and_hashes_are_what_they_are_documented_to_be():
    contract = make_contract(key=("id_number", "grade"))
    row = ["63990020100101123x", " 张三　", None, "１"]
    delivery = land(contract, [row])
    key = expected("education.enrolment", ["63990020100101123X", "1"])
    assert read(delivery.data_path, "_key, _hash") == [(key, expected("row", row))]


def test_a_row_without_its_key_is_named_by_all_of_it():
    contract = make_contract(key=("id_number", "grade"))
    rows = [["a", "甲", "校", None], ["a", "乙", "校", " "], ["a", "甲", "校", ""], [None, "甲", "校", "1"]]
    keys = [key for (key,) in read(land(contract, rows).data_path, "_key")]
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3


text = st.text(alphabet="aX9 张（）１\u3000\u00a0\u200b\t\r\n|,\"'", max_size=5) | st.none()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(text, text, text, text), min_size=1, max_size=8))
def test_the_hash_sees_cleaned_text_only(write_csv, rows):
    rows = [("k", *row[1:]) for row in rows]
    wanted = [expected("row", list(row)) for row in rows]
    stream = land(make_contract(), rows)
    table = landing.CsvTable("学籍.csv", HEADER, write_csv(rows))
    file = landing.publish(make_contract(), DAY, [table], mode="full")
    for delivery in (stream, file):
        assert [value for (value,) in read(delivery.data_path, "_hash")] == wanted


@pytest.mark.parametrize("blank", [" ", "   ", "\u1680", "\u2003", "\u202f", "\u205f", "\u3000", "\u00a0"])
def test_a_blank_at_either_end_of_any_value_changes_neither_key_nor_hash(write_csv, blank):
    plain = ("k", "张 三", "校", "1")
    padded = [
        (*plain[:place], value, *plain[place + 1 :])
        for place in range(4)
        for value in (f"{blank}{plain[place]}", f"{plain[place]}{blank}")
    ]
    table = landing.CsvTable("学籍.csv", HEADER, write_csv([plain, *padded]))
    file = landing.publish(make_contract(), DAY, [table], mode="full")
    for delivery in (land(make_contract(), [plain, *padded]), file):
        found = read(delivery.data_path, "_key, _hash")
        assert len(found) == 9
        assert len(set(found)) == 1


def test_values_do_not_run_into_each_other():
    rows = [("k", "ab", "c", "1"), ("k", "a", "bc", "1"), ("k", "abc", None, "1"), ("k", None, "abc", "1")]
    hashes = read(land(make_contract(), rows).data_path, "_hash")
    assert len(set(hashes)) == 4


def test_another_key_gives_other_hashes(monkeypatch):
    rows = [("639900201001011234", "张三", "校", "1")]
    before = read(land(make_contract(), rows).data_path, "_key, _hash")
    monkeypatch.setenv("XIANJIE_TOKEN_KEY", "33" * 32)
    conf.cache_clear()
    after = read(land(make_contract(), rows).data_path, "_key, _hash")
    assert "33" * 32 not in hashing.pepper_statement()
    monkeypatch.undo()
    conf.cache_clear()
    assert before != after


def test_nothing_lands_without_a_key(monkeypatch):
    monkeypatch.delenv("XIANJIE_TOKEN_KEY")
    conf.cache_clear()
    with pytest.raises(Exception, match="TOKEN_KEY"):
        land(make_contract(), [("a", "b", "c", "d")])
    monkeypatch.undo()
    conf.cache_clear()
    assert landing.deliveries("639900/education/none") == []
