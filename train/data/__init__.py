"""The images to train and to measure on."""
