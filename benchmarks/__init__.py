"""The speed comparisons: `make bench` prints them, `make bench-check` holds them to the limits."""
