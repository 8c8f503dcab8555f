"""Finished blocks of a long computation, kept on disk so that a killed run can go on."""
