"""Saved views, and the indexes that lists use."""

revision = "0008_lists"
down_revision = "0007_reference"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them again."""
