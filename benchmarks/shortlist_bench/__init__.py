"""`shortlist bench serving` and `load`: what a served answer costs, against the floor and against peers."""
