"""Where the next hectares of restoration do most good: mixed-integer programmes."""
