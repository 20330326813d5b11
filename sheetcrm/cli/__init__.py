"""The terminal: parse arguments, call one workflow, print, set the exit code."""
