"""What the literature says: the evidence tables, their audit, and their synthesis."""
