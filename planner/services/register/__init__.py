"""The register of the data workforce: who works on data where, in which posts, and who answers for what."""
