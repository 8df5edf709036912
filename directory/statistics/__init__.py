"""The figures of the directory: grades, badges over time, listings by state, the measured accuracy, and the queue."""
