"""From a foreign lead sheet to decisions and rows (pure)."""
