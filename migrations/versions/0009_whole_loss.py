"""What a level lost because what may not be divided was placed whole.

A column alone, with a default: the table is not remade, so its triggers stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_whole_loss"
down_revision = "0008_lists"


def upgrade() -> None:
    """Add the column; plans made before lost nothing, for they divided everything."""
    op.add_column("plan_level", sa.Column("whole_loss", sa.Double(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it again."""
    op.drop_column("plan_level", "whole_loss")
