"""What was brought in from files, and whether the numbers are real."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Name, PrimaryKey
from models.people import User


class ImportBatch(Base):
    """One applied import of a file. Importing writes a row each time it stores something.

    `sha256` is of the file's bytes. `synthetic` says that the file calls its numbers made up: from then on every plan
    run is marked synthetic too. `counts` holds, by sheet, how many rows were added, changed and left unchanged.
    `imported_by` is absent where the command line did it, and `undone_by` where that undid it. `ministry_id` is of the
    ministry that the person was of then: it stays when the person moves to another. `rows` are what it did to each
    row; imports from before those were kept have none, and cannot be undone.
    """

    __tablename__ = "import_batch"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256_length"),)

    id: Mapped[PrimaryKey]
    file_name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    synthetic: Mapped[bool]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    imported_at: Mapped[dt.datetime]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ministry_id: Mapped[int | None] = mapped_column(ForeignKey("ministry.id"))

    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    imported_by: Mapped[User | None] = relationship(foreign_keys=imported_by_id)
    undone_by: Mapped[User | None] = relationship(foreign_keys=undone_by_id)
    rows: Mapped[list["ImportRow"]] = relationship(order_by="ImportRow.id", passive_deletes=True)


class ImportRow(Base):
    """What an import did to one row: `identity` holds what tells the row apart within its sheet.

    `cells` holds, by column, the value before and the value after, for the cells alone that changed; before an added
    row there was nothing.
    """

    __tablename__ = "import_row"

    id: Mapped[PrimaryKey]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    sheet: Mapped[str] = mapped_column(String(40))
    identity: Mapped[list[Any]] = mapped_column(JSON)
    added: Mapped[bool]
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)
