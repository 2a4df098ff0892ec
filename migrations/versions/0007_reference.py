"""Versions of reference rows, and the policy."""

revision = "0007_reference"
down_revision = "0006_rows"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them again."""
