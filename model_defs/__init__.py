"""The networks on show, oldest first. To add one: write its file, name it here."""

from model_defs import (
    alexnet,
    cifar_resnet,
    efficientnet,
    exercises,
    googlenet,
    lenet,
    mobilenet_v2,
    mobilenet_v3,
    preact_resnet,
    resnet,
    resnext,
    se,
    shufflenet,
    vgg,
    vit,
)
from model_defs.architecture import Architecture

CATALOG: dict[str, Architecture] = {
    module.ARCHITECTURE.name: module.ARCHITECTURE
    for module in (
        lenet,
        alexnet,
        vgg,
        googlenet,
        resnet,
        cifar_resnet,
        preact_resnet,
        resnext,
        se,
        mobilenet_v2,
        shufflenet,
        efficientnet,
        mobilenet_v3,
        vit,
        exercises,
    )
}
