"""What kind of thing each of PyTorch's layers and functions is: what it is drawn, counted and explained as."""

from collections.abc import Iterable


def each_dimension(*names: str) -> Iterable[str]:
    """ "Conv" stands for Conv1d, Conv2d and Conv3d, "conv" for the functions."""
    return (f"{name}{number}d" for name in names for number in (1, 2, 3))


# By the exact names of classes and functions, the latter without the underscores around them: a part of a name says
# nothing ("scatter" puts nothing side by side, though it has "cat" in it). What stands nowhere here is "other".
KINDS: dict[str, tuple[str, ...]] = {
    "input": ("Input",),
    "dropout": (
        *("Dropout", *each_dimension("Dropout", "dropout"), "AlphaDropout", "FeatureAlphaDropout"),
        *("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout", "native_dropout"),
    ),
    "attention": ("MultiheadAttention", "multi_head_attention_forward", "scaled_dot_product_attention"),
    "pool": (
        *each_dimension("AdaptiveAvgPool", "AdaptiveMaxPool", "AvgPool", "MaxPool", "MaxUnpool", "LPPool"),
        *each_dimension("adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "max_pool", "max_unpool", "lp_pool"),
        *(f"{name}_with_indices" for name in each_dimension("adaptive_max_pool", "max_pool")),
        *("FractionalMaxPool2d", "FractionalMaxPool3d", "fractional_max_pool2d", "fractional_max_pool3d"),
        *("fractional_max_pool2d_with_indices", "fractional_max_pool3d_with_indices", "mean", "nanmean"),
        *("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d", "interpolate"),
        *("upsample", "upsample_nearest", "upsample_bilinear"),
    ),
    "norm": (
        *each_dimension("BatchNorm", "InstanceNorm"),
        *("GroupNorm", "LayerNorm", "LocalResponseNorm", "CrossMapLRN2d", "RMSNorm", "SyncBatchNorm"),
        *("batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "rms_norm", "normalize"),
        *("native_batch_norm", "native_group_norm", "native_layer_norm"),
    ),
    "convolution": (
        *each_dimension("Conv", "ConvTranspose", "conv", "conv_transpose"),
        *("conv_tbc", "convolution", "deform_conv2d"),
    ),
    "activation": (
        *("ReLU", "ReLU6", "LeakyReLU", "PReLU", "RReLU", "ELU", "CELU", "SELU", "GELU", "SiLU", "Mish", "Softplus"),
        *("Hardswish", "Hardsigmoid", "Hardtanh", "Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink"),
        *("Softmax", "Softmax2d", "LogSoftmax", "Softmin", "Softsign", "Softshrink", "Hardshrink", "Threshold", "GLU"),
        *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "celu", "selu", "gelu", "silu", "mish", "softplus"),
        *("hardswish", "hardsigmoid", "hardtanh", "sigmoid", "logsigmoid", "log_sigmoid", "tanh", "tanhshrink"),
        *("softmax", "log_softmax", "gumbel_softmax", "clamp", "clamp_min", "clamp_max", "glu"),
        *("softmin", "softsign", "softshrink", "hardshrink", "threshold"),
    ),
    "concatenation": (
        *("cat", "concat", "concatenate", "stack", "hstack", "vstack", "dstack", "column_stack", "row_stack"),
    ),
    "linear": (
        *("Linear", "NonDynamicallyQuantizableLinear", "Bilinear", "Embedding", "EmbeddingBag"),
        *("RNN", "RNNCell", "LSTM", "LSTMCell", "GRU", "GRUCell", "linear", "bilinear", "embedding", "embedding_bag"),
        *("rnn_tanh", "rnn_relu", "rnn_tanh_cell", "rnn_relu_cell", "lstm", "lstm_cell", "gru", "gru_cell"),
        *("matmul", "rmatmul", "linalg_matmul", "bmm", "baddbmm", "addbmm", "addmm", "einsum", "chain_matmul"),
    ),
    "addition": ("add", "iadd", "radd", "sub", "isub", "rsub", "subtract", "addcmul", "addcdiv", "index_add"),
    "multiplication": (
        *("mul", "imul", "rmul", "multiply", "div", "idiv", "rdiv", "divide", "truediv", "rtruediv", "true_divide"),
        *("floordiv", "ifloordiv", "rfloordiv", "floor_divide", "itruediv"),
    ),
    "reshape": (
        *("Identity", "Flatten", "Unflatten", "Fold", "Unfold", "ChannelShuffle", "PixelShuffle", "PixelUnshuffle"),
        *each_dimension("CircularPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "ZeroPad"),
        *("flatten", "unflatten", "reshape", "reshape_as", "view", "view_as", "view_as_real", "view_as_complex"),
        *("permute", "transpose", "swapaxes", "movedim", "squeeze", "unsqueeze", "expand", "expand_as"),
        *("contiguous", "clone"),
        *("chunk", "unsafe_chunk", "split", "split_with_sizes", "unsafe_split", "unsafe_split_with_sizes"),
        *("tensor_split", "hsplit", "vsplit", "dsplit", "unbind", "getitem", "select", "index_select", "narrow"),
        *("masked_select", "narrow_copy", "repeat", "repeat_interleave", "fold", "unfold", "pad", "constant_pad_nd"),
        *("channel_shuffle", "native_channel_shuffle", "pixel_shuffle", "pixel_unshuffle", "roll", "type_as"),
    ),
}
KIND_BY_NAME = {name: kind for kind, names in KINDS.items() for name in names}


def op_kind(name: str) -> str:
    """One of the keys of `KINDS`, or "other"."""
    return KIND_BY_NAME.get(name, "other")


def torch_base(cls: type) -> str:
    """The layer of PyTorch's that a class is, or that it is derived from; empty for all that are not."""
    found = (base.__name__ for base in cls.__mro__ if base.__module__.startswith("torch.nn.modules"))
    return next((name for name in found if name in KIND_BY_NAME), "")
