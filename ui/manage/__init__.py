"""Collections that the operator makes from the page, of folders of this machine: with `--manage` alone."""
