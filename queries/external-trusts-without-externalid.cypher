// title: Outside accounts that need no ExternalId
// answers: Which roles an outside account may assume without an ExternalId: a vendor's other
//    customers might make it act on this account (the confused deputy).
// column account: id of the outside account
// column vendor: its name where it is known
// column role: the role
// column account_id: the role's account
// column verdict: yes, conditional, dormant or unknown
// column conditions: what else the trust asks for
// column guards: what guards the trust, in words
// severity: high: for vendors; a partner without multi-tenant service is less exposed
// needs: iam:role
// fix: Agree on an ExternalId with the vendor and require it in the trust policy.
MATCH (x:ExternalAccount)-[r:CAN_ASSUME]->(role)
WHERE none(c IN coalesce(r.conditions, []) WHERE c STARTS WITH 'secret:sts:ExternalId')
  AND coalesce(x.vendor_kind, '') <> 'aws-service'
RETURN x.id AS account, x.vendor AS vendor, role.id AS role, role.account_id AS account_id,
       r.verdict AS verdict, coalesce(r.conditions, []) AS conditions,
       coalesce(r.guards, []) AS guards
ORDER BY account, role
