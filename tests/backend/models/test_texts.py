"""Models of text: what padding and later words must not change, twins, and trainings."""

import json
import math
from pathlib import Path

import pytest
import torch

from backend.datasets import DATASETS
from backend.engine.collide import Slices
from backend.errors import StudioError
from backend.export.model_weights import load_model, weights
from backend.models import MODELS, Data, Shape, models_for
from backend.models.baselines.transformer import heads_of
from backend.models.kitinet import kinetic_steps
from backend.models.trained import TrainedModel
from backend.params import check_params
from backend.training.loop import Snapshot, Trainer, trained_model
from backend.training.spec import TrainSpec

WORDS = Data("", "Texts", "classify", Shape((12,), "tokens", symbols=30), Shape((3,)), tuple("abc"))
NEXT = Data("", "Text", "language", Shape((12,), "tokens", symbols=30), Shape((30,)))
SMALL = {"channels": 16, "blocks": 2}


def built(name: str, data: Data, **options):
    kind = MODELS[name]
    return kind.build(data, check_params(kind.params, {**SMALL, **options}), 3)


def texts(count: int = 6, padded: bool = True) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    x = torch.randint(1, 30, (count, 12), generator=generator).float()
    for row, length in zip(x, (12, 3, 7, 1, 12, 5), strict=True):
        row[length:] *= not padded
    return x


@pytest.mark.parametrize("name", ["transformer", "kitinet"])
def test_padding_changes_nothing(name):
    """Neither how long it is nor who stands in the batch; a text without words has an answer."""
    net, x = built(name, WORDS).eval(), texts()
    together = net(x)
    for row, answer in zip(x, together, strict=True):
        length = int((row > 0).sum())
        torch.testing.assert_close(net(row[None, :length])[0], answer, atol=2e-6, rtol=1e-5)
    assert bool(net(torch.zeros(2, 12)).isfinite().all())
    assert net(x[:0]).shape == (0, 3)


@pytest.mark.parametrize("rule", ["off", "matched", "allpairs", "mean_field"])
def test_what_comes_later_changes_nothing_before(rule):
    """Causality, in training too: the same random numbers, another symbol at t."""
    net, x = built("kitinet", NEXT, collisions=rule), texts(padded=False)
    for training in (True, False):
        net.train(training)
        torch.manual_seed(4)
        before = net(x)
        for t in (0, 5, 11):
            changed = x.clone()
            changed[:, t] = changed[:, t] % 29 + 1
            torch.manual_seed(4)
            after = net(changed)
            assert torch.equal(after[:, :t], before[:, :t])
            assert not torch.equal(after[:, t], before[:, t])


@pytest.mark.parametrize("data", [WORDS, NEXT])
def test_evaluation_is_that_of_the_plain_twin(data):
    ours, plain = built("kitinet", data), built("transformer", data)
    assert list(ours.state_dict()) == list(plain.state_dict())
    assert all(
        torch.equal(a, b) for a, b in zip(ours.parameters(), plain.parameters(), strict=True)
    )
    x = texts()
    assert torch.equal(ours.eval()(x), plain.eval()(x))
    assert not torch.equal(ours.train()(x), plain.train()(x))
    steps = kinetic_steps(ours)
    assert len(steps) == 4
    assert all(isinstance(step.particles, Slices) for step in steps.values())


def test_attention_is_that_of_torch():
    """One block of torch's own encoder with the same parameters."""
    net = built("transformer", WORDS).eval().double()
    block, x = net.network.blocks[0], torch.randn(4, 9, 16, dtype=torch.double)
    peer = torch.nn.TransformerEncoderLayer(16, heads_of(16), 64, 0.0, "gelu", batch_first=True,
                                            norm_first=True, dtype=torch.double).eval()  # fmt: skip
    own = {
        "self_attn.in_proj_weight": block.attention.inward.weight,
        "self_attn.in_proj_bias": block.attention.inward.bias,
        "self_attn.out_proj.weight": block.attention.outward.weight,
        "self_attn.out_proj.bias": block.attention.outward.bias,
        "linear1.weight": block.branch[1].weight, "linear1.bias": block.branch[1].bias,
        "linear2.weight": block.branch[3].weight, "linear2.bias": block.branch[3].bias,
        "norm1.weight": block.attention_norm.weight, "norm1.bias": block.attention_norm.bias,
        "norm2.weight": block.branch[0].weight, "norm2.bias": block.branch[0].bias,
    }  # fmt: skip
    peer.load_state_dict(own)
    torch.testing.assert_close(block(x, None), peer(x))


@pytest.fixture
def files(tmp_path):
    """Two classes told apart by one word, and a text that repeats."""
    rows = [{"text": f"word{k % 7} {'good' if k % 2 else 'bad'} end", "label": k % 2}
            for k in range(160)]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "a.txt").write_text("abcdefgh. " * 300)
    return {"text": str(tmp_path / "a.jsonl"), "characters": str(tmp_path / "a.txt")}


def spec(files, dataset: str, model: str, **given) -> TrainSpec:
    usual = {"epochs": 6, "batch_size": 16, "frame_interval": 0, "check_finer": "never",
             "model_options": {**SMALL, **given.pop("options", {})}}  # fmt: skip
    options = {"path": files[dataset], "length": 8}
    return TrainSpec.make(
        model=model, dataset=dataset, dataset_options=options, **{**usual, **given}
    )


@pytest.mark.parametrize("dataset", ["text", "characters"])
@pytest.mark.parametrize("model", ["transformer", "kitinet"])
def test_both_learn_resume_and_leave_as_weights(files, tmp_path, dataset, model):
    chosen = spec(files, dataset, model, learning_rate=0.01)
    whole = Trainer(chosen)
    for _ in whole.events():
        if whole.step >= 5:
            break
    left = whole.snapshot()
    figures = [event.figures for event in whole.events() if hasattr(event, "figures")][-1]
    resumed = Trainer(chosen, resume=left)
    list(resumed.events())
    ends = whole.snapshot().tensors, resumed.snapshot().tensors
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
    if dataset == "text":
        assert figures["test_accuracy"] == 1
    else:
        # Of ten characters that repeat only the first of a window is a guess.
        assert figures["test_bits"] == pytest.approx(figures["test_loss"] / math.log(2), rel=1e-5)
        assert figures["test_bits"] < 0.6
    data = DATASETS[dataset](**chosen.dataset_options).data
    trained = TrainedModel(whole.model.eval(), model, chosen.model_options, data)
    (tmp_path / "w.safetensors").write_bytes(weights(trained, "safetensors"))
    x = whole.test.x[:9]
    assert torch.equal(load_model(tmp_path / "w.safetensors")(x), whole.model(x))


def test_without_collisions_the_training_is_that_of_the_plain_twin(files):
    def losses(chosen):
        return [event.loss for event in Trainer(chosen).events() if hasattr(event, "loss")]

    plain = losses(spec(files, "text", "transformer"))
    assert plain == losses(spec(files, "text", "kitinet", options={"collisions": "off"}))
    assert plain != losses(spec(files, "text", "kitinet"))


def test_text_is_learnt_by_models_of_text_and_by_no_others(files):
    options = {"path": files["text"]}
    assert TrainSpec.make(dataset="text", dataset_options=options).model == "transformer"
    assert TrainSpec.from_options({"path": files["characters"]}, {"dataset": "characters"}).model
    assert models_for("classify", WORDS) == ["transformer", "kitinet"]
    assert "transformer" not in models_for("classify", DATASETS["two_moons"]().data)
    for model in ("kirchhoffnet", "resnet", "s4d"):
        with pytest.raises(Exception, match=r"learns from .*has text; choose the model transf"):
            TrainSpec.make(dataset="text", dataset_options=options, model=model)
    with pytest.raises(Exception, match=r"Transformer learns from text, and .* has numbers"):
        TrainSpec.make(dataset="two_moons", model="transformer")


@pytest.mark.parametrize("dataset", ["text", "characters"])
def test_parameters_are_not_read_with_other_words(files, tmp_path, dataset):
    """As many symbols, the same classes, and other meanings: that would be answered, and wrong."""
    chosen = spec(files, dataset, "transformer", epochs=1)
    trained = Trainer(chosen)
    list(trained.events())
    other = tmp_path / ("b.jsonl" if dataset == "text" else "b.txt")
    same = Path(files[dataset]).read_text(encoding="utf-8")
    # Another word in the place of one, and a character that is now the most frequent.
    other.write_text(same.replace("good", "fine").replace("h. ", "hh. "), encoding="utf-8")
    options = {**chosen.dataset_options, "path": str(other)}
    told = DATASETS[dataset](**options).data
    assert told.inputs == trained.dataset.data.inputs
    assert told.words != trained.dataset.data.words
    with pytest.raises(StudioError, match="have other words than those of the training"):
        trained_model(
            chosen.model_copy(update={"dataset_options": options}), None,
            DATASETS[dataset](**options), trained.snapshot(),
        )  # fmt: skip
    with pytest.raises(StudioError, match="have other words"):
        Trainer(
            TrainSpec.make(**{**chosen.model_dump(), "dataset_options": options}),
            resume=Snapshot(trained.snapshot().tensors, {**trained.snapshot().meta, "spec": None}),
        )


def test_a_file_of_weights_says_what_its_numbers_mean(files, tmp_path):
    for dataset, model in (("text", "kitinet"), ("characters", "transformer")):
        chosen = spec(files, dataset, model, epochs=1)
        data = DATASETS[dataset](**chosen.dataset_options).data
        net = MODELS[model].build(data, chosen.model_options, 0).eval()
        path = tmp_path / "w.pt"
        path.write_bytes(weights(TrainedModel(net, model, chosen.model_options, data), "pt"))
        found = torch.load(path, weights_only=True)["metadata"]
        told = json.loads(found["data"])
        assert tuple(told["words"]) == data.words
        first = told["inputs"]["symbols"] - len(told["words"])
        assert f"counted from {first}" in found["loader"]
        # Read back by these words a text is one of the file.
        split = DATASETS[dataset](**chosen.dataset_options).split()
        read = [told["words"][int(number) - first] for number in split.train.x[0] if number > 0]
        gap = " " if dataset == "text" else ""
        assert gap.join(read) in Path(files[dataset]).read_text(encoding="utf-8")
        assert torch.equal(load_model(path)(split.test.x), net(split.test.x))
