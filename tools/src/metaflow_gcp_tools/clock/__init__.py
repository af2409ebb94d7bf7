"""What a deployment takes in a real project: documented durations of each type, on the stacks' own graph."""
