from __future__ import annotations

import datetime as dt
import gzip
import json
import os

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse
from intake_helpers import DAY, PERSON, SECRET, landed, last_receipt, make_contract, original, set_connection

from xianjie import intake, landing
from xianjie.contract.model import Contract, Source
from xianjie.intake.connectors import requests

pytestmark = pytest.mark.usefixtures("warehouse_url")

OPTIONS = {
    "endpoint": "/v1/people",
    "page_param": "page",
    "size_param": "page_size",
    "size": 2,
    "items": "data.items",
    "total": "total",
    "since_param": "updated_since",
    "watermark_field": "GXSJ",
    "withdrawn_field": "SFSC",
    "withdrawn_values": ["1"],
    "ignored_fields": ["GXSJ"],
    "timeout_seconds": 1,
    "attempts": 3,
}


def contract_of(connection: str = "bureau_api", **options: object) -> Contract:
    source = Source(connector="http", connection=connection, format="json", options=OPTIONS | options)
    return make_contract(source, delivery_mode="delta")


def item(number: int, **more: object) -> dict[str, object]:
    return {
        "SFZJH": f"{PERSON[:-1]}{number}",
        "XM": "张三",
        "NJ": number,
        "SFSC": "0",
        "GXSJ": f"2026-09-2{number}T20:00:00+08:00",
    } | more


def busy(status: int, **headers: str) -> Response:
    return JSONResponse(
        {"detail": "busy"}, status, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(requests, "_FIRST_WAIT", 0.05)


def test_all_pages_land_and_are_kept_as_they_came(api):
    api.reset(
        [item(1), item(2, XXMC="一小", NJ=2.50), item(3, SFSC="1", 备注={"a": [1, None]}, XM=None, 在籍=True)]
    )
    done = intake.pull(contract_of(), DAY)
    assert landed(done.delivery_id, "id_number, name, school, grade, _op, _line, _extra") == [
        (f"{PERSON[:-1]}1", "张三", None, "1", "U", 1, None),
        (f"{PERSON[:-1]}2", "张三", "一小", "2.5", "U", 2, None),
        (f"{PERSON[:-1]}3", None, None, "3", "D", 3, '{"备注":"{\\"a\\": [\\"1\\", null]}","在籍":"true"}'),
    ]
    with gzip.open(original(done.delivery_id, "pages.jsonl.gz"), "rt", encoding="utf-8") as pages:
        kept = [json.loads(line) for line in pages]
    assert [len(page["data"]["items"]) for page in kept] == [2, 1]
    assert [query["page"] for query in api.seen] == ["1", "2"]
    assert done.watermark == "2026-09-23T20:00:00+08:00"
    assert last_receipt()["bytes_read"] > 0


def test_the_next_pull_asks_since_the_watermark_less_the_lag(api):
    api.reset([item(1), item(2), item(3)])
    contract = contract_of(lag_minutes=90)
    done = intake.pull(contract, DAY, watermark="2026-09-23T20:00:00+08:00")
    assert api.seen[0]["updated_since"] == "2026-09-23T18:30:00+08:00"
    assert landing.load(done.delivery_id).mode == "delta"
    assert len(landed(done.delivery_id)) == 1
    assert landing.load(done.delivery_id).window == ("2026-09-23T18:30:00+08:00", "2026-09-23T20:00:00+08:00")


def test_nothing_new_is_empty_and_leaves_the_watermark(api):
    api.reset([item(1)])
    done = intake.pull(contract_of(), DAY, watermark="2026-09-25T20:00:00+08:00")
    assert (done.outcome, done.delivery_id, done.watermark) == ("empty", None, "2026-09-25T20:00:00+08:00")


def test_an_api_without_rows_pulled_whole_is_a_delivery_without_rows(api):
    api.reset([])
    done = intake.pull(contract_of(), DAY)
    assert landing.load(done.delivery_id).rows == 0
    assert landing.load(done.delivery_id).columns_missing == ()


def test_the_same_pages_have_the_same_digest(api):
    api.reset([item(1), item(2)])
    first, second = intake.pull(contract_of(), DAY), intake.pull(contract_of(), DAY)
    assert landing.load(first.delivery_id).sha256 == landing.load(second.delivery_id).sha256


def test_moods_of_a_real_server_are_borne(api):
    api.reset([item(1), item(2), item(3)])
    soon = (dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    api.moods = [
        lambda: busy(429, Retry_After="0"),
        lambda: busy(503),
        lambda: 0.2,
        lambda: busy(429, Retry_After=soon),
        lambda: 1.5,
    ]
    done = intake.pull(contract_of(), DAY)
    assert len(landed(done.delivery_id)) == 3
    assert [query["page"] for query in api.seen] == ["1", "1", "1", "2", "2", "2"]


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (429, intake.SourceRateLimitedError, "XJ-205"),
        (503, intake.SourceConnectionError, "XJ-204"),
        (403, intake.SourceAuthError, "XJ-203"),
        (404, intake.SourceFormatError, "XJ-201.wrong_endpoint"),
        (302, intake.SourceFormatError, "XJ-201.wrong_endpoint"),
    ],
)
def test_what_does_not_pass_is_told_apart(api, status, error, code):
    api.reset([item(1)])
    api.moods = [lambda: busy(status)] * 3
    with pytest.raises(error):
        intake.pull(contract_of(), DAY)
    assert last_receipt()["error_code"] == code


def test_a_server_that_never_answers_in_time_is_a_connection_error(api):
    api.reset([item(1)])
    api.moods = [lambda: 3.0] * 2
    with pytest.raises(intake.SourceConnectionError):
        intake.pull(contract_of(timeout_seconds=0.3, attempts=2), DAY)


def test_a_refused_connection_and_a_wrong_token_name_neither_address_nor_token(api):
    values = json.loads(os.environ["AIRFLOW_CONN_BUREAU_API"])
    api.reset([item(1)])
    set_connection("closed_api", **(values | {"port": 1}))
    set_connection("wrong_api", **(values | {"password": "wrong-token"}))
    for name, error in (("closed_api", intake.SourceConnectionError), ("wrong_api", intake.SourceAuthError)):
        with pytest.raises(error) as caught:
            intake.pull(contract_of(name), DAY)
        for word in (SECRET, "wrong-token", "127.0.0.1", "v1"):
            assert word not in f"{caught.value}{last_receipt()['reason']}"


@pytest.mark.parametrize(
    "body", [b"<html>login</html>", b'{"data": 1}', b"[1, 2]", b'{"data": {"items": [1]}}', b"\xff"]
)
def test_an_answer_that_is_not_the_agreed_json_is_a_format_error(api, body):
    api.reset([])
    api.moods = [lambda: Response(body, 200)]
    with pytest.raises(intake.SourceFormatError):
        intake.pull(contract_of(), DAY)
    assert last_receipt()["error_code"] == "XJ-201.json"


def test_fewer_rows_than_the_api_says_is_no_delivery(api):
    api.reset([item(1), item(2), item(3)])
    api.hidden_rows = 2
    with pytest.raises(intake.SourceConnectionError, match="少给"):
        intake.pull(contract_of(), DAY)


def test_without_pages_one_answer_is_all(api):
    api.reset([item(1), item(2)])
    contract = contract_of(total="nothing", size_param="page_size", size=5)
    assert len(landed(intake.pull(contract, DAY).delivery_id)) == 2
    assert len(api.seen) == 1
