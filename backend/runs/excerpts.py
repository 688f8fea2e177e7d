"""What of a trained run is a circuit, driven by one of its examples."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import RunError, StudioError
from ..models.excerpt import Excerpt
from ..params import Param, check_params
from .origin import no_netlist

if TYPE_CHECKING:
    from .directory import RunDirectory

EXAMPLE = (
    Param("example", 1, low=1, doc="Which example, the first one is 1."),
    Param("split", "test", choices=("train", "validation", "test"), doc="Of which part."),
)


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
        raise RunError(no_netlist(run.id, spec.model))
    try:
        own = check_params((*EXAMPLE, *kind.excerpts), given)
    except ValueError as error:
        raise StudioError(f"circuit of run {run.id}: {error}") from None
    part = make_task(spec, make_dataset(spec)).split().part(str(own["split"]))
    number = int(own["example"])
    if number > len(part):
        raise RunError(
            f"the example is {number}, and the {own['split']} set has {len(part)}; choose 1 to "
            f"{len(part)}"
        )
    options = {param.name: own[param.name] for param in kind.excerpts}
    return kind.excerpt(part.x[number - 1], **options)
