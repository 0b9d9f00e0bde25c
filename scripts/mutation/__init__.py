"""Break the code at random and list what the tests do not notice; ``scripts/mutants`` starts it.

A *point* is a place in the source that can be broken, a *mutant* is the code with one point
broken. Points are chosen uniformly over all points of the chosen files, so a file with twice as
many points is chosen twice as often; then one of the point's changes is chosen, uniformly as well.
The first mutants of a seed stay the same when the number grows.

A mutant runs in a throw-away copy of the tree against the tests that mirror its file: the test
file of the same name, then the folder, then the layer. The first failure ends it as noticed.
Standard library only. The checkout is read, never written.
"""
