"""When old runs may be removed."""

revision = "0021_retention"
down_revision = "0020_second_factor"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
