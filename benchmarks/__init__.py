"""Commands that measure speed and quality and print tables (`make bench...`); not part of the tests."""
