"""The language server: findings, fixes and the ports table in an editor. Only this package needs pygls."""
