"""The newcomer's tour: a campaign from import to report, played by the fleet on a running installation, and judged.

`sampark demo` starts an installation and this program beside it. Everything is asked over HTTP; only the judge also
looks into the database, and the operator's commands are those of `sampark`.
"""
