"""The training itself, from a recipe to a run's folder."""
