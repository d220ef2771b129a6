"""Example images of the page and the tests: overhead scenes drawn from noise and geometry."""
