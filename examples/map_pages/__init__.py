"""Stand-ins for screenshots of a map's page: a town of scenes, and what the page draws over it."""
