"""Seeded problems to measure and test the engine with, and a direct model to hold it against."""
