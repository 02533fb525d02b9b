"""Absorbed dose of a beta emitter on a voxel grid."""
