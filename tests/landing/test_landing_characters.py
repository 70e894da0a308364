"""Which characters of a file make its rows doubtful: all of them are found, wherever they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianjie.landing import characters

_ALL = re.findall(characters.DOUBTFUL, "".join(map(chr, range(0xD800))) + "".join(map(chr, range(0xE000, 0x10000))))
_ANY = st.characters(exclude_categories=("Cs",)) | st.sampled_from(_ALL)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(_ANY, max_size=40), max_size=3), chunk=st.integers(3, 20))
def test_what_is_found_is_what_the_expression_finds(tmp_path, monkeypatch, texts, chunk):
    monkeypatch.setattr(characters, "_CHUNK", chunk)
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.csv")
        paths[-1].write_bytes(text.encode())
    wanted = {"\r", "\n", *re.findall(characters.DOUBTFUL, "".join(texts))}
    found = characters.doubtful_in(paths)
    assert found == (wanted if len(wanted) <= characters._FEW else None)


@pytest.mark.parametrize("character", _ALL)
def test_each_is_found(tmp_path: Path, character: str):
    path = tmp_path / "one.csv"
    path.write_bytes(f"编号,姓名\r\n1,张{character}三\r\n".encode())
    assert characters.doubtful_in([path]) == {"\r", "\n", character}
