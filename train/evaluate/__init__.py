"""How well a network retrieves: embed the parts of a data set, rank the gallery, compute the metrics."""
