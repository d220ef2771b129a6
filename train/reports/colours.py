"""The colours of charts and montages."""

RELEVANT = "#0f766e"  # green: of the query's class
IRRELEVANT = "#c2410c"  # orange: of another class
MUTED = "#94a3b8"
TEXT = "#1e293b"
