"""What of a trained run is a circuit, driven by one of its examples."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import RunError, StudioError
from ..models.excerpt import Excerpt
from ..params import Param, check_params

if TYPE_CHECKING:
    from .directory import RunDirectory

EXAMPLE = (
    Param("example", 1, low=1, doc="Which example, the first one is 1."),
    Param(
        "split",
        "test",
        choices=("train", "validation", "test", "held_out"),
        doc="Of which part; held_out is validation where there is one, else test.",
    ),
)


def kept_weights(run: "RunDirectory", epoch: int) -> tuple[str, int]:
    """The checkpoint of an epoch, ``best`` or ``last``, and the epoch that it is of.

    Weights are kept of these two alone; for any other epoch it is the best.

    Raises:
        RunError: there is no checkpoint yet.
    """
    epochs = {name: int(run.checkpoint(name).meta["epoch"]) for name in ("best", "last")}
    which = next((name for name, of in epochs.items() if of == epoch), "best")
    return which, epochs[which]


def excerpt_of_run(
    run: "RunDirectory", given: Mapping[str, Any], checkpoint: str = "best"
) -> Excerpt:
    """The part of a run's model that is a circuit.

    Args:
        run: of a model with ``excerpts``.
        given: values of these and of ``EXAMPLE``.
        checkpoint: ``best`` or ``last``.

    Raises:
        StudioError: the model has no such part, or an option is refused.
    """
    from ..training.prepare import make_dataset, make_task

    trained, spec = run.model(checkpoint), run.spec
    kind = trained.model
    if not kind.excerpts:
        raise RunError(
            f"run {run.id} trains the model {spec.model}, which is no circuit; its weights can be "
            "exported as safetensors or pt"
        )
    try:
        own = check_params((*EXAMPLE, *kind.excerpts), given)
    except ValueError as error:
        raise StudioError(f"circuit of run {run.id}: {error}") from None
    split = make_task(spec, make_dataset(spec)).split()
    name = split.held_out if own["split"] == "held_out" else str(own["split"])
    part, number = split.part(name), int(own["example"])
    if number > len(part):
        raise RunError(
            f"the example is {number}, and the {name} set has {len(part)}; choose 1 to {len(part)}"
        )
    options = {param.name: own[param.name] for param in kind.excerpts}
    found = kind.excerpt(part.x[number - 1], **options)
    return replace(found, notes=(f"Driven by example {number} of the {name} set.", *found.notes))
