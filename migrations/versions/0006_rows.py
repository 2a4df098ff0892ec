"""What undoing an import needs."""

revision = "0006_rows"
down_revision = "0005_review"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them again."""
