"""The database itself refuses rows that break a rule, whoever writes them."""

import datetime as dt

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

import models

CHANGES = [
    (models.Agency, {"code": "two words"}, "ck_agency_code_plain"),
    (models.Ministry, {"code": ""}, "ck_ministry_code_plain"),
    (models.Ministry, {"valid_to": dt.date(2016, 9, 16)}, "ck_ministry_valid_days"),
    (models.Clearance, {"level": -1}, "ck_clearance_level_not_negative"),
    (models.Priority, {"weight": 0}, "ck_priority_weight_"),
    (models.ResourceType, {"standby_ratio": 1.1}, "ck_resource_type_standby_ratio_share"),
    (models.FiscalYear, {"capex_limit": -1}, "ck_fiscal_year_capex_not_negative"),
    (models.FiscalYear, {"opex_limit": -1}, "ck_fiscal_year_opex_not_negative"),
    (models.Site, {"to_year": 2024}, "ck_site_years_in_order"),
    (models.SiteResource, {"overcommit": 0}, "ck_site_resource_overcommit_positive"),
    (models.SiteResource, {"reserve_margin": 1}, "ck_site_resource_reserve_margin_share"),
    (models.Capacity, {"nameplate": -1}, "ck_capacity_nameplate_not_negative"),
    (models.Capacity, {"running_cost": -1}, "ck_capacity_running_cost_not_negative"),
    (models.Expansion, {"module_size": 0}, "ck_expansion_module_size_positive"),
    (models.Expansion, {"lead_years": -1}, "ck_expansion_lead_years_not_negative"),
    (models.Requirement, {"copies": 3}, "ck_requirement_copies_one_or_two"),
    (models.Requirement, {"weight": 0}, "ck_requirement_weight_positive"),
    (models.Requirement, {"end_year": 2000}, "ck_requirement_years_in_order"),
    (models.DemandLine, {"amount": 0}, "ck_demand_line_amount_positive"),
]


ACCOUNTS = [
    ({"username": "Upper"}, "ck_user_account_username_lower"),
    ({"role": models.Role.MINISTRY_PLANNER}, "ck_user_account_planner_has_ministry"),
    ({"ministry_id": 1}, "ck_user_account_others_have_none"),
    ({"language": "fr"}, "ck_user_account_language_known"),
    ({"theme": "pink"}, "ck_user_account_theme_known"),
    ({"failed_sign_ins": -1}, "ck_user_account_failed_sign_ins_not_negative"),
]


def test_changes_that_break_a_rule_are_refused(session, small_world):
    small_world(session)
    for table, values, constraint in CHANGES:
        with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
            session.execute(update(table).values(values).execution_options(synchronize_session=False))


def test_accounts_that_break_a_rule_are_refused(session, small_world):
    small_world(session)
    account = {"username": "a", "full_name": "a", "password_hash": "-", "role": models.Role.MANAGER}
    for values, constraint in ACCOUNTS:
        with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
            session.execute(insert(models.User).values(account | values))


def test_rows_that_others_refer_to_are_not_deleted(session, small_world):
    small_world(session)
    for table in (models.Ministry, models.Region, models.ResourceType, models.FiscalYear):
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"), session.begin_nested():
            session.execute(delete(table).execution_options(synchronize_session=False))


def test_a_requirement_takes_its_demand_along(session, small_world):
    small_world(session)
    session.execute(delete(models.Requirement).execution_options(synchronize_session=False))
    assert session.scalars(select(models.DemandLine)).all() == []
