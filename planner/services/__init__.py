"""Use cases: each takes a session and an actor, checks permission, and returns plain results."""
