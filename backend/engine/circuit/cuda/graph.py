"""A function of tensors as one CUDA graph: hundreds of launches for the price of one."""

import threading
import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Function = Callable[[Sequence[Tensor]], Sequence[Tensor]]


class Recorded:
    """Runs a function as it is the first time, records it the second, replays it from then on.

    The first run compiles kernels and fills tables, which no recording may do. Inputs are copied
    in and results out, so that nobody sees the recording's own memory.

    Args:
        function: launches on CUDA tensors of always the same shapes, no synchronisation.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._runs = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: list[Tensor] = []
        self._outputs: Sequence[Tensor] = ()
        self._done = None

    @torch.no_grad()
    def __call__(self, inputs: Sequence[Tensor]) -> Sequence[Tensor]:
        """The function's results for these inputs."""
        with self._lock:
            self._runs += 1
            if self._runs == 2:
                self._record(inputs)
            if self._graph is None:
                return self._function(inputs)
            stream = torch.cuda.current_stream()
            if self._done is not None:
                # Another thread's stream may still read the memory of the recording.
                stream.wait_event(self._done)
            for recorded, given in zip(self._inputs, inputs, strict=True):
                recorded.copy_(given)
            self._graph.replay()
            results = [output.clone() for output in self._outputs]
            self._done = stream.record_event()
            return results

    def _record(self, inputs: Sequence[Tensor]) -> None:
        self._inputs = [value.detach().clone() for value in inputs]
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self._outputs = self._function(self._inputs)
        except RuntimeError as error:
            message = f"A CUDA graph could not be recorded, so launches stay single: {error}"
            warnings.warn(message, RuntimeWarning, stacklevel=2)
        else:
            self._graph = graph
