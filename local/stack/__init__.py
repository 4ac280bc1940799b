# SPDX-License-Identifier: Apache-2.0
"""The orchestrator behind `make run`, `make up`, `make status` and `make down`; see ../stack.py.

settings     what the user asked for            parts        the table of processes and their environments
process      one process, its log and metrics   stack        starting and stopping all of them
balance      the counters that must agree       progress     showing them while they move
results      the files in S3                    foreground   `run`
background   `up`, `down`, `status`
"""
