"""A folder of photos as people have it -> a collection, kept up with what changes there."""
