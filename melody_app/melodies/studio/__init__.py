"""The music of the standard catalogue: instruments, notation, scores, mixing.

Used by compose.py alone, by hand; the service plays the files that it made.
"""
