"""What every command is."""


class Command:
    """Something that is done to one case."""

    __slots__ = ()
