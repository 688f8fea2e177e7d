"""What is wrong with a lesson file, in one sentence with its place."""


class LessonError(Exception):
    """A lesson that cannot be read.

    Args:
        message: what was found and what to do.
        line: number of the line in the file, 0 where the file as a whole is meant.
        name: of the file.
    """

    def __init__(self, message: str, line: int = 0, name: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.name = name

    def __str__(self) -> str:
        place = [self.name] if self.name else []
        place += [f"line {self.line}"] if self.line else []
        return f"{', '.join(place)}: {self.message}" if place else self.message

    def at(self, line: int = 0, name: str = "") -> "LessonError":
        """The same, with what is known of its place filled in."""
        return LessonError(self.message, self.line or line, self.name or name)
