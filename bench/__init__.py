"""Measurements and reports: figures that are printed and judged by people, never tests."""
