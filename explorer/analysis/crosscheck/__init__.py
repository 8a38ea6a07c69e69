"""The same counts by thop, torchinfo, torch and torchvision, and the reasons where they differ."""
