"""The inventory of datasets."""

revision = "0004_datasets"
down_revision = "0003_accounts"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them again."""
