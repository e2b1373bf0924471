"""What a loop does once the other side has closed its connection, and whether it ever ends then."""
