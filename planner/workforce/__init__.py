"""The data workforce: coverage and how its gaps close, over plain values (numpy, PuLP, HiGHS)."""
