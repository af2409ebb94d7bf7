"""One room for each command: its options, its work, what people see (`show`), what programs get (`document`)."""
