"""Runs -> tables, charts and pictures."""
