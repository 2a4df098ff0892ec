"""The allocation: a pure engine over plain values (numpy, PuLP, HiGHS), with no database and no web."""
