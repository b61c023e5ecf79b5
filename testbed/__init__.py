"""The test bed: one way to get a real host, for the demo, for Molecule, for the benchmarks and for a person."""
