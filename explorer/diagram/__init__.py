"""From a graph to its picture: boxes and labels, Graphviz, coordinates, SVG."""
