"""What is said of a number that is spelled out: the words and the table, for what a transformer is made of."""

import torch

from explorer.activations.activations import activations
from explorer.activations.breakdown import break_down
from explorer.activations.networks import Look, live_network
from explorer.activations.replay import Breakdown, Contribution
from explorer.models.spec import Spec, build
from explorer.training.results.predictions import Intake
from explorer.ui.inside.one_number import sentence, terms_table

SIZES = (("depth", 1), ("heads", 2), ("image_size", 32), ("patch", 8), ("width", 16))
SAID = {
    "Conv2d": "192 products of an input and a weight, and a constant:",
    "add": "A number, and one that is learned or fixed, added:",
    "LayerNorm": "One number, less the mean of its group of 16, over their deviation; then scaled and shifted:",
    "permute": "Moved here, not changed:",
    "scaled_dot_product_attention": "Attention: one number of each token, 17 in all, each by its share:",
    "GELU": "GELU of one number:",
}


def test_each_operation_is_said_in_words_and_its_table_names_what_it_reads() -> None:
    spec = Spec("model_defs", "ViT", SIZES)
    intake = Intake(tuple(map(str, range(1000))), (3, 32, 32), (0.5,) * 3, (0.2,) * 3)
    live = live_network("a ViT", spec, build(spec).state_dict(), intake)
    picture = torch.randint(0, 255, (3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    look = Look(live, picture, "noise", activations(live.model, intake.numbers(picture)))
    ops = {node.op: node for node in reversed(look.seen.graph.nodes)}
    for op, said in SAID.items():
        found = break_down(live.model, look.seen, ops[op], tuple(min(1, side - 1) for side in ops[op].shape))
        assert found and sentence(found, ops[op]) == said
        table = terms_table(look, found)
        assert table.count("<tr") == 1 + len(found.terms) + bool(found.more) + bool(found.adds and found.constant)


def test_what_reads_nothing_and_what_reads_two_is_said_too() -> None:
    node = activations(torch.nn.Sequential(torch.nn.ReLU()), torch.ones(1, 2, 2)).graph.nodes[-1]
    two = Contribution("0", (0, 0, 0), 1.0, 2.0, by=("0", (0, 0, 1)))
    words = {
        "padding": "A zero that padding put there: nothing made it.",
        "constant": "It reads no number of the picture: it is 0 whatever is shown.",
    }
    for how, said in words.items():
        assert sentence(Breakdown(how, ()), node) == said
    assert sentence(Breakdown("products", (two,), more=4), node) == "5 products of two numbers each, added up:"
    softmax = Breakdown("softmax", (two,), more=196)
    assert sentence(softmax, node) == "Softmax: e to the power of the first number, over the sum of that of all 197:"
