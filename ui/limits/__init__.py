"""Bounds on what strangers may use: places in queues, memory, the disk; and each visitor's share of them."""
