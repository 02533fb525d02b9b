"""What the three thermal ablations share: needles, zones with size and band, tissue maps, plans with several applicators."""
