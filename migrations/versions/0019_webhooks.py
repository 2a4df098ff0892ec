"""Addresses that are told of events, and what was delivered."""

revision = "0019_webhooks"
down_revision = "0018_api"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
