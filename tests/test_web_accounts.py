"""The administrator's screens of accounts."""

import io

import openpyxl
import pytest

from planner.mail import MAILER, Mailer

MALEE = {"username": "malee", "full_name": "มาลี ใจดี", "email": "malee@moph.example"}
PLANNER = MALEE | {"role": "ministry_planner", "ministry": "21000"}
NEW = "wat-arun-sunset-91"


class Letterbox:
    """A way to get messages out that keeps them."""

    def __init__(self) -> None:
        self.mails = []

    def send(self, mails) -> None:
        self.mails.extend(mails)


@pytest.fixture
def admin(visitor_as):
    return visitor_as("administrator")


def link_on(page: str) -> str:
    return page.split('id="link"')[1].split('value="')[1].partition('"')[0]


def state_of(visitor, code: str) -> str:
    facts = visitor.open(f"/accounts/{code}").select(".facts dd")
    return facts[3].get_text(" ", strip=True)


def test_the_list_shows_every_account_and_exports_what_it_shows(admin) -> None:
    page = admin.open("/accounts/")
    assert [row.th.get_text(strip=True) for row in page.select("tbody tr")] == sorted(
        {account.username for account in admin.accounts.values()}
    )
    narrowed = admin.open("/accounts/?role=ministry_planner&ministry=21000")
    assert [row.th.get_text(strip=True) for row in narrowed.select("tbody tr")] == ["ministry"]
    answer = admin.client.get("/accounts/export.xlsx?role=ministry_planner&sort=full_name")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    shown = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "ministry2" in shown
    assert "manager" not in shown


def test_a_person_is_invited_and_the_link_is_shown_once(admin) -> None:
    answer = admin.send("/accounts/new", PLANNER)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    link = link_on(answer.text)
    assert state_of(admin, "malee") == "ได้รับเชิญ"
    assert link not in admin.client.get("/accounts/malee").text
    admin.send("/sign-out")
    assert admin.send(link, {"password": NEW, "again": NEW}).location == "/sign-in"
    assert admin.send("/sign-in", {"username": "malee", "password": NEW}).location == "/"
    assert admin.client.get("/accounts/").status_code == 403


def test_faults_of_an_invitation_stand_at_their_fields_and_what_was_typed_stays(admin) -> None:
    answer = admin.send("/accounts/new", PLANNER | {"username": "Two Words", "ministry": ""})
    assert answer.status_code == 422
    assert 'id="username-error"' in answer.text
    assert 'id="ministry-error"' in answer.text
    assert 'value="Two Words"' in answer.text


def test_the_link_goes_by_mail_where_mail_is_set_up(web_app, admin) -> None:
    letterbox = Letterbox()
    mailer = Mailer(letterbox, "https://planner.example")
    web_app.extensions["sessions"].configure(info={MAILER: mailer})
    page = admin.send("/accounts/new", PLANNER).text
    admin.send("/accounts/hr/link")  # who has no address
    mailer.close()
    (mail,) = letterbox.mails
    assert mail.to == "malee@moph.example"
    assert link_on(page).startswith("https://planner.example/password/")
    assert link_on(page) in mail.text
    assert "malee@moph.example" in page


def test_a_link_to_wherever_the_request_says_is_sent_to_nobody(web_app, admin) -> None:
    letterbox = Letterbox()
    mailer = Mailer(letterbox)
    web_app.extensions["sessions"].configure(info={MAILER: mailer})
    assert link_on(admin.send("/accounts/new", PLANNER).text).startswith("http://localhost/")
    mailer.close()
    assert letterbox.mails == []


def test_without_a_mail_server_the_link_is_written_to_no_log(admin, caplog, capfd) -> None:
    caplog.set_level("INFO")
    link = link_on(admin.send("/accounts/new", PLANNER).text)
    assert link.rpartition("/")[2] not in caplog.text + "".join(capfd.readouterr())


def test_an_account_is_changed(admin) -> None:
    page = admin.open("/accounts/manager")
    sent = {
        "full_name": "สุภาวดี ตัวอย่าง",
        "role": "hr",
        "ministry": "11000",
        "version": page.select_one("input[name=version]")["value"],
    }
    assert admin.send("/accounts/manager", sent).status_code == 302
    page = admin.open("/accounts/manager")
    assert page.select_one("select[name=role] option[selected]")["value"] == "hr"
    assert page.select_one("select[name=ministry] option[selected]")["value"] == "11000"
    assert admin.send("/accounts/manager", sent).status_code == 409  # as it was before
    fresh = sent | {"version": page.select_one("input[name=version]")["value"], "full_name": ""}
    refused = admin.send("/accounts/manager", fresh)
    assert refused.status_code == 422
    assert 'id="full_name-error"' in refused.text


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 5000], ids=["none", "word", "negative", "endless"])
def test_a_version_that_is_none_is_an_old_one(admin, version: str) -> None:
    sent = {"full_name": "a", "role": "manager", "version": version}
    assert admin.send("/accounts/manager", sent).status_code == 409


def test_an_account_is_deactivated_and_activated_again(web_app, admin) -> None:
    manager = type(admin)(web_app, admin.accounts)
    manager.sign_in("manager")
    admin.send("/accounts/manager/deactivate")
    assert state_of(admin, "manager") == "ปิดใช้งาน"
    assert manager.client.get("/").status_code == 302
    assert manager.sign_in("manager").status_code == 401
    assert admin.send("/accounts/manager/link").status_code == 409
    admin.send("/accounts/manager/reactivate")
    assert manager.sign_in("manager").status_code == 302


def test_an_account_is_taken_back(web_app, admin) -> None:
    manager = type(admin)(web_app, admin.accounts)
    manager.sign_in("manager")
    assert admin.open("/accounts/manager").select_one("form[action='/accounts/manager/take-back']")
    link = link_on(admin.send("/accounts/manager/take-back").text)
    assert manager.client.get("/").status_code == 302
    assert manager.sign_in("manager").status_code == 401
    assert manager.send(link, {"password": NEW, "again": NEW}).location == "/sign-in"


def test_an_account_is_unlocked(web_app, admin) -> None:
    manager = type(admin)(web_app, admin.accounts)
    for _ in range(5):
        manager.send("/sign-in", {"username": "manager", "password": "wrong"})
    assert state_of(admin, "manager").startswith("ถูกล็อก")
    admin.send("/accounts/manager/unlock")
    assert manager.sign_in("manager").status_code == 302


def test_the_history_tells_what_was_done_to_an_account(web_app, admin) -> None:
    type(admin)(web_app, admin.accounts).sign_in("manager")
    admin.send("/accounts/manager/deactivate")
    actions = [entry.get_text(strip=True) for entry in admin.open("/accounts/manager").select(".past .byline span")]
    assert actions == ["ปิดใช้งาน", "เข้าสู่ระบบ"]


def test_somebody_is_signed_out_everywhere(web_app, admin) -> None:
    manager = type(admin)(web_app, admin.accounts)
    manager.sign_in("manager")
    assert len(admin.open("/accounts/manager").select("tbody tr")) == 1
    admin.send("/accounts/manager/sign-ins/end")
    assert manager.client.get("/").status_code == 302


def test_the_last_administrator_stays_one(admin) -> None:
    answer = admin.send("/accounts/admin/deactivate")
    assert answer.status_code == 409
    assert "ผู้ดูแลระบบคนสุดท้าย" in answer.text
    admin.open("/accounts/")


def test_an_account_that_does_not_exist_is_not_found(admin) -> None:
    admin.open("/accounts/nobody", 404)
    assert admin.send("/accounts/nobody/deactivate").status_code == 404
