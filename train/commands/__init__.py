"""The commands of `python -m train`: each a module with HELP, `add_options` and `run`.

What takes seconds to import is imported when a command runs, so that `--help` is quick.
"""
