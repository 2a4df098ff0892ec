"""The audit log, comments, attachments, followers and the inbox."""

revision = "0002_audit"
down_revision = "0001_first_tables"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them again."""
