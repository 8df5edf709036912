"""Points, boxes and miles on the globe."""
