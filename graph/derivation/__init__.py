"""From the engines' answers to the walked relationships of the graph."""
