"""The way through the arteries: tree, flow, territories, feeders, catheter tips."""
