"""The papers that the explanations rest on."""

from typing import NamedTuple


class Paper(NamedTuple):
    """Where a statement can be read."""

    name: str
    url: str


def arxiv(authors: str, title: str, year: int, number: str) -> Paper:
    return Paper(f"{authors}, “{title}”, {year}", f"https://arxiv.org/abs/{number}")


PYTORCH = Paper("PyTorch documentation, torch.nn", "https://docs.pytorch.org/docs/stable/nn.html")
LENET = Paper(
    "LeCun, Bottou, Bengio & Haffner, “Gradient-Based Learning Applied to Document Recognition”, 1998",
    "https://doi.org/10.1109/5.726791",
)
ALEXNET = Paper(
    "Krizhevsky, Sutskever & Hinton, “ImageNet Classification with Deep Convolutional Neural Networks”, 2012",
    "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
)
DROPOUT = Paper(
    "Srivastava et al., “Dropout: A Simple Way to Prevent Neural Networks from Overfitting”, 2014",
    "https://jmlr.org/papers/v15/srivastava14a.html",
)
NETWORK_IN_NETWORK = arxiv("Lin, Chen & Yan", "Network In Network", 2013, "1312.4400")
GOOGLENET = arxiv("Szegedy et al.", "Going Deeper with Convolutions", 2014, "1409.4842")
FULLY_CONVOLUTIONAL = arxiv(
    "Long, Shelhamer & Darrell", "Fully Convolutional Networks for Semantic Segmentation", 2014, "1411.4038"
)
BATCH_NORM = arxiv(
    "Ioffe & Szegedy",
    "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
    2015,
    "1502.03167",
)
DILATED = arxiv("Yu & Koltun", "Multi-Scale Context Aggregation by Dilated Convolutions", 2015, "1511.07122")
INCEPTION_V3 = arxiv("Szegedy et al.", "Rethinking the Inception Architecture for Computer Vision", 2015, "1512.00567")
RESNET = arxiv("He, Zhang, Ren & Sun", "Deep Residual Learning for Image Recognition", 2015, "1512.03385")
SQUEEZENET = arxiv("Iandola et al.", "SqueezeNet: AlexNet-Level Accuracy with 50× Fewer Parameters", 2016, "1602.07360")
PREACT = arxiv("He, Zhang, Ren & Sun", "Identity Mappings in Deep Residual Networks", 2016, "1603.05027")
STOCHASTIC_DEPTH = arxiv("Huang et al.", "Deep Networks with Stochastic Depth", 2016, "1603.09382")
GELU = arxiv("Hendrycks & Gimpel", "Gaussian Error Linear Units (GELUs)", 2016, "1606.08415")
LAYER_NORM = arxiv("Ba, Kiros & Hinton", "Layer Normalization", 2016, "1607.06450")
DENSENET = arxiv(
    "Huang, Liu, van der Maaten & Weinberger", "Densely Connected Convolutional Networks", 2016, "1608.06993"
)
RESNEXT = arxiv("Xie et al.", "Aggregated Residual Transformations for Deep Neural Networks", 2016, "1611.05431")
SILU = arxiv(
    "Elfwing, Uchibe & Doya",
    "Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning",
    2017,
    "1702.03118",
)
MOBILENET = arxiv(
    "Howard et al.", "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017,
    "1704.04861",
)  # fmt: skip
TRANSFORMER = arxiv("Vaswani et al.", "Attention Is All You Need", 2017, "1706.03762")
SHUFFLENET = arxiv(
    "Zhang, Zhou, Lin & Sun", "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices",
    2017, "1707.01083",
)  # fmt: skip
SENET = arxiv("Hu, Shen & Sun", "Squeeze-and-Excitation Networks", 2017, "1709.01507")
MOBILENET_V2 = arxiv("Sandler et al.", "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, "1801.04381")
GROUP_NORM = arxiv("Wu & He", "Group Normalization", 2018, "1803.08494")
SHUFFLENET_V2 = arxiv(
    "Ma, Zhang, Zheng & Sun", "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", 2018,
    "1807.11164",
)  # fmt: skip
MNASNET = arxiv("Tan et al.", "MnasNet: Platform-Aware Neural Architecture Search for Mobile", 2018, "1807.11626")
MOBILENET_V3 = arxiv("Howard et al.", "Searching for MobileNetV3", 2019, "1905.02244")
EFFICIENTNET = arxiv(
    "Tan & Le", "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019, "1905.11946"
)
REGNET = arxiv("Radosavovic et al.", "Designing Network Design Spaces", 2020, "2003.13678")
VIT = arxiv(
    "Dosovitskiy et al.", "An Image Is Worth 16×16 Words: Transformers for Image Recognition at Scale", 2020,
    "2010.11929",
)  # fmt: skip
SWIN = arxiv(
    "Liu et al.", "Swin Transformer: Hierarchical Vision Transformer Using Shifted Windows", 2021, "2103.14030"
)
LAYER_SCALE = arxiv("Touvron et al.", "Going Deeper with Image Transformers", 2021, "2103.17239")
EFFICIENTNET_V2 = arxiv("Tan & Le", "EfficientNetV2: Smaller Models and Faster Training", 2021, "2104.00298")
CONVNEXT = arxiv("Liu et al.", "A ConvNet for the 2020s", 2022, "2201.03545")
MAXVIT = arxiv("Tu et al.", "MaxViT: Multi-Axis Vision Transformer", 2022, "2204.01697")
