"""Find what one plan grants a requirement at once, however many plans are kept and however large they are."""

from alembic import op

revision = "0022_placement_index"
down_revision = "0021_retention"


def upgrade() -> None:
    """Put the run into the index of requirements."""
    op.create_index("ix_placement_requirement_run_id", "placement", ["requirement", "run_id"])
    op.drop_index("ix_placement_requirement", "placement")


def downgrade() -> None:
    """Leave the run out again."""
    op.create_index("ix_placement_requirement", "placement", ["requirement"])
    op.drop_index("ix_placement_requirement_run_id", "placement")
