"""Plans that close the gaps of the data workforce."""

revision = "0016_closing"
down_revision = "0015_workforce"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
