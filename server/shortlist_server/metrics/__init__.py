"""What a server counts, for Prometheus: in each process, summed over all of them, told at an address of its own."""
