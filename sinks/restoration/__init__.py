"""Restoration of a district: what is damaged, what a plan changes, what to do first."""
