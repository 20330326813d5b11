"""Figures over tables: (tables, kit, as_of) -> frames and figures (pure)."""
