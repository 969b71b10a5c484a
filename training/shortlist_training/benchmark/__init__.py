"""Methods compared on tasks with targets: run, judged by one judge, told apart from chance."""
