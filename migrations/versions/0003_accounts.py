"""Invitations, sessions and what accounts know of themselves."""

revision = "0003_accounts"
down_revision = "0002_audit"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them again."""
