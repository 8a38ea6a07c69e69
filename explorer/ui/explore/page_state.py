"""What the visitor looks at on the Explore page: the network, what is open in its picture, what is selected."""

from explorer.models.selection import ModelSelection, decode_selection
from explorer.ui.network_picture import NetworkPage

PAGE = NetworkPage[ModelSelection]("place", decode_selection)
arrive, current, go, publish, select = PAGE.arrive, PAGE.current, PAGE.go, PAGE.publish, PAGE.select
