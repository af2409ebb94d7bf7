"""How every command speaks: options, help, progress and results, the log of `--verbose`."""
