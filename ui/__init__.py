"""All that people and programs meet: the page, its languages, its addresses, its endpoints."""
