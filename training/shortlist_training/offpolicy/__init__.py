"""What a policy that has never served would have earned, judged from the log of one that has."""
