"""Training runs on disk: start them, watch them, stop them, take up again where they ended."""

from .directory import RunDirectory as RunDirectory
from .directory import checked_id as checked_id
from .door import delete_run as delete_run
from .door import home_folder as home_folder
from .door import list_runs as list_runs
from .door import open_run as open_run
from .door import queue_run as queue_run
from .door import reconcile as reconcile
from .door import resume_run as resume_run
from .door import start_run as start_run
from .door import stop_run as stop_run
from .edits import ask_to_edit as ask_to_edit
from .edits import circuit_after as circuit_after
from .edits import circuit_at as circuit_at
from .edits import edits_of as edits_of
from .edits import made_of as made_of
from .launchers import LAUNCHERS as LAUNCHERS
from .records import phase_of as phase_of
