"""One engine for every interval: laws, shared draws, areas known from a sample, summaries."""
