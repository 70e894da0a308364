from __future__ import annotations

import json
import os

import asyncssh
import pytest
from intake_helpers import (
    AFTER_CUTOFF,
    BEFORE_CUTOFF,
    DAY,
    HEADER,
    PERSON,
    SECRET,
    landed,
    last_receipt,
    make_contract,
    original,
    set_connection,
)  # fmt: skip

from xianjie import intake, landing
from xianjie.contract.model import Contract, Source

pytestmark = pytest.mark.usefixtures("warehouse_url")


def contract_of(connection: str = "bureau_sftp", mode: str = "delta", **options: object) -> Contract:
    source = Source(connector="sftp", connection=connection, format="csv", options=options)
    return make_contract(source, delivery_mode=mode)


def csv_text(*ids: str) -> str:
    return "".join(f"{line}\n" for line in [",".join(HEADER), *(f"{each},张三,一小,1" for each in ids)])


def put(drop, path: str, content: str | bytes, encoding: str = "utf-8") -> None:
    target = drop.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))


def test_a_gb18030_file_lands_as_text_and_is_kept_as_it_came(drop):
    put(drop, "20260921/学籍.csv", csv_text(PERSON), "gb18030")
    done = intake.pull(contract_of(path="/{business_date:%Y%m%d}/学籍.csv"), DAY)
    assert landed(done.delivery_id) == [(PERSON, "张三", "一小", "1")]
    assert landed(done.delivery_id, "_file, _line") == [("学籍.csv", 2)]
    assert landing.load(done.delivery_id).mode == "delta"
    assert original(done.delivery_id, "学籍.csv").read_bytes() == csv_text(PERSON).encode("gb18030")


def test_the_monthly_full_file_makes_a_full_delivery(drop):
    put(drop, "delta/20260921/a.csv", csv_text("delta"))
    options = {
        "path": "/delta/{business_date:%Y%m%d}/a.csv",
        "full_path": "/full/{business_date:%Y%m%d}/a.csv",
    }
    assert landing.load(intake.pull(contract_of(**options), DAY).delivery_id).mode == "delta"
    put(drop, "full/20260921/a.csv", csv_text("whole", "other"))
    done = intake.pull(contract_of(**options), DAY)
    assert landing.load(done.delivery_id).mode == "full"
    assert [row[0] for row in landed(done.delivery_id)] == ["whole", "other"]


def test_several_files_of_one_evening_are_one_delivery_and_unfinished_ones_are_left(drop):
    for name in (
        "学籍 第2部分.csv",
        "学籍 第1部分.csv",
        "~$学籍.csv",
        "学籍.csv.part",
        "别的.csv",
        ".学籍.csv",
    ):
        put(drop, f"many/{name}", csv_text(name))
    done = intake.pull(contract_of(path="/many", pattern="学籍*.csv", mode="full"), DAY)
    assert [row[0] for row in landed(done.delivery_id)] == ["学籍 第1部分.csv", "学籍 第2部分.csv"]
    assert [file.name for file in landing.load(done.delivery_id).files] == [
        "学籍 第1部分.csv",
        "学籍 第2部分.csv",
    ]


def test_before_the_cutoff_a_missing_file_is_waited_for_and_after_it_is_absent(drop):
    contract = contract_of(path="/{business_date:%Y%m%d}/nothing.csv")
    with pytest.raises(intake.NotArrivedError):
        intake.pull(contract, DAY, now=BEFORE_CUTOFF)
    assert (last_receipt()["outcome"], last_receipt()["error_code"]) == ("absent", "XJ-206")
    done = intake.pull(contract, DAY, now=AFTER_CUTOFF, watermark="w", attempt=4)
    assert (done.outcome, done.delivery_id, done.watermark) == ("absent", None, "w")
    assert last_receipt()["attempt"] == 4
    put(drop, "20260921/nothing.csv", csv_text("late"))
    assert intake.pull(contract, DAY, now=AFTER_CUTOFF).outcome == "landed"


def test_what_is_not_owed_is_not_waited_for(drop):
    contract = contract_of(path="/{business_date:%Y%m%d}/monthly.csv")
    assert intake.pull(contract, DAY, now=BEFORE_CUTOFF, is_due=False).outcome == "absent"
    put(drop, "20260921/monthly.csv", csv_text("early"))
    assert intake.pull(contract, DAY, now=BEFORE_CUTOFF, is_due=False).outcome == "landed"


def wrong(**changes: object) -> str:
    set_connection("wrong_sftp", **(json.loads(os.environ["AIRFLOW_CONN_BUREAU_SFTP"]) | changes))
    return "wrong_sftp"


def other_host_key() -> dict[str, str]:
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()
    return {"host_key": " ".join(key[:2])}


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"password": "wrong-pass-word"}, intake.SourceAuthError, "XJ-203"),
        ({"extra": other_host_key()}, intake.SourceAuthError, "XJ-203"),
        ({"port": 1}, intake.SourceConnectionError, "XJ-204"),
    ],
)
def test_a_wrong_connection_says_what_is_wrong_without_secrets(drop, changes, error, code, caplog):
    with pytest.raises(error) as caught:
        intake.pull(contract_of(wrong(**changes), path="/a.csv"), DAY, now=AFTER_CUTOFF)
    assert last_receipt()["error_code"] == code
    for word in (SECRET, "wrong-pass-word", "127.0.0.1"):
        assert word not in f"{caught.value} {last_receipt()['reason']}"
    assert SECRET not in caplog.text
    assert "wrong-pass-word" not in caplog.text


def test_a_contract_without_a_path_is_a_configuration_error(drop):
    with pytest.raises(intake.SourceConfigurationError, match="path"):
        intake.pull(contract_of(), DAY)
