"""Aerial photos of places in and around Bucharest, to search with: downloaded once, or dropped in a folder.

`python -m examples.bucharest` downloads them. None is in the repository.
"""
