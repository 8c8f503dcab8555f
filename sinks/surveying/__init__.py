"""From images to a map that is judged: the steps of classify, sample, assess and fetch."""
