"""Photos and weights -> artifact folders, and artifact folders -> the Hub."""
