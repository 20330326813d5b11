"""What a workbook must look like: kits, tables, columns, pipelines, and how to recognise them."""
