"""Bighead."""
