"""How well a network retrieves."""
