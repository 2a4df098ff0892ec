"""Alembic migrations: one script a step, with human names."""
