"""The record of rollouts: journals, and the pages made of them. Runs on the controller; docs/record.md is its contract."""
