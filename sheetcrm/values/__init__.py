"""One cell's worth of Chinese office life: dates, amounts, phones, working time (pure)."""
