"""The ways in and out, a module or folder each: what comes in becomes an intake, what goes out is sent."""
