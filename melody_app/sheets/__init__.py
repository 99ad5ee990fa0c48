"""What the lists have in common that spreadsheets write and read: directories and rules as CSV, in and out."""
