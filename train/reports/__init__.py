"""Evaluations and records of runs -> text, tables, charts and montages."""
