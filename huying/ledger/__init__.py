"""The append-only record of everything that was decided: hash chains, and their verification."""
