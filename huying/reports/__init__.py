"""Figures about the register: counted, never written."""
