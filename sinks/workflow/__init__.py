"""The steps of a study in order, what is up to date, and single steps on any files."""
