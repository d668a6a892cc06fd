"""The composition root: the only place where the parts of Punctual are put together.

One small root for each function of the deployment, so that a process loads what it needs and nothing else: `requests`
(the API and the pages), `coordinator`, `dispatcher`, `worker` and `auditor`. `whole` has them all, for one machine and
for tests. This file stays empty: whoever imports a root imports it too.
"""
