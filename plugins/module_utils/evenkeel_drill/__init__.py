"""Disasters that are rehearsed: what they are, how they are made and undone, and what visitors may notice of them.

Standard library only: a part of it runs on managed hosts.
"""
