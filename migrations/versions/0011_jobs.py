"""Jobs that survive their workers, and runs that wait for one."""

revision = "0011_jobs"
down_revision = "0010_import_ministry"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
