// title: One ExternalId for several vendors, or one that anyone would guess
// answers: Which roles ask outside accounts for an ExternalId that another, unrelated account is asked
//    for too, or that is an account id, a name, empty or a wildcard.
// column role: the role
// column account_id: its account
// column from_id: the outside account or the principal there
// column external_id: shared or guessable
// column verdict: yes, conditional, dormant or unknown
// column guards: what guards the trust, in words
// severity: medium: the ExternalId keeps no other customer of the vendor out
// needs: iam:role, org:account
// fix: Have each vendor make a random ExternalId of its own for each of your accounts.
MATCH (a)-[r:CAN_ASSUME]->(role)
WHERE any(g IN coalesce(r.guards, []) WHERE g STARTS WITH 'external-id shared'
          OR g STARTS WITH 'external-id guessable')
RETURN role.id AS role, role.account_id AS account_id, a.id AS from_id,
       [g IN r.guards WHERE g STARTS WITH 'external-id ' | split(substring(g, 12), ':')[0]][0]
         AS external_id,
       r.verdict AS verdict, r.guards AS guards
ORDER BY role, from_id
