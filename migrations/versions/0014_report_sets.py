"""Report sets written as jobs."""

revision = "0014_report_sets"
down_revision = "0013_publishing"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
