"""The places that results are given for, and what covers them."""
