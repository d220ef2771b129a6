"""The labeled images that a network is trained and evaluated on: UC Merced, or a folder of class folders."""
