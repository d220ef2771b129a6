"""What things cost and how well they work, printed by commands; never part of the tests."""
