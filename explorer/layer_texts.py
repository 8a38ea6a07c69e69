"""What each layer and function does and why it is there: one sentence each, and the paper to read it in."""

from explorer import papers
from explorer.papers import Paper

# Keys are names of layers or functions in lower case, without underscores and without "2d".
LAYERS: dict[str, tuple[str, Paper]] = {
    "input": ("The image: one number for each pixel and colour.", papers.PYTORCH),
    "conv": (
        "Slides small filters over the map: each output number sums a neighbourhood of all input channels, with the "
        "same weights at every place, so that a pattern is found wherever it stands.",
        papers.LENET,
    ),
    "depthwise conv": (
        "Filters each channel on its own: it looks around but mixes no channels, which a 1×1 convolution then does, "
        "at far fewer multiply-adds than doing both at once.",
        papers.MOBILENET,
    ),
    "1×1 conv": (
        "Mixes the channels at each place without looking around: a small linear layer at every pixel, used to narrow "
        "or widen the map.",
        papers.NETWORK_IN_NETWORK,
    ),
    "grouped conv": (
        "Splits the channels into groups that do not see each other, so that it takes as many times fewer weights and "
        "multiply-adds as there are groups.",
        papers.RESNEXT,
    ),
    "dilated conv": (
        "Spreads its filter over a wider neighbourhood by leaving gaps: it sees further at the same cost.",
        papers.DILATED,
    ),
    "transposed conv": (
        "Runs a strided convolution backwards: each input number paints a filter into a larger map.",
        papers.FULLY_CONVOLUTIONAL,
    ),
    "batchnorm": (
        "Brings each channel to mean 0 and deviation 1 over the batch, then scales and shifts it by two learned "
        "numbers: higher learning rates work. After training it uses stored averages instead of the batch's.",
        papers.BATCH_NORM,
    ),
    "layernorm": (
        "Brings the numbers of one place to mean 0 and deviation 1, then scales and shifts them: no image depends on "
        "the others in its batch.",
        papers.LAYER_NORM,
    ),
    "groupnorm": (
        "Normalises groups of channels within one image, so that it works with any batch size.",
        papers.GROUP_NORM,
    ),
    "localresponsenorm": (
        "Divides each number by the activity of neighbouring channels at its place: AlexNet's norm, later replaced by "
        "batch norm.",
        papers.ALEXNET,
    ),
    "relu": (
        "Sets negative numbers to zero. Without a bend like this, stacked convolutions would only make up another "
        "linear map; and it does not flatten out for large inputs, so AlexNet trained several times faster than "
        "with tanh.",
        papers.ALEXNET,
    ),
    "relu6": ("ReLU that stops at 6, which keeps numbers in range when few bits are used.", papers.MOBILENET_V2),
    "leakyrelu": ("ReLU that lets a small share of each negative number through.", papers.PYTORCH),
    "silu": ("x · sigmoid(x): a smooth ReLU that lets small negative numbers through.", papers.SILU),
    "hardswish": (
        "SiLU put together from straight pieces, which is cheaper to compute on a phone.",
        papers.MOBILENET_V3,
    ),
    "hardsigmoid": ("A sigmoid of straight pieces: 0 below −3, 1 above 3.", papers.MOBILENET_V3),
    "gelu": ("Scales x by the share of a normal distribution that lies below x: a smooth ReLU.", papers.GELU),
    "sigmoid": (
        "Squeezes any number into 0 … 1; as a gate it says how much of something to let through.",
        papers.SENET,
    ),
    "tanh": ("Squeezes any number into −1 … 1, as the first convolutional networks did.", papers.LENET),
    "softmax": ("Turns scores into shares that are positive and sum to 1.", papers.TRANSFORMER),
    "maxpool": (
        "Keeps the largest number of each window: the map shrinks, and where exactly a pattern was found matters less.",
        papers.ALEXNET,
    ),
    "avgpool": ("Averages each window, which shrinks the map.", papers.LENET),
    "adaptiveavgpool": (
        "Averages to a given size, whatever came in. To 1×1 it leaves one number for each channel, so that the head "
        "needs few weights and any image size fits.",
        papers.NETWORK_IN_NETWORK,
    ),
    "linear": (
        "Every output is a weighted sum of every input; at the end of the network, one output for each class.",
        papers.LENET,
    ),
    "dropout": (
        "Sets random numbers to zero while training, so that features cannot rely on one another; idle afterwards.",
        papers.DROPOUT,
    ),
    "stochasticdepth": (
        "Skips a whole residual block for random images while training: shorter networks to train, the full depth to "
        "use.",
        papers.STOCHASTIC_DEPTH,
    ),
    "flatten": ("Writes the map as one long row of numbers for a linear layer; computes nothing.", papers.PYTORCH),
    "add": (
        "Adds what a block computed to what it was given: the block has only to learn a correction, and doing nothing "
        "is easy.",
        papers.RESNET,
    ),
    "cat": ("Puts channels side by side, so that what comes next can read all of them.", papers.DENSENET),
    "mul": ("Scales number by number: as a gate it turns channels up or down for this image.", papers.SENET),
    "attention": (
        "Each token compares its query with the keys of all others and takes the average of their values, weighted by "
        "how well they match: the whole image in one step.",
        papers.TRANSFORMER,
    ),
    "matmul": ("Multiplies matrices: here both come from the image, as in attention.", papers.TRANSFORMER),
    "shuffle": (
        "Interleaves the channels of the groups, so that the next grouped convolution sees some of each.",
        papers.SHUFFLENET,
    ),
    "chunk": ("Cuts the channels in parts that go different ways.", papers.SHUFFLENET_V2),
    "roll": ("Shifts the map, so that the next windows reach across the borders of the last ones.", papers.SWIN),
    "pad": ("Adds a border, or empty channels, so that shapes fit; computes nothing.", papers.PYTORCH),
    "identity": ("Hands its input on unchanged.", papers.RESNET),
    "interpolate": ("Resizes the map between its pixels; nothing is learned.", papers.FULLY_CONVOLUTIONAL),
    "reshape": ("Arranges the same numbers in another shape; computes nothing.", papers.PYTORCH),
}

# For functions without a sentence of their own: the sentence of their kind.
KIND_LAYERS = {
    "input": "input",
    "dropout": "dropout",
    "attention": "attention",
    "convolution": "conv",
    "concatenation": "cat",
    "linear": "linear",
    "addition": "add",
    "multiplication": "mul",
    "reshape": "reshape",
}
