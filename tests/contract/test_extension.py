"""The extension departments: contracts that wait until someone has the data."""

from __future__ import annotations

import pytest

from xianjie.contract import Contract, FieldKind, FieldType, catalogue, rules, table_columns

WAITING = [contract for contract in catalogue() if not contract.is_active]
COMPARED = ("market_regulation", "natural_resources", "tax", "housing_fund", "real_estate")
SENSITIVE = {
    "medical_insurance.outpatient_chronic": "disease", "medical_insurance.settlements": "self_paid_yuan",
    "health.serious_illness": "disease", "health.chronic_contracts": "disease",
    "disabled_federation.certificates": "grade", "public_security.traffic_accidents": "consequence",
    "public_security.criminal_injuries": "consequence", "public_security.inmates": "custody_type",
}  # fmt: skip


def by_id(contract: Contract) -> str:
    return contract.id


def test_every_department_of_the_domain_is_there() -> None:
    assert {contract.department for contract in WAITING} == {
        "medical_insurance", "health", "disabled_federation", "water", "public_security", "emergency",
        "agriculture", "finance", "financial_services", "petitions", "organisation", *COMPARED,
    }  # fmt: skip


@pytest.mark.parametrize("contract", WAITING, ids=by_id)
def test_a_waiting_contract_says_how_to_mend_and_protects_persons(contract: Contract) -> None:
    assert not contract.is_confirmed
    assert contract.owner
    assert contract.liaison
    assert contract.description
    assert all(rule.fix and rule.title and rule.fields for rule in rules(contract))
    personal = {field.name for field in contract.fields if field.kind is not FieldKind.PLAIN}
    assert personal.isdisjoint(column.name for column in table_columns(contract))


@pytest.mark.parametrize(("contract_id", "field"), SENSITIVE.items())
def test_health_disability_accidents_and_custody_are_sensitive(contract_id: str, field: str) -> None:
    contract = catalogue().get(contract_id)
    assert contract.field(field).pi_level == "L4"
    assert contract.field(str(contract.subject)).pi_level == "L4"


@pytest.mark.parametrize("contract", [c for c in WAITING if c.department in COMPARED], ids=by_id)
def test_information_comparison_brings_flags_and_never_amounts(contract: Contract) -> None:
    answers = [field for field in contract.fields if field.name not in ("id_number", "name", "compared_date")]
    assert answers
    assert {field.type for field in answers} == {FieldType.BOOLEAN}


def test_vehicles_come_with_a_band_and_without_a_value() -> None:
    vehicles = catalogue().get("public_security.vehicles")
    assert vehicles.field("value_band").code_list == "vehicle_value_band"
    assert not [field for field in vehicles.fields if field.type is FieldType.DECIMAL]
