"""Rules over tables: (tables, kit, as_of) -> findings, one file per rule family (pure)."""
