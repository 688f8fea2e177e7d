"""Lessons: Markdown files with steps that set up the live studio, ask, and are checked by it."""

from .errors import LessonError
from .shelf import Lessons, decoded

__all__ = ["LessonError", "Lessons", "decoded"]
