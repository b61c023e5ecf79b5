"""`make demo`: the founding incident and four more evenings, on real hosts, under a stream of requests."""
