"""The history of an object, and what people say about it."""

import datetime as dt

import pytest
from sqlalchemy import select

from models import AuditEntry, Role
from planner.errors import ForbiddenError, InvalidInputError, NotFoundError
from planner.i18n import label_words, to_words
from planner.services import inbox
from planner.services.audit import record
from planner.services.audit_log import LogFilter, list_entries
from planner.services.comments import LONGEST, add_comment, load_discussion
from planner.services.history import load_history
from planner.services.permissions import OPERATOR, Actor
from reports.words import BANGKOK

MDES = "Ministry of Digital Economy and Society"
LEVELS, COST = "Levels in their order", "Least cost"
LEXIMIN, MAXMIN = "Leximin: raise the lowest, then the next, and so on", "Max-min: raise the lowest alone"
OURS, THEIRS = "requirement:R-000001", "requirement:R-000002"


@pytest.fixture
def planner(world, person) -> Actor:
    return person(Role.MINISTRY_PLANNER, "21000")


@pytest.fixture
def reviewer(world, person) -> Actor:
    return person(Role.DE_PLANNER)


def note(world, actor, action="changed", subject=OURS, changes=None, **options) -> None:
    with world.begin() as session:
        record(session, actor, action, subject, changes or {}, **options)


def test_history_is_newest_first_with_full_names(world, planner, reviewer) -> None:
    note(world, planner, "submitted")
    note(world, reviewer, "returned", note="ขาดเหตุผล")
    note(world, reviewer, subject=THEIRS)
    with world() as session:
        history = load_history(session, planner, OURS)
    assert [(entry.action, entry.actor, entry.note) for entry in history.entries] == [
        ("returned", "คุณde_planner", "ขาดเหตุผล"),
        ("submitted", "คุณministry_planner", ""),
    ]
    assert history.name.th == "เวชระเบียนกลาง"


@pytest.mark.parametrize(
    ("subject", "change", "shown"),
    [
        (OURS, {"title": ("ก", "")}, ("Title", "ก", "–")),
        (OURS, {"start_year": (2027, 2028)}, ("Start year", "2027", "2028")),
        (OURS, {"divisible": (True, False)}, ("Divisible", "yes", "no")),
        (OURS, {"regions": (["north", "central"], [])}, ("Allowed regions", "North, Central", "–")),
        (OURS, {"agency": ("11004", "gone")}, ("Agency", "National Statistical Office", "gone")),
        (OURS, {"status": ("draft", "approved")}, ("Status", "draft", "approved")),
        (OURS, {"revision": ("draft", "approved")}, ("Revision", "Draft", "Approved")),
        (OURS, {"demand.vcpu.2027": (None, 12.5)}, ("Demand vCPU 2027", "–", "12.5")),
        (OURS, {"no_such_field": ({"a": 1}, None)}, ("no_such_field", "a: 1", "–")),
        ("site:BKK1", {"region": ("north", "central")}, ("Region", "North", "Central")),
        ("site:BKK1", {"vcpu.nameplate.2027": (1, 2)}, ("vCPU: Nameplate 2027", "1", "2")),
        ("site:BKK1", {"reserve_margin": (None, 0.15)}, ("Reserve margin", "–", "15.0%")),
        ("site:BKK1", {"hot_tb.reserve_margin": (None, 0.15)}, ("Hot storage: Reserve margin", "–", "15.0%")),
        ("ministry:11000", {"valid_to": (None, "2027-09-30")}, ("Valid to", "–", "30 September 2027")),
        ("account:x", {"ministry": (None, "21000")}, ("Ministry", "–", "Ministry of Public Health")),
        ("account:x", {"role": ("hr", "auditor")}, ("Role", "Human resources", "Auditor")),
        ("account:x", {"active": (True, False)}, ("active", "yes", "no")),
        ("account:x", {"scopes": (None, ["requirements:read"])}, ("What it may do", "–", "Requirements: Read")),
        ("webhook:x", {"events": (["plan.published"], [])}, ("Events", "A plan was published", "–")),
        ("policy:policy", {"floors.11000": (None, 0.5)}, (f"{MDES}: Least share", "–", "50.0%")),
        ("policy:policy", {"tolerance": (0.001, 0.0)}, ("Tolerance", "0.1%", "0.0%")),
        ("policy:policy", {"pins.R-000001": (None, "BKK1")}, ("เวชระเบียนกลาง: Pinned to", "–", "Bang Rak")),
        (
            "policy:policy",
            {"levels": (["cost"], ["moves", "cost"])},
            (LEVELS, "Least cost", "Least data moved, Least cost"),
        ),
        ("policy:policy", {"fairness": ("leximin", "maxmin")}, ("Kind of fairness", LEXIMIN, MAXMIN)),
    ],
)
def test_a_change_is_shown_as_people_read_it(world, person, subject, change, shown) -> None:
    note(world, OPERATOR, subject=subject, changes=change)
    with world() as session:
        (read,) = load_history(session, person(Role.AUDITOR), subject).entries[0].changes
    assert (label_words(read.label, "en"), to_words(read.old, "en"), to_words(read.new, "en")) == shown


def test_years_of_a_change_are_of_the_readers_era(world, reviewer) -> None:
    note(world, reviewer, changes={"start_year": (2027, 2028), "demand.vcpu.2027": (1, 2)})
    with world() as session:
        year, demand = load_history(session, reviewer, OURS).entries[0].changes
    assert (to_words(year.old, "th"), to_words(year.old, "en")) == ("2570", "2027")
    assert to_words(demand.label, "th").endswith("หน่วยประมวลผล 2570")


def test_history_comes_in_pages(world, reviewer) -> None:
    for number in range(12):
        note(world, reviewer, note=str(number))
    with world() as session:
        first = load_history(session, reviewer, OURS)
        last = load_history(session, reviewer, OURS, page=2)
        older = load_history(session, reviewer, OURS, before=first.entries[-1].position)
        oldest = load_history(session, reviewer, OURS, before=last.entries[-1].position)
    assert (older.entries, oldest.entries) == (last.entries, ())
    assert (first.total, first.pages, len(first.entries)) == (12, 2, 10)
    assert [entry.note for entry in last.entries] == ["1", "0"]


def test_whose_history_one_may_read(world, planner, reviewer, person) -> None:
    note(world, reviewer, subject=THEIRS)
    note(world, reviewer, "removed", "requirement:R-999999")
    with world() as session:
        with pytest.raises(NotFoundError):
            load_history(session, planner, THEIRS)
        with pytest.raises(ForbiddenError):
            load_history(session, person(Role.HR), THEIRS)
        with pytest.raises(NotFoundError):
            load_history(session, reviewer, "requirement:R-999999")
        auditor = person(Role.AUDITOR)
        assert load_history(session, auditor, "requirement:R-999999").name is None
        with pytest.raises(NotFoundError):
            load_history(session, auditor, "requirement:R-999998")


# Comments


def test_a_comment_is_shown_recorded_and_told(world, planner, reviewer) -> None:
    with world.begin() as session:
        inbox.follow(session, reviewer, OURS)
        add_comment(session, planner, OURS, "  ข้อมูลจริงมาแล้ว\r\nโปรดดู <b>ด้วย</b> ")
    with world() as session:
        discussion = load_discussion(session, planner, OURS)
        (said,) = discussion.comments
        assert said.text == "ข้อมูลจริงมาแล้ว\nโปรดดู <b>ด้วย</b>"
        assert (said.author, said.role) == ("คุณministry_planner", "ministry_planner")
        assert discussion.following
        assert discussion.followers == ("คุณde_planner", "คุณministry_planner")
        assert discussion.history.entries[0].action == "commented"
        assert [item.note for item in inbox.load_inbox(session, reviewer).items] == [said.text]
        assert inbox.load_inbox(session, planner).items == ()


def test_an_empty_or_endless_comment_is_refused(world, planner) -> None:
    for text, code in ((" \n ", "empty"), ("ก" * (LONGEST + 1), "too_long")):
        with world() as session, pytest.raises(InvalidInputError) as caught:
            add_comment(session, planner, OURS, text)
        assert [found.code for found in caught.value.faults] == [code]


def test_who_may_comment(world, planner, person) -> None:
    with world() as session:
        with pytest.raises(NotFoundError):
            add_comment(session, planner, THEIRS, "x")
        auditor = person(Role.AUDITOR)
        with pytest.raises(ForbiddenError):
            add_comment(session, auditor, OURS, "x")
        assert not load_discussion(session, auditor, OURS).may_write
        with pytest.raises(ForbiddenError):
            load_discussion(session, person(Role.ADMINISTRATOR), OURS)


def test_a_discussion_takes_the_same_queries_however_long(world, planner, reviewer, count_queries) -> None:
    counts = []
    for _ in range(2):
        with world.begin() as session:
            for actor in (planner, reviewer):
                add_comment(session, actor, OURS, "ครับ")
        with world() as session, count_queries() as statements:
            load_discussion(session, planner, OURS)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


# The audit log


@pytest.fixture
def log(world, planner, reviewer):
    """Positions of the entries that a filter lets through, newest first."""
    note(world, planner, "submitted", OURS, note="ส่งรอบแรก")
    note(world, reviewer, "returned", OURS)
    note(world, None, "sign_in_failed", "account:nobody", note="10.0.0.1")
    note(world, reviewer, "changed", "site:BKK1", {"name_th": ("ก", "ข")})
    note(world, reviewer, "changed", "siteplan:X")

    def positions(**wanted) -> list[str]:
        with world() as session:
            return [row[0] for row in list_entries(session, OPERATOR, LogFilter(**wanted)).table.rows]

    return positions


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["5", "4", "3", "2", "1"]),
        ({"kind": "site"}, ["4"]),
        ({"kind": "requirement", "action": "returned"}, ["2"]),
        ({"actor": "DE_PLANNER"}, ["5", "4", "2"]),
        ({"text": "r-000001"}, ["2", "1"]),
        ({"text": "รอบแรก"}, ["1"]),
        ({"text": "%"}, []),
        ({"page": None}, ["5", "4", "3", "2", "1"]),
        ({"page_size": 2}, ["5", "4"]),
        ({"before": 4, "page_size": 2}, ["3", "2"]),
        ({"before": 4, "kind": "requirement"}, ["2", "1"]),
        ({"kind": "no such kind"}, []),
    ],
)
def test_the_log_is_filtered(log, wanted, found) -> None:
    assert log(**wanted) == found


def test_days_are_days_in_bangkok(log, world) -> None:
    with world() as session:
        at = session.scalars(select(AuditEntry.at)).first()
    today = at.astimezone(BANGKOK).date()
    yesterday, tomorrow = (today + dt.timedelta(days=step) for step in (-1, 1))
    assert len(log(first=today, last=today)) == 5
    assert log(last=yesterday) == log(first=tomorrow) == []


def test_only_auditors_and_administrators_read_the_log(world, reviewer) -> None:
    with world() as session, pytest.raises(ForbiddenError):
        list_entries(session, reviewer, LogFilter())
