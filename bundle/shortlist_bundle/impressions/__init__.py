"""What was shown to whom, and how it came about: what a policy is learnt from and judged by."""
