"""Publications of plans."""

revision = "0013_publishing"
down_revision = "0012_scenarios"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
