"""The runners: what `python -m rehearsal` and `python -m rehearsal check` do."""
