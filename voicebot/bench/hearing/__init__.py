"""Measurements of hearing, on sound that the project makes itself and on calls with human transcripts."""
