"""E-mail of services, above all the inbox's copy: handed over once the transaction that told people has committed."""

from typing import Final, NamedTuple

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from models import InboxItem, User
from planner.i18n import to_words
from planner.mail import MAILER, Mail, Mailer
from planner.services.subjects import KINDS, Subject
from planner.services.wording import action_phrase
from planner.text import N_, Phrase, Value

_PENDING: Final = "mail_pending"
_WHOLE: Final = "mail_whole"


class _Copy(NamedTuple):
    item: InboxItem
    address: str
    language: str
    subject: Subject


def post_after_commit(session: Session, item: InboxItem, subject: Subject, user: User) -> None:
    """Send `user` a copy of `item` if and when the transaction commits."""
    if MAILER in session.info and user.email:
        session.info.setdefault(_PENDING, []).append(_Copy(item, user.email, user.language, subject))


def post_mail_after_commit(session: Session, mail: Mail) -> None:
    """Send `mail` if and when the transaction commits."""
    if MAILER in session.info:
        session.info.setdefault(_WHOLE, []).append(mail)


@event.listens_for(Session, "after_commit")
def _post_pending(session: Session) -> None:
    """One message a person, however many things the transaction told of; nothing of a savepoint that was undone."""
    if session.in_nested_transaction():
        return
    mails: list[Mail] = session.info.pop(_WHOLE, [])
    by_person: dict[tuple[str, str], list[_Copy]] = {}
    for copy in session.info.pop(_PENDING, []):
        if inspect(copy.item).has_identity:
            by_person.setdefault((copy.address, copy.language), []).append(copy)
    if by_person or mails:
        mailer: Mailer = session.info[MAILER]
        mailer.post([*mails, *(_compose(mailer, *person, copies) for person, copies in by_person.items())])


@event.listens_for(Session, "after_rollback")
def _forget_pending(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_PENDING, None)
        session.info.pop(_WHOLE, None)


def _compose(mailer: Mailer, address: str, language: str, copies: list[_Copy]) -> Mail:
    lines = [_line(copy, language) for copy in copies]
    many = Phrase(N_("%(count)s new notices"), {"count": len(lines)})
    subject = lines[0] if len(lines) == 1 else to_words(many, language)
    where = Phrase(N_("Read more in your inbox: %(link)s"), {"link": f"{mailer.address}/inbox/"})
    text = "\n\n".join(
        [
            *(f"{line}\n{copy.item.note}".strip() for line, copy in zip(lines, copies, strict=True)),
            to_words(where, language),
        ]
    )
    return Mail(address, " ".join(subject.split()), text)


def _line(copy: _Copy, language: str) -> str:
    params: dict[str, Value] = {
        "actor": copy.item.actor,
        "action": action_phrase(copy.item.event),
        "kind": Phrase(KINDS[copy.subject.kind].label),
        "code": copy.subject.code,
        "name": copy.subject.name,
    }
    return to_words(Phrase("%(actor)s %(action)s: %(kind)s %(code)s %(name)s", params), language)
