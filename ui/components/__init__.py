"""Components of the page's own: the Python, the template and the script of each lie together."""
