"""Where the sample workbooks come from: invented teams, the same at every run (seeded)."""
