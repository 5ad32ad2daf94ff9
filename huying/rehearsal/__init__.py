"""Stories and invented cities, played through the same two doors as everything else."""
