"""Probability samples on a map, and what they say of its accuracy and of true areas."""
