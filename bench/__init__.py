"""The same night beside what it could cost at least, in one run, as ratios."""
