"""Law, time and combinations as pure Python: no Django, no clock, no I/O."""
