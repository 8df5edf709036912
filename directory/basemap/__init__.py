"""The basemap: the generated map behind the pins, as tiles and as a drawing."""
