"""Documents, and what makes their pictures."""
