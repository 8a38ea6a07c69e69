"""The training loop that tutorials teach: pictures one by one through PIL, a `DataLoader`, and the plain steps."""

from collections.abc import Callable, Iterator

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as Pictures
from torchvision import transforms

from explorer.datasets.dataset import Dataset
from explorer.models.spec import build
from explorer.training.plan import Plan, fitted

WORKERS = 2


class Pairs(Pictures):
    """As torchvision's `CIFAR10` keeps and gives them."""

    def __init__(self, dataset: Dataset, transform: Callable[[Image.Image], Tensor]) -> None:
        self.data = dataset.train.images.permute(0, 2, 3, 1).contiguous().numpy()  # (N, H, W, C)
        self.targets = dataset.train.labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.data[index])), self.targets[index]


def transform(plan: Plan, dataset: Dataset) -> Callable[[Image.Image], Tensor]:
    size = plan.recipe.size or dataset.shape[1]
    means, deviations = dataset.train.mean_and_std()
    moves = [transforms.RandomCrop(size, padding=4), transforms.RandomHorizontalFlip()]
    return transforms.Compose(
        [
            *([transforms.Resize(size)] if size != dataset.shape[1] else []),
            *(moves if plan.recipe.augment == "crop+flip" else []),
            transforms.ToTensor(),
            transforms.Normalize(means, deviations),
        ]
    )


def usual_losses(plan: Plan, dataset: Dataset) -> Iterator[float]:
    """Of one batch after another, for ever."""
    recipe, size = plan.recipe, plan.recipe.size or dataset.shape[1]
    pairs = Pairs(dataset, transform(plan, dataset))
    loader = DataLoader(pairs, recipe.batch, shuffle=True, num_workers=WORKERS)
    model = build(fitted(plan.spec, dataset.shape[0], size, len(dataset.classes))).train()
    optimiser = torch.optim.SGD(
        model.parameters(), recipe.rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay
    )
    while True:
        for images, labels in loader:
            optimiser.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimiser.step()
            yield loss.item()
