"""Workers: the processes that take jobs from the queue and do them, over DBOS. Nothing else speaks to DBOS."""
