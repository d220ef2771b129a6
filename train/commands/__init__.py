"""The commands of `python -m train`: each a module with HELP, `add_options` and `run`.

They are light to import, so that `--help` is quick; what a command needs is imported when it runs.
"""
