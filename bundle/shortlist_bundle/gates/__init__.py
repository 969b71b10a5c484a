"""What a bundle has to show before it serves: compared with the one that does, number by number."""
