"""Measurements: figures and ratios that are printed and judged by people, never tests."""
