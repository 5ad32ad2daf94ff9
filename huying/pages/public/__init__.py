"""The pages for everybody: no account, no script, nothing personal in an address."""
