"""`make fleet`: what a fleet under load loses when it is changed, reloaded, extended, and when its controller dies."""
