"""The words of the field that the explorer uses, each explained in a sentence or two."""

TERMS: dict[str, str] = {
    "parameter": "A number that training sets: a weight, a bias, a norm's scale or shift.",
    "MAC": (
        "One multiply-add: multiply two numbers and add the result to a sum. Convolutions, linear layers and "
        "attention's two products count; biases, norms, activations and pooling do not."
    ),
    "FLOP": (
        "One floating-point operation. A multiply-add is two of them, but most papers, and torchvision's tables, say "
        "FLOPs and mean multiply-adds."
    ),
    "receptive field": (
        "The part of the image that one output number can depend on. Each filter widens it by (kernel − 1) × dilation "
        "× the distance between neighbouring inputs."
    ),
    "whole image": (
        "A global average, a squeeze-and-excitation gate, attention or a linear layer on the flattened map lets every "
        "later number depend on all pixels, however small the filters are."
    ),
    "activation": "A number that a layer puts out; also the function, such as ReLU, that bends numbers between layers.",
    "activation memory": (
        "What the tensors between layers take. Without training, each is dropped after its last reader; training keeps "
        "those that the backward pass reads again, and it grows with the batch."
    ),
    "peak memory": (
        "The most that the tensors take at one moment of a forward pass, by the order of execution. A forward that "
        "keeps results in variables for longer takes more."
    ),
    "kernel size": "Height and width of a filter: how far around one place it looks.",
    "stride": "How many pixels a filter moves at each step: stride 2 halves height and width.",
    "padding": "A border of zeros around the map, so that filters fit at its edge.",
    "dilation": "The distance between the taps of a filter: 2 leaves a gap of one pixel and looks twice as far.",
    "group": "A share of the channels that a convolution treats on its own: g groups take 1/g of the weights.",
    "cardinality": "ResNeXt's word for the number of groups: how many small paths a block has side by side.",
    "depthwise": "As many groups as channels: one filter for each channel, and no mixing.",
    "channel": "One of the maps that a layer puts out: where in the image one kind of pattern was found, and how much.",
    "feature map": "What a layer puts out: channels × height × width.",
    "depth": "The number of layers with weight matrices or filters on the longest way from input to output.",
    "width": "The number of channels; a width multiplier scales it in all layers.",
    "resolution": "Height and width of the image; the multiply-adds of convolutions grow with their product.",
    "stem": "The first layers, which shrink the image before the repeated blocks.",
    "stage": "Blocks that work at one map size.",
    "block": "Layers that belong together and are repeated.",
    "head": "The last layers, which turn the map into one score for each class.",
    "shortcut": "A path around a block whose end is added to what the block computed; also called skip connection.",
    "residual": "What a block adds to its input: a correction, where a plain block must compute everything anew.",
    "projection": "A 1×1 convolution on the shortcut, where the number of channels or the map size changes.",
    "degradation": (
        "Beyond some depth a plain network has a higher error on its own training images. He et al. argue that "
        "vanishing gradients are an unlikely cause, because batch norm keeps signals healthy; residual blocks cure it."
    ),
    "bottleneck": "A block that narrows the channels before its 3×3 convolution and widens them afterwards.",
    "expansion": "By what factor a block widens its channels inside (MobileNetV2) or at its end (ResNet).",
    "squeeze ratio": "By what factor squeeze-and-excitation narrows the channels between its two layers.",
    "growth rate": "How many channels each layer of a DenseNet adds.",
    "compound scaling": (
        "EfficientNet's rule: depth, width and resolution grow together, by 1.2, 1.1 and 1.15 to the power φ. The "
        "multiply-adds then grow by about 1.92 for each step of φ."
    ),
    "token": "One patch of the image as a row of numbers, in a Transformer.",
    "attention head": "One of several attentions side by side, each on its own share of the channels.",
    "batch": "The images that pass the network together; training learns from their average.",
    "top-1": "The share of test images whose best-scored class is the right one.",
    "top-5": "The share of test images whose right class is among the five best-scored.",
    "fp16": "Numbers of 16 bits: half the memory of the usual 32.",
    "int8": "Whole numbers of 8 bits: a quarter of the memory, after the network was prepared for it.",
}
