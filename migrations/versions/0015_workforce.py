"""The register of the data workforce."""

revision = "0015_workforce"
down_revision = "0014_report_sets"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
