"""The two ways in: straight needle paths, arterial trees and territories."""
