"""Speed as ratios in one run, against decoding the same files and against peers."""
