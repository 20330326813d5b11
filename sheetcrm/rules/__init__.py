"""The manager's own rules, written as Excel formulas (pure)."""
