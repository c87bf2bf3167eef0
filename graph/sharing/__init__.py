"""Who outside reaches a resource by its own policy, ACL, URL, share or permission list.

Policies are evaluated by ``graph.iam``; this package knows which settings of each service stand
beside them (Block Public Access, ownership, URL authentication, regional sharing blocks).
"""

from graph.sharing.access import access_judgements

__all__ = ["access_judgements"]
