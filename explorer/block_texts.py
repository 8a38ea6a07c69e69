"""What the known building blocks are for: one sentence each, and the paper that brought them up."""

from explorer import papers
from explorer.papers import Paper

# Keys are class names; "file.Class" where two networks use one name for different blocks.
BLOCKS: dict[str, tuple[str, Paper]] = {
    "ConvBlock": (
        "A convolution and what always follows it: an activation, and in later networks a norm before that.",
        papers.BATCH_NORM,
    ),
    "BasicBlock": (
        "Two 3×3 convolutions and their input added back. Deeper plain networks had a higher training error; learning "
        "a correction to the input cured that.",
        papers.RESNET,
    ),
    "Bottleneck": (
        "A 1×1 convolution narrows the channels, the 3×3 works on few of them, another 1×1 widens again: a deep block "
        "at about the cost of a basic one.",
        papers.RESNET,
    ),
    "PaddingShortcut": (
        "The shortcut without weights: it skips pixels and fills the new channels with zeros, so that plain and "
        "residual networks have equally many parameters.",
        papers.RESNET,
    ),
    "PreActBasicBlock": (
        "Norm and activation stand before each convolution, so that nothing stands on the shortcut: while the shape "
        "stays, a block's input reaches all later blocks unchanged.",
        papers.PREACT,
    ),
    "PreActBottleneck": (
        "A bottleneck with norm and activation before each convolution, so that nothing stands on the shortcut.",
        papers.PREACT,
    ),
    "Gate": (
        "Decides number by number how much of the block and how much of the shortcut to take; in the paper's tests "
        "such gates did worse than the clean identity.",
        papers.PREACT,
    ),
    "ResNeXtBlock": (
        "A bottleneck whose 3×3 convolution is split into groups: many small paths side by side, more accurate at "
        "the same cost.",
        papers.RESNEXT,
    ),
    "Inception": (
        "Looks at several scales at once: 1×1, 3×3 and 5×5 filters and a pool side by side, made affordable by 1×1 "
        "convolutions that narrow the channels first.",
        papers.GOOGLENET,
    ),
    "InceptionA": ("Several scales side by side, with the 5×5 filter also as two 3×3 ones.", papers.INCEPTION_V3),
    "InceptionB": ("Shrinks the map by strided convolutions and a pool side by side.", papers.INCEPTION_V3),
    "InceptionC": ("Splits 7×7 filters into 1×7 and 7×1, which costs far less.", papers.INCEPTION_V3),
    "InceptionD": ("Shrinks the map by strided convolutions and a pool side by side.", papers.INCEPTION_V3),
    "InceptionE": ("Spreads 3×3 filters into 1×3 and 3×1 side by side on the coarsest map.", papers.INCEPTION_V3),
    "InceptionAux": ("A second classifier halfway, used only while training.", papers.GOOGLENET),
    "InvertedResidual": (
        "Widens by 1×1, filters each channel on its own, narrows by 1×1 without an activation, and adds the narrow "
        "input back: the opposite of a bottleneck.",
        papers.MOBILENET_V2,
    ),
    "mobilenetv3.InvertedResidual": (
        "MobileNetV2's block, in places with a squeeze-and-excitation gate and hard-swish, as a search chose them.",
        papers.MOBILENET_V3,
    ),
    "shufflenetv2.InvertedResidual": (
        "Passes half of the channels on untouched, works on the other half, and shuffles both together.",
        papers.SHUFFLENET_V2,
    ),
    "_InvertedResidual": ("MobileNetV2's block, with sizes chosen by a search on a phone.", papers.MNASNET),
    "DepthwiseSeparableConv": (
        "A filter for each channel alone, then a 1×1 convolution that mixes them: nearly a full convolution, cheaper.",
        papers.MOBILENET,
    ),
    "MBConv": (
        "MobileNetV2's inverted residual with a squeeze-and-excitation gate: EfficientNet is built of these.",
        papers.EFFICIENTNET,
    ),
    "FusedMBConv": (
        "MBConv with its first two convolutions fused to one full 3×3, which runs faster in early stages although it "
        "counts more multiply-adds.",
        papers.EFFICIENTNET_V2,
    ),
    "SqueezeExcitation": (
        "Averages each channel over the whole image and lets two small layers decide how much of each channel to keep.",
        papers.SENET,
    ),
    "SEBasicBlock": ("A basic block that weighs its channels before its input is added back.", papers.SENET),
    "SEBottleneck": ("A bottleneck that weighs its channels before its input is added back.", papers.SENET),
    "ChannelShuffle": (
        "Interleaves the channels of the branches, so that what one has learned reaches the other.",
        papers.SHUFFLENET,
    ),
    "ShuffleUnit": (
        "Passes half of the channels on untouched, works on the other half, and shuffles both together.",
        papers.SHUFFLENET_V2,
    ),
    "DownsampleUnit": (
        "Two branches that both see all channels halve the map; side by side they double the channels.",
        papers.SHUFFLENET_V2,
    ),
    "_DenseLayer": (
        "Reads everything computed before it in its dense block and adds a few channels of its own.",
        papers.DENSENET,
    ),
    "_DenseBlock": (
        "Layers that each read the outputs of all layers before them: features are reused.",
        papers.DENSENET,
    ),
    "_Transition": (
        "Narrows the channels by a 1×1 convolution and halves the map between dense blocks.",
        papers.DENSENET,
    ),
    "Fire": (
        "A 1×1 convolution squeezes the channels, then 1×1 and 3×3 filters expand them side by side: few weights.",
        papers.SQUEEZENET,
    ),
    "ResBottleneckBlock": (
        "A residual bottleneck with a grouped 3×3 convolution; its widths follow a simple rule found by comparing "
        "whole families of networks.",
        papers.REGNET,
    ),
    "CNBlock": (
        "A 7×7 filter for each channel, then a wide two-layer network at each pixel: a Transformer's block made of "
        "convolutions.",
        papers.CONVNEXT,
    ),
    "EncoderBlock": (
        "Attention lets each patch read all others, then a two-layer network works on each patch; both are added to "
        "their input.",
        papers.VIT,
    ),
    "SelfAttention": (
        "Each patch takes a weighted average of all patches, with weights it computes.",
        papers.TRANSFORMER,
    ),
    "MultiheadAttention": (
        "Several attentions side by side, each on its own share of the channels.",
        papers.TRANSFORMER,
    ),
    "MLPBlock": ("Two linear layers with a GELU between them, at each token on its own.", papers.TRANSFORMER),
    "PatchEmbed": ("Cuts the image in patches and writes each as one row of numbers.", papers.VIT),
    "PositionEmbedding": (
        "A learned vector for each place: attention alone cannot tell where a patch was.",
        papers.VIT,
    ),
    "SwinTransformerBlock": (
        "Attention inside small windows, which every other block shifts so that information crosses their borders: "
        "cost grows with the image area, not with its square.",
        papers.SWIN,
    ),
    "ShiftedWindowAttention": ("Attention among the patches of one window, shifted in every other block.", papers.SWIN),
    "PatchMerging": ("Joins each 2×2 patches to one with twice the channels: halves the map.", papers.SWIN),
    "MaxVitLayer": (
        "A convolution block, attention inside windows, then attention over a coarse grid across the image.",
        papers.MAXVIT,
    ),
    "LayerScale": (
        "Scales each channel of a block's correction by a learned number that starts small.",
        papers.LAYER_SCALE,
    ),
    "StochasticDepth": ("Skips the block for random images while training.", papers.STOCHASTIC_DEPTH),
}
