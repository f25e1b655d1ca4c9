"""Recordings to text: a plain library on an audio file. `channels.transcribe_file(path, load_engine(settings))`.

Nothing is imported here: what redacts text, in the web process too, loads no sound library and no engine.
"""
