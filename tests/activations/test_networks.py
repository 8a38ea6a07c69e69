"""More of what is kept, and of the networks opened for it: what is overwritten, made anew, or begins a run."""

from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.activations.activations import ActivationCache, activations
from explorer.activations.networks import initial_state, initial_weights, live_network, published_intake
from explorer.models.sources import OWN, Own
from explorer.models.spec import Spec
from explorer.training.engine import build_network
from explorer.training.runs.pretrained_weights import loaded
from tests.activations.test_activations import INTAKE, PLAN, hooked_run, kept, last_of, noise, of_op, plain

pytestmark = pytest.mark.usefixtures("one_thread")


def test_torchs_own_attention_takes_another_way_and_differs_by_rounding_alone() -> None:
    shape: dict[str, Any] = dict(num_layers=2, num_heads=4, hidden_dim=64, mlp_dim=64, num_classes=10)
    model = torchvision.models.VisionTransformer(image_size=32, patch_size=8, **shape).eval()
    nn.init.ones_(model.get_parameter("heads.head.bias"))
    image = noise(3, 32, 32)
    seen, copies = activations(model, image), hooked_run(model, image)
    assert len(copies) >= 12
    for path, copy in copies.items():
        assert torch.allclose(last_of(seen, path), copy, rtol=1e-4, atol=1e-5), path


class Overwriter(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        y += 1
        y[:, 0] = 0
        return y.abs()


def test_what_is_written_over_is_kept_as_it_was_before_and_after() -> None:
    image = torch.tensor([[[1.0]], [[-3.0]]])
    seen = activations(Overwriter(), image)
    assert [each.flatten().tolist() for each in seen.outputs.values()] == [[1, -3], [2, -6], [3, -5], [0, -5], [0, 5]]
    assert image.flatten().tolist() == [1, -3]


def test_what_could_not_be_made_is_not_kept() -> None:
    cache_of = ActivationCache(100)
    with pytest.raises(ZeroDivisionError):
        cache_of.get("a", lambda: kept(1 // 0))
    assert cache_of.get("a", lambda: kept(1)).size == 4


class Scaled(nn.Module):
    """Holds a number that no file of weights has."""

    def __init__(self, buffer: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)
        if buffer:
            self.register_buffer("scale", torch.tensor(3.0), persistent=False)
        else:
            self.scale = torch.tensor(3.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x * self.scale)


@pytest.mark.parametrize("buffer", [True, False])
def test_what_no_file_of_weights_holds_is_made_anew(buffer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    model, image = Scaled(buffer), noise(3, 4, 4)
    monkeypatch.setitem(OWN, "scaled", Own((), lambda: Scaled(buffer)))
    live = live_network("mine", Spec("own", "scaled"), model.state_dict(), INTAKE)
    assert torch.equal(of_op(activations(live.model, image), "Conv2d"), plain(model, image))


def test_a_run_begins_with_its_seeds_weights_and_torchs_generator_stays_where_it_was() -> None:
    before = torch.get_rng_state()
    begun = loaded(initial_state(PLAN.json(), INTAKE), "")["model"]
    assert initial_weights(PLAN.spec) == initial_weights(PLAN.spec)
    assert torch.equal(torch.get_rng_state(), before)
    built = build_network(PLAN, INTAKE.shape, 10, torch.device("cpu")).state_dict()
    assert begun.keys() == built.keys() and all(torch.equal(begun[name], built[name]) for name in built)


def test_torchvisions_weights_take_what_they_were_evaluated_on() -> None:
    taken = published_intake("torchvision:resnet18/IMAGENET1K_V1")
    assert taken.shape == (3, 224, 224) and len(taken.classes) == 1000 and taken.classes[0] == "tench"
    assert (taken.mean, taken.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@pytest.mark.parametrize("start", ["resnet18/IMAGENET1K_V1", "resnet50/IMAGENET1K_V2", "efficientnet_b2/IMAGENET1K_V1"])
def test_a_picture_goes_in_as_torchvisions_own_transforms_would_have_it(start: str) -> None:
    name, version = start.split("/")
    intake = published_intake(f"torchvision:{start}")
    image = torch.randint(256, (3, 300, 300), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    own = torchvision.models.get_model_weights(name)[version].transforms()(image)
    assert torch.allclose(intake.numbers(intake.fitted(image)), own, atol=1e-6)
    assert len(intake.classes) == 1000
