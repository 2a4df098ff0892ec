"""What agencies hold: the inventory of datasets."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Base, Code, Name, PrimaryKey, code_is_plain
from models.reference import Agency, Clearance
from models.sorting import SORT_KEY, thai_sort_key, title_key
from models.wordlists import WordList


class Dataset(Base):
    """A dataset of an agency: how the government data catalogue describes it, how big it is, who answers for it.

    `agency` to `licence` are the fourteen fields that the catalogue asks for; the codes of their choices stand in
    `reports.catalogue`. `catalogue_name` is the dataset's own name there, absent until it comes from or goes to it.
    `volume_tb` is absent until it is measured; `growth` is the share by which it grows in a year. `checked` holds the
    readiness items that somebody has ticked. `title_key` follows `title` and sorts it as a Thai dictionary would.
    """

    __tablename__ = "dataset"
    __table_args__ = (
        code_is_plain(),
        UniqueConstraint("agency_id", "catalogue_name"),
        CheckConstraint("update_interval IS NULL OR update_interval > 0", name="interval_positive"),
        CheckConstraint("volume_tb IS NULL OR volume_tb >= 0", name="volume_not_negative"),
        CheckConstraint("growth >= 0", name="growth_not_negative"),
        CheckConstraint("category <> 'personal' OR personal_data", name="personal_category_is_personal"),
        CheckConstraint("deputy = '' OR deputy <> accountable", name="deputy_is_another"),
        CheckConstraint("version > 0", name="version_positive"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[Name]
    title_key: Mapped[str] = mapped_column(SORT_KEY, default=title_key, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    data_type: Mapped[str] = mapped_column(String(20))
    contact_name: Mapped[Name]
    contact_email: Mapped[str] = mapped_column(String(254))
    keywords: Mapped[tuple[str, ...]] = mapped_column(WordList(1000))
    description: Mapped[str] = mapped_column(String(4000))
    objectives: Mapped[tuple[str, ...]] = mapped_column(WordList(300))
    update_unit: Mapped[str] = mapped_column(String(20))
    update_interval: Mapped[int | None]
    coverage: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(1000))
    formats: Mapped[tuple[str, ...]] = mapped_column(WordList(300))
    category: Mapped[str] = mapped_column(String(20), index=True)
    licence: Mapped[str] = mapped_column(String(20))
    catalogue_name: Mapped[str | None] = mapped_column(String(100))

    clearance_id: Mapped[int] = mapped_column(ForeignKey("clearance.id"))
    personal_data: Mapped[bool]
    volume_tb: Mapped[float | None]
    growth: Mapped[float] = mapped_column(default=0.0)
    accountable: Mapped[Name] = mapped_column(default="")
    deputy: Mapped[Name] = mapped_column(default="")
    checked: Mapped[tuple[str, ...]] = mapped_column(WordList(500), default=())
    proposal: Mapped[str] = mapped_column(String(2000), default="")
    retired: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    agency: Mapped[Agency] = relationship()
    clearance: Mapped[Clearance] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form

    @validates("title")
    def _keep_title_key(self, _name: str, title: str) -> str:
        self.title_key = thai_sort_key(title)
        return title
