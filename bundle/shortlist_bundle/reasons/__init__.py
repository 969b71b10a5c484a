"""Why an item is in a list: worked out for the items of finished lists, and only when somebody asks."""
