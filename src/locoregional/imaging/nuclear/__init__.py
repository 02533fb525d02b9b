"""Nuclear medicine: activity in patient space, from PET, SPECT and planar images."""
