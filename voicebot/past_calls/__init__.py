"""Past calls of another call tracker: read from its export, and sent through the same pipeline."""
