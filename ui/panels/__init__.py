"""The parts of the page: each a module with its components and what they do. `page.py` puts them together."""
