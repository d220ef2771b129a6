"""Screenshots of maps: what covers them, at which scale they are, and what is searched of them."""
