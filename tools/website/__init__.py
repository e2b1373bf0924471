"""Builds the documentation as a site: `python -m tools.website [OUT]`."""
