"""A collection of photos: its artifact folder, its catalogue, where its photos are, what is known of it."""
