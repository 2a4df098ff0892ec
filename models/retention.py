"""What may be taken away although it is finished."""

from sqlalchemy.orm import Mapped, mapped_column

from models.audit import SUBJECT
from models.base import Base


class Removal(Base):
    """A finished plan run or workforce plan, named as in the audit log, that is being removed.

    Database triggers let nothing finished go unless a row here names it. Whoever removes it adds the row and takes it
    away again in the same transaction, so that the table is empty for everybody else.
    """

    __tablename__ = "removal"

    subject: Mapped[str] = mapped_column(SUBJECT, primary_key=True)
