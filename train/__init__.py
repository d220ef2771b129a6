"""Makes everything that the page loads, with `python -m train <command>`: weights, index, map, results."""
