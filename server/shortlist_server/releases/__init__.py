"""Which bundles this process serves: watched on disk, checked in a child process, loaded, swapped, freed."""
