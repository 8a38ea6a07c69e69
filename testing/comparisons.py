"""Networks that are compared, by the names that the tests have for them."""

from explorer.diff.comparison import NETWORKS

PLAIN_34, RESNET_34, RESNET_50 = NETWORKS["plain-34"], NETWORKS["ResNet-34"], NETWORKS["ResNet-50"]
PREACT_34, RESNEXT_50 = NETWORKS["Pre-act ResNet-34"], NETWORKS["ResNeXt-50 32×4d"]
SE_50, VGG_16 = NETWORKS["SE-ResNet-50"], NETWORKS["VGG-16"]
MOBILENET_V2, EFFICIENTNET_B0 = NETWORKS["MobileNetV2"], NETWORKS["EfficientNet-B0"]
