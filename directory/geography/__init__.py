"""Geometry on the globe: points, bounding boxes, distances in miles and map projections."""
