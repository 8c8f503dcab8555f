"""What measures change, year by year, against a stated baseline."""
