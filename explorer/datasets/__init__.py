"""Datasets: pictures held as two tensors, from code, from torchvision or from a folder."""
