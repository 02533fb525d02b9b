"""How far the studies can be trusted: MINORS, ROBINS-I, GRADE, and how they were found (PRISMA 2020)."""
