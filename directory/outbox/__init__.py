"""Email, queued in the transaction of the change that it reports and sent after the commit."""
