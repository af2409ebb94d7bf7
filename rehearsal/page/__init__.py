"""The report as one page: what was deployed, how long the same takes in a real project, and what waits for what."""
