// title: Vendors that need no ExternalId, or a weak one
// answers: Which roles an account of a known vendor may assume without an ExternalId, or with one that
//    others may know: another customer of the vendor could make it act here (the confused deputy).
// column vendor: its name, as a sentence where only one principal of it is trusted
// column from_id: the account or the principal there that may assume the role
// column role: the role
// column account_id: the role's account
// column verdict: yes, conditional, dormant or unknown
// column external_id: not-required, guessable or shared
// column guards: what guards the trust, in words
// severity: high: a vendor serves many customers with the same account
// needs: iam:role, org:account
// fix: Require an ExternalId that the vendor made for this account alone, in the trust policy.
MATCH (a)-[r:CAN_ASSUME]->(role)
WHERE any(g IN coalesce(r.guards, []) WHERE g STARTS WITH 'account vendor')
  AND any(g IN r.guards WHERE g STARTS WITH 'external-id '
          AND NOT g STARTS WITH 'external-id required')
RETURN coalesce(a.vendor, [g IN r.guards WHERE g STARTS WITH 'account vendor' | substring(g, 16)][0])
         AS vendor,
       a.id AS from_id, role.id AS role, role.account_id AS account_id, r.verdict AS verdict,
       [g IN r.guards WHERE g STARTS WITH 'external-id ' | split(substring(g, 12), ':')[0]][0]
         AS external_id,
       r.guards AS guards
ORDER BY vendor, from_id, role
