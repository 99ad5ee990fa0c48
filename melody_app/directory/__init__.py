"""The directory: the company's virtual numbers and departments, which rules name by their ids."""
