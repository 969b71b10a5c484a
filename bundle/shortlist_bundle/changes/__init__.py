"""What happens after a bundle was made: events, live items, described and forgotten customers, and their log."""
