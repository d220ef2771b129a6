"""Examples to search with: drawn photos and screenshots, which are shipped, and photos of Bucharest."""
