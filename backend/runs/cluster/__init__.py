"""Runs on a Ray cluster: who asks for a place, who keeps a worker there, who shares its batches.

::

    submit.py   a process on the user's machine: asks the cluster for a keeper, waits for its worker
    keeper.py   an actor that Ray starts again on another node when its own is gone: runs the worker
    shared.py   in the worker: parts of every batch to helpers, their gradients added up
    helper.py   an actor that computes the gradients of parts

The run directory lies on a file system that all of them see; nothing else is kept anywhere. Ray is
imported inside functions: commands answer before it is loaded, and need it only here.
"""
