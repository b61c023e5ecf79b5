"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long a machine takes is no property of what is tested.
settings.register_profile("evenkeel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("evenkeel")
