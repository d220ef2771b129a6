"""Makes everything that the page loads: `python -m train <command>`."""
