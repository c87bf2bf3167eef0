// title: Keys that every account may use
// answers: Which KMS keys any AWS account may use, and for what: what is encrypted with them, snapshots
//    and images among it, is readable by whoever gets hold of it.
// column source: who may use the key
// column key: the key
// column account_id: its account
// column region: its region
// column level: read, write or admin
// column actions: the actions granted
// column verdict: yes, conditional, dormant or unknown
// column conditions: what the key policy asks for
// column guards: what guards it, in words
// severity: critical: every account of AWS uses the key
// needs: kms:key
// fix: Name the accounts that need the key, or require aws:PrincipalOrgID, in the key policy.
MATCH (s)-[r:CAN_ACCESS]->(k:KMSKey)
WHERE any(l IN labels(s) WHERE l IN ['Internet', 'AnyAWSPrincipal', 'AnyAWSAccount', 'AnyAccountVia'])
RETURN s.id AS source, k.id AS key, k.account_id AS account_id, k.region AS region,
       r.level AS level, coalesce(r.actions, []) AS actions, r.verdict AS verdict,
       coalesce(r.conditions, []) AS conditions, coalesce(r.guards, []) AS guards
ORDER BY source, key
