"""Scenarios, their adjustments, and sweeps over them."""

revision = "0012_scenarios"
down_revision = "0011_jobs"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
