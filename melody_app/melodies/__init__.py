"""The melody library: catalogue, upload, audio.

Keep this file free of imports: the decoding child imports this folder as its
own top-level package, and must not load the web application with it (that
would cost every upload more than a second of processor time).
"""
