"""What strangers get: whole customers and whole items held out of training, and asked about afterwards."""
