"""How much of a tumour's blood supply an embolization closed, measured on angiograms or on CT."""
