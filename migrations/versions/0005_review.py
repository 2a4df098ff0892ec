"""Planning rounds and revisions of requirements."""

revision = "0005_review"
down_revision = "0004_datasets"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them again."""
