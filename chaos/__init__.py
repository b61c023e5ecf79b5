"""Disasters at random moments of random pushes, and a checker that reads what every visitor got (`make chaos`)."""
