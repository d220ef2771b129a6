"""Training a network with a triplet loss: from a recipe to the folder of a run, with its best weights."""
