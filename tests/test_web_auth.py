"""Signing in and out, and what a session keeps."""

from flask import Flask

from planner.services.attempts import FAILURES_ALLOWED


def test_a_stranger_is_led_to_sign_in_and_back_to_the_page(visitor) -> None:
    response = visitor.client.get("/requirements/?q=a")
    assert response.status_code == 302
    assert response.location == "/sign-in?next=/requirements/?q%3Da"
    assert visitor.sign_in("de_planner", next="/requirements/?q=a").location == "/requirements/?q=a"


def test_signing_in_leads_nowhere_else(visitor) -> None:
    assert visitor.sign_in("de_planner", next="https://example.org/").location == "/"


def test_who_is_signed_in_does_not_see_the_form_again(visitor_as) -> None:
    assert visitor_as("manager").client.get("/sign-in?next=/sites/").location == "/sites/"


def test_a_wrong_password_says_one_sentence_and_locks_after_some_tries(visitor) -> None:
    account = visitor.accounts["manager"]
    wrong = {"username": account.username, "password": "wrong"}
    answers = [visitor.send("/sign-in", wrong) for _ in range(FAILURES_ALLOWED)]
    nobody = visitor.send("/sign-in", {"username": "nobody", "password": "wrong"})
    assert {answer.status_code for answer in [*answers, nobody]} == {401}
    assert 'role="alert"' in nobody.text
    assert visitor.sign_in("manager").status_code == 401  # the right one, too late


def test_empty_fields_are_named(visitor) -> None:
    page = visitor.send("/sign-in", {"username": "", "password": ""}).text
    assert "โปรดกรอกชื่อผู้ใช้" in page
    assert "โปรดกรอกรหัสผ่าน" in page
    assert 'aria-invalid="true"' in page


def test_a_session_starts_anew_on_sign_in(visitor) -> None:
    visitor.open("/sign-in")
    with visitor.client.session_transaction() as before:
        token, before["planted"] = before["csrf_token"], "by somebody else"
    visitor.sign_in("de_planner")
    visitor.open("/")
    with visitor.client.session_transaction() as after:
        assert after["csrf_token"] != token
        assert "planted" not in after


def test_the_session_cookie_is_guarded(web_app: Flask, visitor) -> None:
    web_app.config["SESSION_COOKIE_SECURE"] = True
    response = visitor.client.get("/sign-in")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("planner_session=")
    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= {part.strip() for part in cookie.split(";")}
    assert "Strict-Transport-Security" in response.headers


def test_signing_out_ends_the_session_and_keeps_the_language(visitor_as) -> None:
    visitor = visitor_as("auditor")
    visitor.send("/preferences/language", {"language": "en"})
    assert visitor.send("/sign-out").location == "/sign-in"
    page = visitor.open("/sign-in")
    assert page.html["lang"] == "en"
    assert page.select_one("[role=status]").get_text(strip=True) == "You are signed out."
    assert visitor.client.get("/").location == "/sign-in?next=/"


def test_a_disabled_account_is_out_at_once(web_app: Flask, visitor_as) -> None:
    visitor = visitor_as("auditor")
    with web_app.extensions["engine"].begin() as connection:
        connection.exec_driver_sql("UPDATE user_account SET active = 0 WHERE username = 'auditor'")
    assert visitor.client.get("/").status_code == 302


def test_a_form_without_its_token_is_refused(visitor_as) -> None:
    response = visitor_as("de_planner").client.post("/plans/", data={"name": "forged"})
    assert response.status_code == 400
    assert "หน้านี้เปิดไว้นานเกินไป" in response.text


def test_the_language_stays_with_the_person(visitor_as) -> None:
    visitor = visitor_as("manager")
    visitor.send("/preferences/language", {"language": "en", "next": "/sites/"})
    visitor.send("/sign-out")
    visitor.send("/preferences/language", {"language": "th"})
    visitor.sign_in("manager")
    assert visitor.open("/").html["lang"] == "en"


def test_the_theme_stays_in_the_browser(visitor) -> None:
    page = visitor.open("/sign-in")
    assert page.select_one("script[src*='theme.js']")
    answer = visitor.send("/preferences/theme", {"theme": "dark", "next": "/sign-in?next=/sites/"})
    assert answer.location == "/sign-in?next=/sites/"
    page = visitor.open("/sign-in")
    assert page.html["data-bs-theme"] == "dark"
    assert not page.select("script[src*='theme.js']")


def test_a_choice_that_does_not_exist_is_refused(visitor) -> None:
    assert visitor.send("/preferences/language", {"language": "xx"}).status_code == 400
    assert visitor.send("/preferences/theme", {"theme": "pink"}).status_code == 400
