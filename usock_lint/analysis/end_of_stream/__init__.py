"""Loops that never end after the other side has closed the connection that they read from."""
