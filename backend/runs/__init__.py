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
from .launchers import LAUNCHERS as LAUNCHERS
from .records import phase_of as phase_of
