"""The commands of training: one file each, heavy imports inside the functions that need them."""
