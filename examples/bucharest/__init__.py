"""Aerial photos of places in and around Bucharest, to search with.

`python -m examples.bucharest` downloads them; the repository contains none. A person may add photos by hand.
"""
