"""Second factors of accounts and identities at the organisation's provider."""

revision = "0020_second_factor"
down_revision = "0019_webhooks"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
