"""Fields on voxel grids: heat, damage, tissue properties. Plain SI arrays; nothing here knows a patient."""
