"""Plans that close the gaps of the data workforce: the terms, the runs, and what is read of them."""
