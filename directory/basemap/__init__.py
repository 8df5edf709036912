"""The generated basemap: vector tiles for the browser, and an SVG map drawn by the server."""
