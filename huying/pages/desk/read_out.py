"""The query code as it is read out on the phone."""

from datetime import timedelta

# How long it is shown to whoever wrote the contact down, or issued it anew.
READ_OUT = timedelta(hours=1)
