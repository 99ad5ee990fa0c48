"""Rules as a list: exported, edited in a spreadsheet, imported with a preview of the difference."""
