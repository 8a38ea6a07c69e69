"""What others offer for the same job, called the way their documentation calls them.

torchview, torchinfo and thop run on `meta` too; fvcore does not (it asks a tensor for its value).
"""

import contextlib
import io
import logging

import ptflops
import thop
import torch
import torchinfo
import torchview
from fvcore.nn import FlopCountAnalysis

from benchmarks.networks import Network

logging.getLogger("fvcore").setLevel(logging.ERROR)


def picture_table_and_count(network: Network) -> None:
    """torchview's graph, torchinfo's table and thop's count, on one module without numbers."""
    model, size = network.blank(), (1, *network.input_shape)
    torchview.draw_graph(model, input_size=size, device="meta")
    torchinfo.summary(model, input_size=size, device="meta", verbose=0)
    thop.profile(model, inputs=(torch.empty(size, device="meta"),), verbose=False)


def with_torchinfo(network: Network) -> None:
    torchinfo.summary(network.constructor(), input_size=(1, *network.input_shape), verbose=0)


def with_thop(network: Network) -> None:
    thop.profile(network.constructor(), inputs=(torch.randn(1, *network.input_shape),), verbose=False)


def with_fvcore(network: Network) -> None:
    FlopCountAnalysis(network.constructor().eval(), torch.randn(1, *network.input_shape)).total()


def with_ptflops(network: Network) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        ptflops.get_model_complexity_info(
            network.constructor(), network.input_shape, print_per_layer_stat=False, verbose=False
        )


COUNTERS = {"torchinfo": with_torchinfo, "thop": with_thop, "fvcore": with_fvcore, "ptflops": with_ptflops}
