"""Artifact folders: build one from photos and weights, describe it, publish it to the Hugging Face Hub."""
