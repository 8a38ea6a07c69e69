"""The networks on show, oldest first. To add one: write its file, name it here."""

from model_defs import resnet
from model_defs.architecture import Architecture

CATALOG: dict[str, Architecture] = {
    module.ARCHITECTURE.name: module.ARCHITECTURE
    for module in (
        resnet,
    )
}
