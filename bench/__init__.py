"""What a push costs, side by side with what people use today: `python -m bench --help`, docs/benchmarks.md."""
