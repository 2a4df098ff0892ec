"""Tokens of programs and the answers kept for repeated requests."""

revision = "0018_api"
down_revision = "0017_coverage"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
