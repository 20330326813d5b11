"""Everything that touches an Excel file or the disk; only user of calamine, XlsxWriter, lxml."""
