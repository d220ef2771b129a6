"""Stand-ins for screenshots of satellite maps: drawn districts of a town, and the overlays of a web page."""
