"""Simulated people: volunteers with phones, coordinators and headquarters, who speak nothing but HTTP.

They live in `bench`, beside the product and not in it: the demo's tour and the benchmarks drive an installation from
outside, as phones and browsers do, and nothing below `api` may depend on them. `sampark demo` starts the tour as a
program of its own, so no room of the house imports this one.
"""
