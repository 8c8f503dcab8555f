"""The sample that judges a map, and each step by itself: classify, sample, assess, fetch."""
