"""Programs for working on this project; the ones without a suffix are run by hand or by make."""
