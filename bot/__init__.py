"""Pana (пана, پناه: shelter): what refugees in Kazakhstan may do, told on Telegram in four languages."""

__version__ = "0.1.0"
