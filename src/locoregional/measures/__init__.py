"""Did it work: margins and what they stand on."""
