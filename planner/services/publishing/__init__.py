"""Publishing plans: which one is in force, what has changed since, and what it gives each ministry."""
